// Applies the functions of rate units to numbers, and makes normal numbers of words, so that a device can be compared with the host.
// One invocation: one element of `words`; writes (tanh, sigmoid, relu) of it as f32, and the normal number of it as u32, to `results`.
// Twin: limnos_spec::rate::Activation and limnos_spec::rng::normal_quantile.
import package::common::activation;
import package::common::normal;

override WG: u32 = 64u;

@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> results: array<vec4<f32>>;

@compute @workgroup_size(WG)
fn activation_probe(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= arrayLength(&words) || i >= arrayLength(&results) {
        return;
    }
    let a = bitcast<f32>(words[i]);
    results[i] = vec4<f32>(activated(ACTIVATION_TANH, a), activated(ACTIVATION_SIGMOID, a), relu_f32(a), normal_f32(words[i]));
}
