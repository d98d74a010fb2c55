//! Weights: drawn in mV, held as 16-bit mantissas with one power of two, or as one constant.

use rayon::prelude::*;

use super::draws::Draws;
use super::segments::{CHUNK, Place, chunk, places};
use super::{SynapseWeights, Weights, Wiring};
use crate::rng::{self, Purpose};
use crate::{Distribution, SpecError, fixed};

/// Largest root mean square error of held weights, relative to their root mean square.
pub const PRECISION: f64 = 1e-3;

/// How well a projection's weights are held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantisation {
    /// Step between weights that can be held, mV.
    pub step_mv: f64,
    /// Root mean square of the weights as drawn, mV.
    pub rms_mv: f64,
    /// Root mean square of the rounding errors over `rms_mv`; 0 where all weights are 0.
    pub relative_error: f64,
    /// Largest magnitude of a weight as held, mV.
    pub max_abs_mv: f64,
}

/// Root mean square of a projection's weights in mV, from their distribution alone (of given weights: of the values).
/// Clipped distributions are integrated numerically.
#[must_use]
pub fn typical_weight(w: &Wiring<'_>) -> f64 {
    match &w.projection.weights {
        Weights::Drawn(distribution) => libm::sqrt(mean_square(distribution)),
        Weights::Signed(magnitude) => magnitude.abs(),
        Weights::Dale { exc, inh } => {
            let excitatory = w.source.first_inhibitory.min(w.source.size) as f64 / w.source.size.max(1) as f64;
            libm::sqrt(excitatory * mean_square(exc) + (1.0 - excitatory) * mean_square(inh))
        }
    }
}

fn mean_square(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Constant(v) => v * v,
        Distribution::Uniform { low, high } => (low * low + low * high + high * high) / 3.0,
        Distribution::Normal { mean, sd } => mean * mean + sd * sd,
        Distribution::LogNormal { mu, sigma } => libm::exp(2.0 * (mu + sigma * sigma)),
        Distribution::Given(values) => mean_of_squares(values.iter().copied()),
        Distribution::Clipped { of, low, high } => clipped_mean_square(of, *low, *high),
    }
}

fn mean_of_squares(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0u64, 0.0), |(n, sum), v| (n + 1, sum + v * v));
    sum / count.max(1) as f64
}

const QUADRATURE: u32 = 1 << 14;

// Over equally likely values; those outside are redrawn, or, where none is inside, clamped.
fn clipped_mean_square(of: &Distribution, low: f64, high: f64) -> f64 {
    let values: Vec<f64> = match of {
        Distribution::Clipped { of, low: l, high: h } if l.max(low) <= h.min(high) => {
            return clipped_mean_square(of, l.max(low), h.min(high));
        }
        Distribution::Clipped { .. } => return low * low,
        Distribution::Given(values) => return mean_of_squares(values.iter().map(|v| v.clamp(low, high))),
        _ => (0..QUADRATURE).map(|i| of.quantile((f64::from(i) + 0.5) / f64::from(QUADRATURE))).collect(),
    };
    let inside = || values.iter().copied().filter(|v| (low..=high).contains(v));
    if inside().next().is_some() {
        mean_of_squares(inside())
    } else {
        mean_of_squares(values.iter().map(|v| v.clamp(low, high)))
    }
}

/// The weights of synapses in rows, and how well they are held.
pub(super) fn weights(
    w: &Wiring<'_>,
    row_start: &[usize],
    order: Option<&[u32]>,
    fraction_bits: u32,
) -> Result<(SynapseWeights, Quantisation), SpecError> {
    let (held, quantisation) = match constant(w) {
        Some(weight) => constant_weight(w, weight, fraction_bits)?,
        None => table(w, row_start, order, fraction_bits)?,
    };
    if quantisation.relative_error > PRECISION {
        return Err(SpecError::Precision {
            projection: w.name.into(),
            typical: quantisation.rms_mv,
            step: quantisation.step_mv,
            error: quantisation.relative_error,
            allowed: PRECISION,
        });
    }
    Ok((held, quantisation))
}

/// The weights of synapses in rows as whole words, and how well they are held.
pub(super) fn whole(
    w: &Wiring<'_>,
    row_start: &[usize],
    order: Option<&[u32]>,
    fraction_bits: u32,
) -> Result<(Vec<i32>, Quantisation), SpecError> {
    let rule = Signs::new(w, order);
    let synapses = row_start.last().copied().unwrap_or(0);
    let mut held = vec![0; synapses];
    let of_chunk = |(number, out): (usize, &mut [i32])| {
        let (mut rule, mut sums) = (rule.clone(), Sums { count: out.len(), ..Sums::default() });
        for (at, out) in places(row_start, chunk(number, synapses)).zip(out) {
            let weight = rule.weight(at);
            *out = fixed::to_fixed(weight, fraction_bits).ok_or_else(|| too_large(w, weight, fraction_bits))?;
            sums.take(weight, f64::from(*out), fixed::from_fixed(*out, fraction_bits));
        }
        Ok(sums)
    };
    // The error of the first chunk, whichever thread finds one first.
    let chunks: Vec<Result<Sums, SpecError>> = held.par_chunks_mut(CHUNK).enumerate().map(of_chunk).collect();
    let sums = chunks.into_iter().try_fold(Sums::default(), |sum, chunk| chunk.map(|chunk| sum.add(chunk)))?;
    Ok((held, sums.quantisation(unit_steps(fraction_bits))))
}

// The weight where it is the same for every synapse.
fn constant(w: &Wiring<'_>) -> Option<f64> {
    match &w.projection.weights {
        Weights::Drawn(distribution) => distribution.constant(),
        Weights::Signed(_) => None,
        Weights::Dale { exc, .. } if w.source.first_inhibitory >= w.source.size => exc.constant(),
        Weights::Dale { inh, .. } if w.source.first_inhibitory == 0 => inh.constant().map(|v| -v),
        Weights::Dale { .. } => None,
    }
}

fn unit_steps(fraction_bits: u32) -> f64 {
    (1u64 << fraction_bits) as f64
}

fn too_large(w: &Wiring<'_>, weight: f64, fraction_bits: u32) -> SpecError {
    let limit = fixed::from_fixed(i32::MAX, fraction_bits);
    SpecError::invalid(
        format!("weight of {}", w.name),
        format!("{weight} mV"),
        format!(
            "at most {limit:.1} mV with {fraction_bits} fraction_bits; lower it or give the target population fewer"
        ),
    )
}

fn constant_weight(
    w: &Wiring<'_>,
    weight: f64,
    fraction_bits: u32,
) -> Result<(SynapseWeights, Quantisation), SpecError> {
    let held = fixed::to_fixed(weight, fraction_bits).ok_or_else(|| too_large(w, weight, fraction_bits))?;
    let held_mv = fixed::from_fixed(held, fraction_bits);
    let error = if weight == 0.0 { 0.0 } else { ((held_mv - weight) / weight).abs() };
    let quantisation = Quantisation {
        step_mv: 1.0 / unit_steps(fraction_bits),
        rms_mv: weight.abs(),
        relative_error: error,
        max_abs_mv: held_mv.abs(),
    };
    Ok((SynapseWeights::Constant(held), quantisation))
}

fn table(
    w: &Wiring<'_>,
    row_start: &[usize],
    order: Option<&[u32]>,
    fraction_bits: u32,
) -> Result<(SynapseWeights, Quantisation), SpecError> {
    let rule = Signs::new(w, order);
    let synapses = row_start.last().copied().unwrap_or(0);
    let largest = largest(&rule, row_start, synapses);
    if fixed::to_fixed(largest, fraction_bits).is_none() {
        return Err(too_large(w, largest, fraction_bits));
    }
    let shift = (0..32).find(|&shift| mantissa(largest, scale(fraction_bits, shift)).abs() <= MANTISSA).unwrap_or(0);
    let scale = scale(fraction_bits, shift);
    let mut mantissas = vec![0; synapses];
    let sums = fill(&rule, row_start, scale, &mut mantissas);
    Ok((SynapseWeights::Table { mantissas, shift }, sums.quantisation(scale)))
}

const MANTISSA: f64 = i16::MAX as f64;

fn scale(fraction_bits: u32, shift: u32) -> f64 {
    unit_steps(fraction_bits) / unit_steps(shift)
}

fn mantissa(weight: f64, scale: f64) -> f64 {
    libm::round(weight * scale)
}

fn largest(rule: &Signs<'_>, row_start: &[usize], synapses: usize) -> f64 {
    let of_chunk = |number| {
        let mut rule = rule.clone();
        rule.largest(places(row_start, chunk(number, synapses)))
    };
    (0..synapses.div_ceil(CHUNK)).into_par_iter().map(of_chunk).reduce(|| 0.0, f64::max)
}

// Sums over the weights, added chunk by chunk in order.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: usize,
    squares: f64,
    errors: f64,
    largest: f64,
}

impl Sums {
    // A weight in mV, and as held in steps and in mV.
    fn take(&mut self, weight: f64, held: f64, held_mv: f64) {
        let error = held_mv - weight;
        self.squares += weight * weight;
        self.errors += error * error;
        self.largest = self.largest.max(held.abs());
    }

    fn add(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            squares: self.squares + other.squares,
            errors: self.errors + other.errors,
            largest: self.largest.max(other.largest),
        }
    }

    fn quantisation(self, scale: f64) -> Quantisation {
        let relative_error = if self.squares > 0.0 { libm::sqrt(self.errors / self.squares) } else { 0.0 };
        Quantisation {
            step_mv: 1.0 / scale,
            rms_mv: libm::sqrt(self.squares / self.count.max(1) as f64),
            relative_error,
            max_abs_mv: self.largest / scale,
        }
    }
}

fn fill(rule: &Signs<'_>, row_start: &[usize], scale: f64, mantissas: &mut [i16]) -> Sums {
    let synapses = mantissas.len();
    let of_chunk = |(number, out): (usize, &mut [i16])| {
        let (mut rule, mut sums) = (rule.clone(), Sums { count: out.len(), ..Sums::default() });
        let step = 1.0 / scale;
        for (at, out) in places(row_start, chunk(number, synapses)).zip(out) {
            let weight = rule.weight(at);
            // The largest weight fits; the clamp is for a quantile that rounds above a larger one.
            let held = mantissa(weight, scale).clamp(-MANTISSA, MANTISSA);
            *out = held as i16;
            sums.take(weight, held, held * step);
        }
        sums
    };
    let chunks: Vec<Sums> = mantissas.par_chunks_mut(CHUNK).enumerate().map(of_chunk).collect();
    chunks.into_iter().fold(Sums::default(), Sums::add)
}

// The weights of synapses, sign included.
#[derive(Clone, Debug)]
enum Signs<'a> {
    Drawn(Draws<'a>),
    Signed(f64, Draws<'a>),
    Dale { exc: Draws<'a>, inh: Draws<'a>, first_inhibitory: usize },
}

impl<'a> Signs<'a> {
    fn new(w: &Wiring<'a>, order: Option<&'a [u32]>) -> Self {
        let stream = rng::stream(Purpose::Weight, w.index, 0);
        let draws = |of| Draws::new(of, stream, w.key, order);
        match &w.projection.weights {
            Weights::Drawn(of) => Self::Drawn(draws(of)),
            Weights::Signed(magnitude) => Self::Signed(*magnitude, draws(&Distribution::Constant(0.0))),
            Weights::Dale { exc, inh } => {
                Self::Dale { exc: draws(exc), inh: draws(inh), first_inhibitory: w.source.first_inhibitory }
            }
        }
    }

    fn largest(&mut self, places: impl Iterator<Item = Place> + Clone) -> f64 {
        match self {
            Self::Drawn(draws) => draws.largest(places),
            Self::Signed(magnitude, _) => *magnitude,
            Self::Dale { exc, inh, first_inhibitory } => {
                let excitatory = |at: &Place| at.row < *first_inhibitory;
                let from_exc = exc.largest(places.clone().take_while(excitatory));
                from_exc.max(inh.largest(places.skip_while(excitatory)))
            }
        }
    }

    #[inline]
    fn weight(&mut self, at: Place) -> f64 {
        match self {
            Self::Drawn(draws) => draws.value(at),
            Self::Signed(magnitude, draws) => *magnitude * if draws.word(at) >> 31 == 0 { 1.0 } else { -1.0 },
            Self::Dale { exc, first_inhibitory, .. } if at.row < *first_inhibitory => exc.value(at),
            Self::Dale { inh, .. } => -inh.value(at),
        }
    }
}
