//! A reservoir of excitatory and inhibitory units.

use limnos_spec::Distribution;
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_tasks::SplitMix64;

use crate::Result;
use crate::error::argument;

/// A reservoir under Dale's law, in which [`EiHomeostasis`](super::EiHomeostasis) was studied (Srinivasan, Plenz, Girvan 2025, "Boosting reservoir computing with brain-inspired
/// adaptive control of E-I balance", Nature Communications):
///
/// `V_i = sum_j A^E_ij r_j - sum_j A^I_ij r_j + (W_in u)_i`, `r_i = 1 / (1 + exp(-gain (V_i - threshold)))`, without leak.
///
/// A unit hears `degree` others, `excitatory` of them excitatory. Excitatory weights have the mean `1 / (degree excitatory)`, so that they add up to 1; the inhibitory
/// ones balance them at `balance` 0 and are weaker by that part above it: negative balances are over-inhibited. The full text of the methods was not at hand; these
/// numbers follow a reimplementation of its equations.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct EiReservoir {
    /// Number of units; the first ones are excitatory.
    pub units: usize,
    /// Fraction of excitatory units, and of excitatory connections; above 0 and below 1.
    pub excitatory: f64,
    /// Units that a unit hears.
    pub degree: usize,
    /// Shift of the balance: inhibitory weights are multiplied by 1 - balance; below 1.
    pub balance: f64,
    /// Standard deviation of all weights relative to the excitatory mean.
    pub spread: f64,
    /// Slope of the activation.
    pub gain: f64,
    /// Threshold of the activation.
    pub threshold: f64,
    /// Fraction of the units that hear the inputs.
    pub input_fraction: f64,
    /// Input weights are uniform between minus and plus half of it.
    pub input_scaling: f64,
    /// Seed of all weights.
    pub seed: u64,
}

impl Default for EiReservoir {
    /// 500 units, 4 of 5 excitatory, 50 connections each, balanced, spread 0.2, gain 10, threshold 0, inputs of scaling 0.5 to 3 of 10 units.
    fn default() -> Self {
        Self {
            units: 500,
            excitatory: 0.8,
            degree: 50,
            balance: 0.0,
            spread: 0.2,
            gain: 10.0,
            threshold: 0.0,
            input_fraction: 0.3,
            input_scaling: 0.5,
            seed: 0,
        }
    }
}

impl EiReservoir {
    fn check(&self) -> Result<(usize, usize, usize)> {
        let numbers = [
            ("spread", self.spread, self.spread >= 0.0, "0 or more"),
            ("balance", self.balance, self.balance < 1.0, "below 1"),
            ("gain", self.gain, self.gain > 0.0, "above 0"),
            ("threshold", self.threshold, true, "finite"),
            ("input_fraction", self.input_fraction, (0.0..=1.0).contains(&self.input_fraction), "0 to 1"),
            ("input_scaling", self.input_scaling, true, "finite"),
            ("excitatory", self.excitatory, self.excitatory > 0.0 && self.excitatory < 1.0, "above 0 and below 1"),
        ];
        if let Some((name, value, _, allowed)) = numbers.into_iter().find(|(_, value, ok, _)| !value.is_finite() || !ok)
        {
            return Err(argument(name, value, allowed));
        }
        let excitatory = (self.excitatory * self.units as f64).round() as usize;
        let heard = (self.excitatory * self.degree as f64).round() as usize;
        if heard == 0
            || heard > excitatory
            || self.degree - heard.min(self.degree) > self.units - excitatory
            || heard >= self.degree
        {
            let found = format!("{} of {} units", self.degree, self.units);
            return Err(argument(
                "degree",
                found,
                "at least one connection of each kind, and at most as many as there are units of it",
            ));
        }
        Ok((excitatory, heard, self.degree - heard))
    }

    /// The model with so many inputs.
    ///
    /// # Errors
    /// A field outside its range, by name.
    pub fn model(&self, inputs: usize) -> Result<RateModel> {
        let (excitatory, from_excitatory, from_inhibitory) = self.check()?;
        let mean = 1.0 / (self.degree as f64 * self.excitatory);
        let sd = self.spread * mean;
        let inhibition = self.excitatory / (1.0 - self.excitatory) * mean * (1.0 - self.balance);
        let mut random = SplitMix64::new(self.seed);
        let mut entries = Vec::new();
        for i in 0..self.units {
            let hears = random.next_f64() < self.input_fraction;
            for c in 0..inputs {
                let weight = self.input_scaling * (random.next_f64() - 0.5);
                entries.extend(hears.then_some((i, c, weight)));
            }
            let kinds = [
                (0, excitatory, from_excitatory, mean, 1.0),
                (excitatory, self.units, from_inhibitory, inhibition, -1.0),
            ];
            for (first, end, count, mean, sign) in kinds {
                for j in distinct(&mut random, end - first, count) {
                    // A weight keeps the sign of its unit.
                    let weight = (mean + sd * normal(&mut random)).max(0.0);
                    entries.push((i, inputs + first + j, sign * weight));
                }
            }
        }
        let layer = RateLayer {
            gain: vec![self.gain],
            bias: vec![-self.gain * self.threshold],
            activation: Activation::Sigmoid,
            ..RateLayer::new(SparseMatrix::from_triplets(self.units, inputs + self.units, &entries)?)
        };
        Ok(RateModel::new(inputs, 0, vec![layer], self.seed)?)
    }
}

/// `count` distinct numbers below `n` (Floyd's sampling).
fn distinct(random: &mut SplitMix64, n: usize, count: usize) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(count);
    for last in n - count..n {
        let drawn = random.below(last + 1);
        chosen.push(if chosen.contains(&drawn) { last } else { drawn });
    }
    chosen
}

/// A standard normal number.
fn normal(random: &mut SplitMix64) -> f64 {
    let word = (random.next_u64() >> 32) as u32;
    Distribution::normal(0.0, 1.0).draw(0, word, 0, 0, [word, 1])
}
