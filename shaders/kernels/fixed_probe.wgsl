// Applies the fixed-point functions to pairs of words, so that a device can be compared with the host.
// One invocation: one pair (v, k) of `pairs`; writes (mul_q31, trunc_decay, sat_add, 0) to `results`.
// Twin: limnos_spec::fixed.
import package::common::fixed;

override WG: u32 = 64u;

@group(0) @binding(0) var<storage, read> pairs: array<vec2<i32>>;
@group(0) @binding(1) var<storage, read_write> results: array<vec4<i32>>;

@compute @workgroup_size(WG)
fn fixed_probe(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= arrayLength(&pairs) || i >= arrayLength(&results) {
        return;
    }
    let v = pairs[i].x;
    let k = pairs[i].y;
    results[i] = vec4<i32>(mul_q31(v, k), trunc_decay(v, k), sat_add(v, k), 0i);
}
