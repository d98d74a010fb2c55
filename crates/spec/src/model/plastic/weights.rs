//! The format of plastic weights: a binary point from their bounds and rates, and the weights before step 0.

use super::bits_below;
use crate::connect::{self, Quantisation, Synapses, Wiring};
use crate::fixed::{from_fixed, to_fixed};
use crate::plasticity::{Dependence, Inhibitory, Rate, Stdp};
use crate::twin::stdp::{Bounds, MULTIPLICATIVE_LIMIT, WEIGHT_LIMIT};
use crate::{SpecError, connect::PRECISION};

/// Fractional bits of plastic weights unless bounds or rates need others, and the most that rates can ask for.
const BITS: (u32, u32) = (24, 28);

/// Plastic weights before step 0, as whole words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeWeights {
    /// One a synapse, in row order.
    pub initial: Vec<i32>,
    /// Fractional bits.
    pub bits: u32,
    /// Bounds of weights from excitatory and from inhibitory sources.
    pub bounds: [Bounds; 2],
    /// The first inhibitory source; all sources where there is none.
    pub first_inhibitory: usize,
}

impl WholeWeights {
    /// The bounds of the weights from a source.
    #[must_use]
    pub fn bounds_of(&self, source: usize) -> Bounds {
        self.bounds[usize::from(source >= self.first_inhibitory)]
    }
}

/// Makes the synapses of a plastic projection into a population with so many fractional bits.
pub(in crate::model) fn whole_weights(
    w: &Wiring<'_>,
    stdp: &Stdp,
    membrane_bits: u32,
) -> Result<(Synapses, WholeWeights, Quantisation), SpecError> {
    let outline = weights_outline(w, stdp, membrane_bits)?;
    let (synapses, initial, quantisation) = connect::connect_whole(w, outline.bits)?;
    let weights = WholeWeights { initial, ..outline };
    check_initial(w, stdp, &synapses, &weights)?;
    Ok((synapses, weights, quantisation))
}

/// Binary point and bounds of plastic weights, without a weight.
pub(in crate::model) fn weights_outline(
    w: &Wiring<'_>,
    stdp: &Stdp,
    membrane_bits: u32,
) -> Result<WholeWeights, SpecError> {
    let bits = weight_bits(w, stdp, membrane_bits)?;
    let first_inhibitory = w.source.first_inhibitory;
    Ok(WholeWeights { initial: Vec::new(), bits, bounds: bounds(stdp, bits), first_inhibitory })
}

/// Constant rates that an additive rule must hold well.
fn constant_rates(stdp: &Stdp) -> impl Iterator<Item = f64> {
    let additive = stdp.dependence == Dependence::Additive;
    let triplet = stdp.triplet.iter().flat_map(|t| [t.a_plus, t.a_minus]);
    let rates = [stdp.a_plus, stdp.a_minus].into_iter().chain(triplet);
    rates.filter(move |_| additive).filter_map(|rate| match rate {
        Rate::Constant(a) if a != 0.0 => Some(a.abs()),
        _ => None,
    })
}

fn weight_bits(w: &Wiring<'_>, stdp: &Stdp, membrane_bits: u32) -> Result<u32, SpecError> {
    let limit = if stdp.dependence == Dependence::Additive { WEIGHT_LIMIT } else { MULTIPLICATIVE_LIMIT };
    let largest = stdp.w_min.abs().max(stdp.w_max.abs());
    let most = bits_below(largest, limit, BITS.1).filter(|&most| most >= membrane_bits).ok_or_else(|| {
        SpecError::invalid(
            format!("the larger of |w_min| and |w_max| of {}", w.name),
            format!("{largest} mV"),
            format!(
                "below {} mV for a target population with {membrane_bits} fraction_bits",
                from_fixed(limit, membrane_bits)
            ),
        )
    })?;
    // A spike's change is rounded by half a step at most.
    let coarse = |bits: u32, a: f64| 0.5 / (1u64 << bits) as f64 > PRECISION * a * stdp.trace_increment;
    let first = BITS.0.max(membrane_bits).min(most);
    let bits = (first..=most).find(|&bits| !constant_rates(stdp).any(|a| coarse(bits, a)));
    bits.ok_or_else(|| {
        let smallest = constant_rates(stdp).fold(f64::INFINITY, f64::min);
        let least = 0.5 / PRECISION / (1u64 << most) as f64 / stdp.trace_increment;
        SpecError::invalid(
            format!("the smaller rate of the plasticity of {}", w.name),
            format!("{smallest:e}"),
            format!("0, or at least {least:.1e} mV with these bounds and trace_increment, so that it is held well"),
        )
    })
}

fn bounds(stdp: &Stdp, bits: u32) -> [Bounds; 2] {
    let fixed = |v: f64| to_fixed(v, bits).expect("the bits should hold the bounds");
    let (low, high) = (fixed(stdp.w_min), fixed(stdp.w_max));
    let mirrored = Bounds { low: -high, high: -low };
    let same = Bounds { low, high };
    [same, if stdp.inhibitory == Inhibitory::Same { same } else { mirrored }]
}

fn check_initial(w: &Wiring<'_>, stdp: &Stdp, synapses: &Synapses, weights: &WholeWeights) -> Result<(), SpecError> {
    for source in 0..synapses.row_start.len() - 1 {
        let Bounds { low, high } = weights.bounds_of(source);
        let row = synapses.row_start[source]..synapses.row_start[source + 1];
        if let Some(k) = row.clone().find(|&k| !(low..=high).contains(&weights.initial[k])) {
            let mv = |v| from_fixed(v, weights.bits);
            let why = if stdp.inhibitory != Inhibitory::Same && source >= weights.first_inhibitory {
                " from an inhibitory source"
            } else {
                ""
            };
            return Err(SpecError::invalid(
                format!("weight of {}, synapse from {source} to {},", w.name, synapses.targets[k]),
                format!("{} mV", mv(weights.initial[k])),
                format!("{} to {} mV{why}, as w_min and w_max of its plasticity say", mv(low), mv(high)),
            ));
        }
    }
    Ok(())
}
