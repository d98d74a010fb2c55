// Draws Philox4x32-10 for given counters and keys, so that a device can be compared with the host.
// One invocation: one element of `seeds`; writes its four words to `draws`.
// Twin: limnos_spec::rng.
import package::common::rng;

override WG: u32 = 64u;

struct ProbeSeed {
    counter: vec4<u32>,
    key: vec2<u32>,
    pad: vec2<u32>,
}

@group(0) @binding(0) var<storage, read> seeds: array<ProbeSeed>;
@group(0) @binding(1) var<storage, read_write> draws: array<vec4<u32>>;

@compute @workgroup_size(WG)
fn rng_probe(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= arrayLength(&seeds) || i >= arrayLength(&draws) {
        return;
    }
    draws[i] = philox(seeds[i].counter, seeds[i].key);
}
