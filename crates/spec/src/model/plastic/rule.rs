//! A plasticity rule, compiled: which traces, which rates, which changes.

use super::{Line, Plastic, bits_below, intern};
use crate::fixed::{Q31_ONE, q31, to_fixed};
use crate::model::Model;
use crate::plasticity::{CalciumGate, Dependence, Inhibitory, Pairing, Rate, Stdp, Triplet};
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
    /// Index of the gate of its own units outside of which they change nothing.
    pub gate: Option<usize>,
}

/// A window of a unit's trace: open while `low < trace < high`, as traces are before the events of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateModel {
    /// Index of the trace.
    pub trace: usize,
    /// Below the window.
    pub low: i32,
    /// Above the window.
    pub high: i32,
}

/// Changes that a slow trace of the other side scales; they add to those of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TripletModel {
    /// Index of the sources' changes at a spike of the target, and of the target's trace that scales them.
    pub post: (usize, usize),
    /// Indices of the targets' changes at an event of an excitatory or inhibitory source, and of the source's trace that scales them.
    pub pre: ([usize; 2], usize),
    /// Fractional bits of the target's and of the source's slow trace.
    pub bits: [u32; 2],
    /// Largest magnitude of a change, alone and with that of the pair.
    pub limit: i32,
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
    /// Indices of the targets' gates for the changes at their spikes, by kind of source.
    pub gates: Option<[usize; 2]>,
    /// Changes that depend on three spikes.
    pub triplet: Option<TripletModel>,
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
    let split = weights.first_inhibitory.min(plastic.lines[line].size);
    let sides = Sides { sources: line, targets, split, size: target.size };
    let pair = Rule { part: "", taus: [stdp.tau_plus, stdp.tau_minus], rates: [stdp.a_plus, stdp.a_minus] };
    let windows = stdp.gate.map(|gate| compiler.gates(gate, targets, plastic)).transpose()?;
    let (post, pre, _) = compiler.changes(&pair, &sides, windows, plastic)?;
    let triplet = stdp.triplet.map(|t| compiler.triplet(&t, &sides, windows, plastic)).transpose()?;
    let gates = windows.map(|w| roles(stdp.inhibitory)[0].map(|(role, _)| w[role]));
    Ok(RuleModel { multiplicative: compiler.multiplicative(), post, pre, gates, triplet })
}

/// The two sides of a projection: the lines of their events, the first inhibitory source, the number of targets.
struct Sides {
    sources: usize,
    targets: usize,
    split: usize,
    size: usize,
}

/// Time constants and rates of a part of a rule: potentiation, depression.
struct Rule {
    /// How errors call it, before the name of a parameter.
    part: &'static str,
    taus: [f64; 2],
    rates: [Rate; 2],
}

/// Which rate (0: `a_plus`, 1: `a_minus`) with which sign (true: negative) is that of the change at the target's spike, and at the source's event,
/// for excitatory and inhibitory sources.
const fn roles(inhibitory: Inhibitory) -> [[(usize, bool); 2]; 2] {
    match inhibitory {
        Inhibitory::Same => [[(0, false), (0, false)], [(1, true), (1, true)]],
        Inhibitory::Mirrored => [[(0, false), (0, true)], [(1, true), (1, false)]],
        Inhibitory::Exchanged => [[(0, false), (1, true)], [(1, true), (0, false)]],
    }
}

struct Compiler<'a> {
    name: &'a str,
    stdp: &'a Stdp,
    dt: f64,
    weight_bits: u32,
}

impl Compiler<'_> {
    fn multiplicative(&self) -> bool {
        self.stdp.dependence == Dependence::Multiplicative
    }

    /// Largest magnitude of a change.
    fn limit(&self) -> i32 {
        if self.multiplicative() { Q31_ONE } else { CHANGE_LIMIT }
    }

    /// Indices of the sources' changes, of the targets' by kind of source, and of both sides' traces.
    fn changes(
        &self,
        rule: &Rule,
        sides: &Sides,
        windows: Option<[usize; 2]>,
        plastic: &mut Plastic,
    ) -> Result<(usize, [usize; 2], [usize; 2]), SpecError> {
        let x = self.trace(&format!("{}tau_plus", rule.part), rule.taus[0], sides.sources)?;
        let y = self.trace(&format!("{}tau_minus", rule.part), rule.taus[1], sides.targets)?;
        let [x, y] = [x, y].map(|trace| intern(&mut plastic.traces, trace));
        let plus = self.rate(&format!("{}a_plus", rule.part), rule.rates[0], plastic)?;
        let rates = [plus, self.rate(&format!("{}a_minus", rule.part), rule.rates[1], plastic)?];
        let [before, behind] = roles(self.stdp.inhibitory);
        let part = |(role, negative): (usize, bool), trace| self.part(plastic, rates[role], trace, negative);
        let post = ChangeModel {
            trace: x,
            parts: [part(before[0], x)?, part(before[1], x)?],
            split: sides.split,
            of_source: true,
            after_event: self.stdp.convention == Convention::Arrival,
            gate: None,
        };
        let pre = |kind: usize| -> Result<ChangeModel, SpecError> {
            let (part, gate) = (part(behind[kind], y)?, windows.map(|w| w[behind[kind].0]));
            Ok(ChangeModel {
                trace: y,
                parts: [part; 2],
                split: sides.size,
                of_source: false,
                after_event: false,
                gate,
            })
        };
        let pre = [pre(0)?, pre(usize::from(sides.split < plastic.lines[sides.sources].size))?];
        let changes = &mut plastic.changes;
        Ok((intern(changes, post), pre.map(|pre| intern(changes, pre)), [x, y]))
    }

    fn triplet(
        &self,
        t: &Triplet,
        sides: &Sides,
        windows: Option<[usize; 2]>,
        plastic: &mut Plastic,
    ) -> Result<TripletModel, SpecError> {
        // The fast traces are those of the pair; the slow ones are of the other side.
        let rule =
            Rule { part: "triplet ", taus: [self.stdp.tau_plus, self.stdp.tau_minus], rates: [t.a_plus, t.a_minus] };
        let (post, pre, _) = self.changes(&rule, sides, windows, plastic)?;
        let sources = self.trace("triplet tau_plus", t.tau_plus, sides.sources)?;
        let targets = self.trace("triplet tau_minus", t.tau_minus, sides.targets)?;
        let bits = [targets.bits, sources.bits];
        if bits.contains(&0) {
            let allowed = "less than 500 with a triplet";
            return Err(SpecError::invalid(
                format!("trace_increment of {}", self.name),
                self.stdp.trace_increment,
                allowed,
            ));
        }
        let [x, y] = [sources, targets].map(|trace| intern(&mut plastic.traces, trace));
        Ok(TripletModel { post: (post, y), pre: (pre, x), bits, limit: self.limit() })
    }

    /// Indices of the windows in which weights rise and fall.
    fn gates(&self, gate: CalciumGate, targets: usize, plastic: &mut Plastic) -> Result<[usize; 2], SpecError> {
        // A trace takes its spike before it decays, so that a whole spike is left of a larger one; with tau = dt, nothing of the spike before.
        let keep = (1.0 - self.dt / gate.tau).max(1.0 / f64::from(1 << 20));
        let most = 1.0 / (1.0 - keep) + 1.0 / keep + 1.0;
        let bits = bits_below(most.max(gate.threshold + gate.width), WEIGHT_LIMIT, 24).filter(|&bits| bits >= 8);
        let bits = bits.ok_or_else(|| {
            let allowed = "a time constant, threshold and width below 4e6 steps and spikes";
            SpecError::invalid(format!("gate of {}", self.name), format!("{gate:?}"), allowed)
        })?;
        let fixed = |v: f64| to_fixed(v, bits).expect("the bits should hold the windows");
        let calcium = TraceModel { line: targets, decay: q31(keep), one: fixed(1.0 / keep), bits, nearest: false };
        let trace = intern(&mut plastic.traces, calcium);
        let window = |low: f64, high: f64| GateModel { trace, low: fixed(low), high: fixed(high) };
        let (rise, fall) =
            (window(gate.threshold, gate.threshold + gate.width), window(gate.threshold - gate.width, gate.threshold));
        Ok([rise, fall].map(|window| intern(&mut plastic.gates, window)))
    }

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
        let bits = if self.multiplicative() { 31 } else { self.weight_bits };
        let (rate_bits, trace_bits) = (plastic.rates[rate].bits, plastic.traces[trace].bits);
        if rate_bits + trace_bits <= bits {
            return Err(SpecError::invalid(
                format!("rates and time constants of {}", self.name),
                format!("{rate_bits} and {trace_bits} fractional bits"),
                format!("more than {bits} together; lower the rate or what modulates it, or shorten the time constant"),
            ));
        }
        let factors = ChangeFactors { shift: rate_bits + trace_bits - bits, limit: self.limit(), negative };
        Ok(ChangePart { rate, factors })
    }
}

fn scaled(initial: i32, astrocyte: usize, plastic: &Plastic) -> RateModel {
    RateModel { initial, decay: Q31_ONE, astrocyte: Some(astrocyte), bits: plastic.astrocytes[astrocyte].bits }
}
