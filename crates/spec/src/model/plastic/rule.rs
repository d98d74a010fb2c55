//! A plasticity rule, compiled: which traces, which rates, which changes.

use super::{Line, Plastic, bits_below, intern};
use crate::fixed::{Q31_ONE, q31, to_fixed};
use crate::model::Model;
use crate::plasticity::{Dependence, Inhibitory, Pairing, Rate, Stdp};
use crate::twin::stdp::{CHANGE_LIMIT, ChangeFactors, SCALE_BITS, WEIGHT_LIMIT};
use crate::{Convention, Endpoint, Network, PopulationId, SpecError};

/// A trace of every unit of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceModel {
    /// Index of the line.
    pub line: usize,
    /// Decay a step, Q0.31.
    pub decay: i32,
    /// What an event adds (or, of nearest neighbours, sets).
    pub one: i32,
    /// Fractional bits.
    pub bits: u32,
    /// Whether only the last event counts.
    pub nearest: bool,
}

/// A rate of plasticity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateModel {
    /// Before step 0: the rate, or the factor of an astrocyte's output.
    pub initial: i32,
    /// Factor after each step, Q0.31.
    pub decay: i32,
    /// Index of the astrocyte whose output it scales.
    pub astrocyte: Option<usize>,
    /// Fractional bits of the rate as changes take it.
    pub bits: u32,
}

/// The change that a range of units makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangePart {
    /// Index of the rate.
    pub rate: usize,
    /// Binary points and sign.
    pub factors: ChangeFactors,
}

/// Changes of every unit of a trace in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeModel {
    /// Index of the trace.
    pub trace: usize,
    /// What units below `split` and what the others make.
    pub parts: [ChangePart; 2],
    /// The first inhibitory unit.
    pub split: usize,
    /// Whether it belongs to sources (else to targets): columns take it, and it is 0 for units with an event in the step.
    pub of_source: bool,
    /// Whether an event counts in its own step.
    pub after_event: bool,
}

/// How the weights of a projection change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleModel {
    /// Whether changes are Q0.31 fractions of the distance to the bound.
    pub multiplicative: bool,
    /// Index of the sources' changes: those of a weight at a spike of its target.
    pub post: usize,
    /// Indices of the targets' changes: those of a weight at an event of its excitatory or inhibitory source.
    pub pre: [usize; 2],
}

/// Compiles the rule of a projection.
pub(super) fn compile(
    plastic: &mut Plastic,
    network: &Network,
    model: &Model,
    index: usize,
    stdp: &Stdp,
    line: usize,
) -> Result<RuleModel, SpecError> {
    let projection = &model.projections[index];
    let weights = projection.plastic.as_ref().expect("a plastic projection should have whole weights");
    let compiler = Compiler { name: &projection.name, stdp, dt: network.config.dt, weight_bits: weights.bits };
    let target = &model.populations[projection.target];
    let source = Endpoint::Population(PopulationId(projection.target));
    let targets = intern(&mut plastic.lines, Line { source, first: target.first, size: target.size, delay: 0 });
    let x = intern(&mut plastic.traces, compiler.trace("tau_plus", stdp.tau_plus, line)?);
    let y = intern(&mut plastic.traces, compiler.trace("tau_minus", stdp.tau_minus, targets)?);
    let plus = compiler.rate("a_plus", stdp.a_plus, plastic)?;
    let minus = compiler.rate("a_minus", stdp.a_minus, plastic)?;
    // Rate and sign of the change at the target's spike, and at the source's event, for either kind of source.
    let [before, behind] = match stdp.inhibitory {
        Inhibitory::Same => [[(plus, false), (plus, false)], [(minus, true), (minus, true)]],
        Inhibitory::Mirrored => [[(plus, false), (plus, true)], [(minus, true), (minus, false)]],
        Inhibitory::Exchanged => [[(plus, false), (minus, true)], [(minus, true), (plus, false)]],
    };
    let part = |(rate, negative): (usize, bool), trace: usize| compiler.part(plastic, rate, trace, negative);
    let sources = plastic.lines[line].size;
    let split = weights.first_inhibitory.min(sources);
    let post = ChangeModel {
        trace: x,
        parts: [part(before[0], x)?, part(before[1], x)?],
        split,
        of_source: true,
        after_event: stdp.convention == Convention::Arrival,
    };
    let pre = |kind: usize| -> Result<ChangeModel, SpecError> {
        let part = part(behind[kind], y)?;
        Ok(ChangeModel { trace: y, parts: [part; 2], split: target.size, of_source: false, after_event: false })
    };
    let (exc, inh) = (pre(0)?, pre(usize::from(split < sources))?);
    let multiplicative = stdp.dependence == Dependence::Multiplicative;
    let changes = &mut plastic.changes;
    Ok(RuleModel { multiplicative, post: intern(changes, post), pre: [intern(changes, exc), intern(changes, inh)] })
}

struct Compiler<'a> {
    name: &'a str,
    stdp: &'a Stdp,
    dt: f64,
    weight_bits: u32,
}

impl Compiler<'_> {
    fn trace(&self, what: &str, tau: f64, line: usize) -> Result<TraceModel, SpecError> {
        let (decay, increment) = (libm::exp(-self.dt / tau), self.stdp.trace_increment);
        let nearest = self.stdp.pairing == Pairing::NearestNeighbour;
        let largest = if nearest { increment } else { increment / (1.0 - decay) + increment };
        let held = bits_below(largest, WEIGHT_LIMIT, 24).and_then(|bits| Some((bits, to_fixed(increment, bits)?)));
        let held = held.filter(|(_, one)| *one >= 500);
        let (bits, one) = held.ok_or_else(|| {
            SpecError::invalid(
                format!("trace_increment of {} with this {what}", self.name),
                increment,
                "what 24 fractional bits hold to 1e-3 and traces of the most spikes hold at all; change it or shorten the time constant",
            )
        })?;
        Ok(TraceModel { line, decay: q31(decay), one, bits, nearest })
    }

    fn rate(&self, what: &str, rate: Rate, plastic: &mut Plastic) -> Result<usize, SpecError> {
        let model = match rate {
            Rate::Constant(a) => {
                let bits = bits_below(a.abs(), WEIGHT_LIMIT, 30);
                let held = bits.and_then(|bits| Some((bits, to_fixed(a, bits)?))).ok_or_else(|| self.large(what, a))?;
                RateModel { initial: held.1, decay: q31(self.stdp.rate_decay), astrocyte: None, bits: held.0 }
            }
            Rate::ModulatedBy(id) => scaled(1 << SCALE_BITS, id.index(), plastic),
            Rate::Scaled(factor, id) => {
                let scale = to_fixed(factor, SCALE_BITS).filter(|s| s.abs() < WEIGHT_LIMIT);
                scaled(scale.ok_or_else(|| self.large(what, factor))?, id.index(), plastic)
            }
        };
        Ok(intern(&mut plastic.rates, model))
    }

    fn large(&self, what: &str, value: f64) -> SpecError {
        SpecError::invalid(format!("{what} of {}", self.name), value, "below 64 where it scales, else below 2^30")
    }

    fn part(&self, plastic: &Plastic, rate: usize, trace: usize, negative: bool) -> Result<ChangePart, SpecError> {
        let multiplicative = self.stdp.dependence == Dependence::Multiplicative;
        let bits = if multiplicative { 31 } else { self.weight_bits };
        let (rate_bits, trace_bits) = (plastic.rates[rate].bits, plastic.traces[trace].bits);
        if rate_bits + trace_bits <= bits {
            return Err(SpecError::invalid(
                format!("rates and time constants of {}", self.name),
                format!("{rate_bits} and {trace_bits} fractional bits"),
                format!("more than {bits} together; lower the rate or what modulates it, or shorten the time constant"),
            ));
        }
        let limit = if multiplicative { Q31_ONE } else { CHANGE_LIMIT };
        Ok(ChangePart { rate, factors: ChangeFactors { shift: rate_bits + trace_bits - bits, limit, negative } })
    }
}

fn scaled(initial: i32, astrocyte: usize, plastic: &Plastic) -> RateModel {
    RateModel { initial, decay: Q31_ONE, astrocyte: Some(astrocyte), bits: plastic.astrocytes[astrocyte].bits }
}
