//! Fixed point and random numbers: the device computes what the host computes, word for word.

use limnos_spec::twin::stdp::{self, Bounds, ChangeFactors};
use limnos_spec::{fixed, rng};

use crate::Test;
use crate::harness::gpu;

pub const TESTS: &[Test] = &[
    ("fixed_point_equals_the_twin_on_edges", fixed_point_equals_the_twin_on_edges),
    ("fixed_point_equals_the_twin_at_random", fixed_point_equals_the_twin_at_random),
    ("one_wrong_word_is_found", one_wrong_word_is_found),
    ("plasticity_equals_the_twin_on_edges", plasticity_equals_the_twin_on_edges),
    ("plasticity_equals_the_twin_at_random", plasticity_equals_the_twin_at_random),
    ("one_wrong_word_of_plasticity_is_found", one_wrong_word_of_plasticity_is_found),
    ("philox_gives_the_known_answers", philox_gives_the_known_answers),
    ("philox_equals_the_twin_at_random", philox_equals_the_twin_at_random),
];

const WORKGROUP_SIZES: [f64; 3] = [32.0, 64.0, 256.0];

/// Words around every power of two and at the ends of the range, where carries and signs go wrong.
fn edges() -> Vec<i32> {
    let mut edges = vec![i32::MIN, i32::MAX, 0x5555_5555, 0x2aaa_aaaa, -0x5555_5555, 0x7fff_0000, 0x0001_ffff];
    for power in [0, 1, 2, 7, 8, 14, 15, 16, 17, 23, 24, 29, 30] {
        let bit = 1i32 << power;
        edges.extend([bit - 1, bit, bit + 1, -bit, 1 - bit, -bit - 1]);
    }
    edges.extend([i32::MIN + 1, i32::MAX - 1]);
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// `count` words from the host's generator.
fn random_words(count: usize, seed: u32) -> impl Iterator<Item = u32> {
    (0..count.div_ceil(4) as u32).flat_map(move |block| rng::philox([block, 0, 0, 0], [seed, 0])).take(count)
}

/// What `fixed_probe` writes for a pair.
fn twin(&[v, k]: &[i32; 2]) -> [i32; 4] {
    [fixed::mul_q31(v, k), fixed::trunc_decay(v, k), fixed::sat_add(v, k), 0]
}

/// The first pair on which device and host differ, with both results.
type Difference = ([i32; 2], [i32; 4], [i32; 4]);

fn first_difference(pairs: &[[i32; 2]], words: &[u32], twin: impl Fn(&[i32; 2]) -> [i32; 4]) -> Option<Difference> {
    let results: &[[i32; 4]] = bytemuck::cast_slice(words);
    assert_eq!(results.len(), pairs.len());
    let both = pairs.iter().zip(results).map(|(pair, device)| (*pair, *device, twin(pair)));
    both.into_iter().find(|(_, device, host)| device != host)
}

fn on_device(pairs: &[[i32; 2]], workgroup: f64) -> Vec<u32> {
    let bytes = bytemuck::cast_slice(pairs);
    gpu().run("kernels/fixed_probe", &[("WG", workgroup)], &[bytes], 4 * pairs.len(), pairs.len() as u32)
}

fn fixed_point_equals_the_twin_on_edges() {
    let edges = edges();
    assert!(edges.len() >= 60, "{}", edges.len());
    let pairs: Vec<[i32; 2]> = edges.iter().flat_map(|v| edges.iter().map(|k| [*v, *k])).collect();
    for workgroup in WORKGROUP_SIZES {
        let difference = first_difference(&pairs, &on_device(&pairs, workgroup), twin);
        assert_eq!(difference, None, "(pair, device, host), workgroup {workgroup}");
    }
}

fn fixed_point_equals_the_twin_at_random() {
    let words: Vec<i32> = random_words(1 << 21, 1).map(|word| word as i32).collect();
    let pairs: &[[i32; 2]] = bytemuck::cast_slice(&words);
    // Small values too: a shift that depends on the pair makes every magnitude common.
    let shrunk: Vec<[i32; 2]> = pairs.iter().enumerate().map(|(i, [v, k])| [v >> (i % 32), *k]).collect();
    for pairs in [pairs, shrunk.as_slice()] {
        assert_eq!(first_difference(pairs, &on_device(pairs, 64.0), twin), None, "(pair, device, host)");
    }
}

/// The comparison can fail: on one flipped bit, and on a twin with another rounding.
fn one_wrong_word_is_found() {
    let words: Vec<i32> = random_words(2000, 2).map(|word| word as i32).collect();
    let pairs: &[[i32; 2]] = bytemuck::cast_slice(&words);
    let right = on_device(pairs, 64.0);
    assert_eq!(first_difference(pairs, &right, twin), None);
    let mut wrong = right.clone();
    wrong[4 * 777 + 1] ^= 1;
    assert_eq!(first_difference(pairs, &wrong, twin).map(|found| found.0), Some(pairs[777]));
    let floor = |pair: &[i32; 2]| {
        let [_, decay, sum, _] = twin(pair);
        [((i64::from(pair[0]) * i64::from(pair[1])) >> 31) as i32, decay, sum, 0]
    };
    assert!(first_difference(pairs, &right, floor).is_some());
}

/// A tuple of `stdp_probe`: two factors, a shift, a limit; a weight, its bounds, a change.
type Item = [i32; 8];

/// A tuple from any words: its shift is 1 to 62, its limit 0 or more, its weight within bounds below 2^29.
fn item([a, b, shift, limit, weight, low, high, change]: Item) -> Item {
    let (low, high) = ((low >> 2).min(high >> 2), (low >> 2).max(high >> 2));
    let shift = (shift as u32 % 62 + 1) as i32;
    [a, b, shift, limit & i32::MAX, (weight >> 2).clamp(low, high), low, high, change >> 2]
}

/// What `stdp_probe` writes for a tuple.
fn stdp_twin(&[a, b, shift, limit, weight, low, high, change]: &Item) -> Item {
    let (shift, bounds, a_size) = (shift as u32, Bounds { low, high }, a & i32::MAX);
    let factors = ChangeFactors { shift, limit, negative: a < 0 };
    [
        fixed::mul_shift(a, b, shift, limit),
        fixed::round_shift(a, shift & 31),
        stdp::decayed(a_size, limit),
        stdp::filtered(a_size, limit, b >> 8),
        stdp::additive(weight, change, b >> 3, bounds),
        stdp::multiplicative(weight, a, b, bounds),
        stdp::graded(weight, a_size, shift & 15),
        stdp::change(stdp::modulated(a >> 1, b >> 1), limit, factors),
    ]
}

fn stdp_on_device(items: &[Item], workgroup: f64) -> Vec<Item> {
    let bytes = bytemuck::cast_slice(items);
    let words = gpu().run("kernels/stdp_probe", &[("WG", workgroup)], &[bytes], 8 * items.len(), items.len() as u32);
    bytemuck::cast_slice(&words).to_vec()
}

/// The first tuple on which device and host differ, with both results.
fn stdp_difference(items: &[Item], found: &[Item]) -> Option<(Item, Item, Item)> {
    let both = items.iter().zip(found).map(|(item, found)| (*item, *found, stdp_twin(item)));
    both.into_iter().find(|(_, device, host)| device != host)
}

fn plasticity_equals_the_twin_on_edges() {
    let edges = edges();
    let pairs = edges.iter().flat_map(|a| edges.iter().map(move |b| [*a, *b]));
    // Each pair with one shift after another, and with limits, weights and bounds taken from the edges in turn.
    let items: Vec<Item> = pairs
        .enumerate()
        .flat_map(|(k, [a, b])| {
            let edge = |i: usize| edges[(7 * k + i) % edges.len()];
            let some =
                move |shift: usize| item([a, b, shift as i32, edge(3), edge(11), edge(29), edge(31), edge(k % 60)]);
            [some(k % 62), some((k / 62 + 31) % 62), some(23), some(0), some(61)]
        })
        .collect();
    for workgroup in WORKGROUP_SIZES {
        let difference = stdp_difference(&items, &stdp_on_device(&items, workgroup));
        assert_eq!(difference, None, "(tuple, device, host), workgroup {workgroup}");
    }
}

fn plasticity_equals_the_twin_at_random() {
    let words: Vec<i32> = random_words(8 << 18, 4).map(|word| word as i32).collect();
    let shrunk = |(i, [a, b, rest @ ..]): (usize, &Item)| {
        let [shift, limit, weight, low, high, change] = *rest;
        let by = [i % 32, i / 32 % 32, i / 64 % 32, i / 96 % 32];
        item([
            a >> by[0],
            b >> by[1],
            shift,
            limit >> by[2],
            weight >> by[3],
            low >> by[3],
            high >> by[3],
            change >> by[0],
        ])
    };
    let items: Vec<Item> = bytemuck::cast_slice::<_, Item>(&words).iter().enumerate().map(shrunk).collect();
    assert_eq!(stdp_difference(&items, &stdp_on_device(&items, 64.0)), None, "(tuple, device, host)");
}

/// The comparison can fail: on a flipped bit of any of the results.
fn one_wrong_word_of_plasticity_is_found() {
    let words: Vec<i32> = random_words(8 << 8, 5).map(|word| word as i32).collect();
    let items: Vec<Item> = bytemuck::cast_slice::<_, Item>(&words).iter().map(|words| item(*words)).collect();
    let right = stdp_on_device(&items, 64.0);
    assert_eq!(stdp_difference(&items, &right), None);
    for result in 0..8 {
        let mut wrong = right.clone();
        wrong[77][result] ^= 1;
        assert_eq!(stdp_difference(&items, &wrong).map(|found| found.0), Some(items[77]));
    }
}

/// A counter and a key as `rng_probe` takes them.
type Seed = [u32; 8];

fn seed(counter: [u32; 4], key: [u32; 2]) -> Seed {
    let [a, b, c, d] = counter;
    [a, b, c, d, key[0], key[1], 0, 0]
}

fn draw_on_device(seeds: &[Seed], workgroup: f64) -> Vec<[u32; 4]> {
    let bytes = bytemuck::cast_slice(seeds);
    let words = gpu().run("kernels/rng_probe", &[("WG", workgroup)], &[bytes], 4 * seeds.len(), seeds.len() as u32);
    bytemuck::cast_slice(&words).to_vec()
}

/// The known answers of Random123's test suite for philox4x32-10.
fn philox_gives_the_known_answers() {
    let seeds = [
        seed([0; 4], [0; 2]),
        seed([u32::MAX; 4], [u32::MAX; 2]),
        seed([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
    ];
    let answers = [
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ];
    for workgroup in WORKGROUP_SIZES {
        assert_eq!(draw_on_device(&seeds, workgroup), answers);
    }
}

fn philox_equals_the_twin_at_random() {
    let words: Vec<u32> = random_words(8 << 16, 3).collect();
    let seeds: &[Seed] = bytemuck::cast_slice(&words);
    let draws = draw_on_device(seeds, 64.0);
    assert_eq!(draws.len(), 1 << 16);
    for (&[a, b, c, d, key_0, key_1, ..], draw) in seeds.iter().zip(&draws) {
        assert_eq!(*draw, rng::philox([a, b, c, d], [key_0, key_1]), "counter {:?}", [a, b, c, d]);
    }
    let other_key = rng::philox([words[0], words[1], words[2], words[3]], [words[4] ^ 1, words[5]]);
    assert_ne!(draws[0], other_key, "the key matters");
}
