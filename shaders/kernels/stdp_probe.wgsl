// Applies the arithmetic of plasticity to tuples of words, so that a device can be compared with the host.
// One invocation: one tuple of `items` (two rows of four words); writes two rows to `results`.
// Twins: limnos_spec::fixed and limnos_spec::twin::stdp.
import package::common::stdp;

override WG: u32 = 64u;

@group(0) @binding(0) var<storage, read> items: array<vec4<i32>>;
@group(0) @binding(1) var<storage, read_write> results: array<vec4<i32>>;

@compute @workgroup_size(WG)
fn stdp_probe(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = 2u * id.x;
    if i + 1u >= arrayLength(&items) || i + 1u >= arrayLength(&results) {
        return;
    }
    // Two factors, a shift and a limit; then a weight within its bounds and a change.
    let p = items[i];
    let q = items[i + 1u];
    let shift = bitcast<u32>(p.z);
    results[i] = vec4<i32>(
        mul_shift(p.x, p.y, shift, p.w),
        round_shift(p.x, shift & 31u),
        decayed(p.x & 0x7fffffffi, p.w),
        filtered(p.x & 0x7fffffffi, p.w, p.y >> 8u),
    );
    results[i + 1u] = vec4<i32>(
        additive(q.x, q.w, p.y >> 3u, q.y, q.z),
        multiplicative(q.x, p.x, p.y, q.y, q.z),
        graded(q.x, p.x & 0x7fffffffi, shift & 15u),
        change_at(modulated(p.x >> 1u, p.y >> 1u), p.w, shift, p.w, p.x < 0i),
    );
}
