//! Plasticity, compiled: events, traces, changes, rates and astrocytes, each held once however many projections share it.

mod astrocyte;
mod calcium;
mod rule;
mod validate;
mod weights;

pub use astrocyte::{AstrocyteModel, WatchModel};
pub use calcium::CalciumModel;
pub use rule::{ChangeModel, ChangePart, GateModel, RateModel, RuleModel, TraceModel, TripletModel};
pub use weights::WholeWeights;

pub(super) use validate::validate;
pub(super) use weights::{weights_outline, whole_weights};

use super::{Model, ProjectionModel};
use crate::connect::SynapseDelays;
use crate::fixed::q31;
use crate::plasticity::{Convention, SpikeFilter};
use crate::{Endpoint, Network, SpecError};

/// Events of sources: the spikes of a population or input, so many steps late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The population or input.
    pub source: Endpoint,
    /// Its first cell or channel.
    pub first: usize,
    /// Number of its neurons or channels: the *units* of the line.
    pub size: usize,
    /// Steps from spike to event: 0, or the delay where events are arrivals.
    pub delay: u32,
}

impl Line {
    /// Whether its units are channels of an input.
    #[must_use]
    pub const fn from_input(&self) -> bool {
        matches!(self.source, Endpoint::Input(_))
    }
}

/// A [`SpikeFilter`] of a line's units, compiled. Values are Q0.31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterModel {
    /// Index of the line.
    pub line: usize,
    /// Decay a step.
    pub decay: i32,
    /// Values below are 0.
    pub cutoff: i32,
}

/// A projection that is plastic, filtered, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlasticProjection {
    /// Index of the projection.
    pub projection: usize,
    /// Index of the line that its sources' events are on.
    pub line: usize,
    /// Whether an event is an arrival, so that it delivers at once; else each synapse has its delay.
    pub arrival: bool,
    /// Index of its filter.
    pub filter: Option<usize>,
    /// How its weights change; `None`: not.
    pub rule: Option<RuleModel>,
    /// Fractional bits of its weights beyond those of the membrane.
    pub shift: u32,
}

/// What a network learns with. Empty for a static network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plastic {
    /// Plastic and filtered projections, in the order of their ids.
    pub projections: Vec<PlasticProjection>,
    /// Events.
    pub lines: Vec<Line>,
    /// Traces of lines.
    pub traces: Vec<TraceModel>,
    /// Windows of traces.
    pub gates: Vec<GateModel>,
    /// Filters of lines.
    pub filters: Vec<FilterModel>,
    /// Rates.
    pub rates: Vec<RateModel>,
    /// Changes that traces stand for.
    pub changes: Vec<ChangeModel>,
    /// Astrocytes, in the order of their ids.
    pub astrocytes: Vec<AstrocyteModel>,
}

impl Plastic {
    /// Whether there is nothing: a static network without astrocytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.projections.is_empty() && self.astrocytes.is_empty()
    }

    /// The entry of a projection.
    #[must_use]
    pub fn of(&self, projection: usize) -> Option<&PlasticProjection> {
        self.projections.iter().find(|p| p.projection == projection)
    }

    /// Compiles what a network learns with. Its binary points are final.
    pub(super) fn new(network: &Network, model: &Model) -> Result<Self, SpecError> {
        let mut plastic = Self { astrocytes: astrocyte::compile(network, model)?, ..Self::default() };
        for (index, description) in network.projections().iter().enumerate() {
            let arrival = description.plasticity.is_some_and(|s| s.convention == Convention::Arrival);
            if description.plasticity.is_none() && description.filter.is_none() {
                continue;
            }
            let projection = &model.projections[index];
            let line = intern(&mut plastic.lines, source_line(projection, arrival)?);
            let filter = description.filter.map(|f| intern(&mut plastic.filters, filter(f, line, network.config.dt)));
            let rule = match &description.plasticity {
                Some(stdp) => Some(rule::compile(&mut plastic, network, model, index, stdp, line)?),
                None => None,
            };
            let bits = model.populations[projection.target].fraction_bits;
            let shift = projection.plastic.as_ref().map_or(0, |w| w.bits - bits);
            plastic.projections.push(PlasticProjection { projection: index, line, arrival, filter, rule, shift });
        }
        Ok(plastic)
    }
}

/// The events of a projection's sources.
fn source_line(projection: &ProjectionModel, arrival: bool) -> Result<Line, SpecError> {
    let delay = match &projection.synapses.delays {
        _ if !arrival => 0,
        SynapseDelays::Constant(delay) => u32::from(*delay),
        SynapseDelays::Table(_) => {
            return Err(SpecError::invalid(
                format!("delays of {}", projection.name),
                "not all the same",
                "one delay for all synapses with Convention::Arrival; or take Convention::Emission",
            ));
        }
    };
    let size = projection.synapses.row_start.len() - 1;
    Ok(Line { source: projection.source, first: projection.first_source, size, delay })
}

fn filter(f: SpikeFilter, line: usize, dt: f64) -> FilterModel {
    FilterModel { line, decay: q31(libm::exp(-dt / f.tau)), cutoff: q31(f.cutoff) }
}

/// The place of `item` in `list`, which takes it if it is new.
fn intern<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|i| *i == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

/// The most fractional bits, up to `most`, with which `bound` stays below `limit`.
fn bits_below(bound: f64, limit: i32, most: u32) -> Option<u32> {
    (0..=most).rev().find(|&bits| bound * ((1u64 << bits) as f64) < f64::from(limit))
}
