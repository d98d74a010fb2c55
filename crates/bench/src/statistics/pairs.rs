//! Random pairs of neurons, the same in every implementation of the statistics.

/// SplitMix64 (Steele, Lea & Flood 2014): a generator that is said in three lines, so that any language can draw the same pairs.
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// A generator whose state starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// `count` pairs of two different neurons below `n`; pairs may share neurons. None where there are not two neurons.
#[must_use]
pub fn random_pairs(n: usize, count: usize, seed: u64) -> Vec<(usize, usize)> {
    let mut generator = SplitMix64::new(seed);
    let mut pair = || {
        let first = (generator.draw() % n as u64) as usize;
        let second = (generator.draw() % (n as u64 - 1)) as usize;
        (first, second + usize::from(second >= first))
    };
    if n < 2 { Vec::new() } else { (0..count).map(|_| pair()).collect() }
}
