//! Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//! SC 2011), the twin of `common/rng.wgsl`. There is no state, so no order of drawing, batch size or thread count can matter.
//!
//! The key is the seed of the network. The four counter words are `[stream and draw, row, step, sample]`; a row of
//! four-word blocks serves four neurons (or channels, or synapses): item `i` takes word `i % 4` of row `i / 4`.

const MUL_A: u32 = 0xD251_1F53;
const MUL_B: u32 = 0xCD9E_8D57;
const WEYL_A: u32 = 0x9E37_79B9;
const WEYL_B: u32 = 0xBB67_AE85;
const ROUNDS: usize = 10;

/// What a stream of draws is for; the upper four bits of the first counter word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Spikes of an input's channels.
    Source = 1,
    /// The noise drive of a population.
    Drive = 2,
    /// Parameters and initial values of neurons.
    Parameter = 3,
    /// Targets of a projection's rows.
    Target = 4,
    /// Weights of a projection's synapses.
    Weight = 5,
    /// Delays of a projection's synapses.
    Delay = 6,
    /// Permutations (positions in a grid).
    Permutation = 7,
    /// Which neurons an astrocyte watches.
    Watch = 8,
    /// Noise in the states of rate units.
    Noise = 9,
}

/// The first counter word: purpose (4 bits), object index (14 bits), draw index (14 bits).
#[inline]
#[must_use]
pub const fn stream(purpose: Purpose, object: u32, draw: u32) -> u32 {
    (purpose as u32) << 28 | (object & 0x3FFF) << 14 | (draw & 0x3FFF)
}

/// Largest number of objects of one kind that [`stream`] can tell apart.
pub const MAX_OBJECTS: usize = 1 << 14;

/// The seed as a Philox key.
#[inline]
#[must_use]
pub const fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Philox4x32-10: four independent uniform words for one counter.
#[inline(always)]
#[must_use]
pub const fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut a, mut b, mut c, mut d], [mut ka, mut kb]) = (counter, key);
    let mut round = 0;
    while round < ROUNDS {
        let p = MUL_A as u64 * a as u64;
        let q = MUL_B as u64 * c as u64;
        (a, b, c, d) = ((q >> 32) as u32 ^ b ^ ka, q as u32, (p >> 32) as u32 ^ d ^ kb, p as u32);
        ka = ka.wrapping_add(WEYL_A);
        kb = kb.wrapping_add(WEYL_B);
        round += 1;
    }
    [a, b, c, d]
}

/// Items whose words [`fill_words`] draws at a time.
pub const BLOCK: usize = 64;
const ROWS: usize = BLOCK / 4;

/// The words of items `first .. first + 64` (`first` a multiple of 4) for counter `[stream, item / 4, step, sample]`.
/// Sixteen counters run side by side, so that the compiler can use vector registers.
#[inline(always)]
pub fn fill_words(out: &mut [u32; BLOCK], stream: u32, first: u32, step: u32, sample: u32, key: [u32; 2]) {
    let mut a = [stream; ROWS];
    let mut b: [u32; ROWS] = std::array::from_fn(|i| (first / 4).wrapping_add(i as u32));
    let mut c = [step; ROWS];
    let mut d = [sample; ROWS];
    let [mut ka, mut kb] = key;
    for _ in 0..ROUNDS {
        for i in 0..ROWS {
            let p = u64::from(MUL_A) * u64::from(a[i]);
            let q = u64::from(MUL_B) * u64::from(c[i]);
            (a[i], b[i], c[i], d[i]) = ((q >> 32) as u32 ^ b[i] ^ ka, q as u32, (p >> 32) as u32 ^ d[i] ^ kb, p as u32);
        }
        ka = ka.wrapping_add(WEYL_A);
        kb = kb.wrapping_add(WEYL_B);
    }
    for i in 0..ROWS {
        out[4 * i] = a[i];
        out[4 * i + 1] = b[i];
        out[4 * i + 2] = c[i];
        out[4 * i + 3] = d[i];
    }
}

/// The word of one item, as [`fill_words`] gives it.
#[inline]
#[must_use]
pub const fn word(stream: u32, item: u32, step: u32, sample: u32, key: [u32; 2]) -> u32 {
    philox([stream, item / 4, step, sample], key)[(item % 4) as usize]
}

/// A word as a number in the open interval (0, 1), symmetric about one half.
#[inline]
#[must_use]
pub fn unit(word: u32) -> f64 {
    (f64::from(word) + 0.5) / 4_294_967_296.0
}

/// The standard normal quantile of `p` in (0, 1), accurate to about 1e-16 (Wichura, algorithm AS 241, PPND16, 1988).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRE {
        return central_quantile(q);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = libm::sqrt(-libm::log(tail));
    let x = if r <= 5.0 {
        horner(&MIDDLE_NUM, r - 1.6) / horner(&MIDDLE_DEN, r - 1.6)
    } else {
        horner(&TAIL_NUM, r - 5.0) / horner(&TAIL_DEN, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}

/// The quantiles of a block of words, as [`normal_quantile`] of their [`unit()`]s gives them; six of seven lie in the centre, whose formula has no branch and
/// runs in vector registers.
#[inline(always)]
pub fn normals(words: &[u32; BLOCK], out: &mut [f64; BLOCK]) {
    for (x, &word) in out.iter_mut().zip(words) {
        *x = central_quantile(unit(word) - 0.5);
    }
    for (x, &word) in out.iter_mut().zip(words) {
        if (unit(word) - 0.5).abs() > CENTRE {
            *x = normal_quantile(unit(word));
        }
    }
}

/// How far from one half the formula of the centre holds.
const CENTRE: f64 = 0.425;

#[inline(always)]
fn central_quantile(q: f64) -> f64 {
    let r = 0.180_625 - q * q;
    q * horner(&CENTRE_NUM, r) / horner(&CENTRE_DEN, r)
}

#[inline(always)]
fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

const CENTRE_NUM: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_DEN: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_545,
];
const MIDDLE_NUM: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const MIDDLE_DEN: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const TAIL_NUM: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const TAIL_DEN: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random123_known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn block_equals_single_words() {
        let mut block = [0; BLOCK];
        fill_words(&mut block, 7, 128, 5, 3, [11, 12]);
        for (i, &w) in block.iter().enumerate() {
            assert_eq!(w, word(7, 128 + i as u32, 5, 3, [11, 12]));
        }
    }

    #[test]
    fn a_block_of_normals_equals_single_ones() {
        let (mut words, mut normals_of) = ([0; BLOCK], [0.0; BLOCK]);
        for first in (0..6400).step_by(BLOCK) {
            fill_words(&mut words, 9, first, 1, 2, [3, 4]);
            words[7] = [0, u32::MAX, 0x8000_0000][(first / 64 % 3) as usize];
            normals(&words, &mut normals_of);
            assert!(words.iter().zip(&normals_of).all(|(&w, x)| x.to_bits() == normal_quantile(unit(w)).to_bits()));
        }
    }

    #[test]
    fn normal_quantiles_of_the_literature() {
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.001, -3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-9, "{p}: {}", normal_quantile(p));
        }
        assert!((normal_quantile(unit(0)) + normal_quantile(unit(u32::MAX))).abs() < 1e-5);
    }
}
