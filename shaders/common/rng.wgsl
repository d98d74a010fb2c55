// Philox4x32-10, a counter-based random number generator: the draw is a function of key and counter, so there is no
// state, and draws depend neither on order nor on how the work is cut up.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// Twin: limnos_spec::rng.
import package::common::wide;

const PHILOX_ROUNDS: u32 = 10u;
const PHILOX_M0: u32 = 0xd2511f53u;
const PHILOX_M1: u32 = 0xcd9e8d57u;
const PHILOX_W0: u32 = 0x9e3779b9u; // golden ratio
const PHILOX_W1: u32 = 0xbb67ae85u; // sqrt(3) - 1

// Four uniform words for that counter under that key.
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = counter;
    var k = key;
    for (var round = 0u; round < PHILOX_ROUNDS; round += 1u) {
        c = philox_round(c, k);
        k += vec2<u32>(PHILOX_W0, PHILOX_W1);
    }
    return c;
}

fn philox_round(c: vec4<u32>, k: vec2<u32>) -> vec4<u32> {
    let high_0 = mul_high_u32(PHILOX_M0, c.x);
    let high_1 = mul_high_u32(PHILOX_M1, c.z);
    return vec4<u32>(high_1 ^ c.y ^ k.x, PHILOX_M1 * c.z, high_0 ^ c.w ^ k.y, PHILOX_M0 * c.x);
}
