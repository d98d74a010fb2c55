//! Compilation of a network: from the description to what every device takes.
//!
//! Neurons of all populations share one index space of *cells*; each population starts at a multiple of [`ALIGN`], so that
//! spikes of 32 cells are one word and a word never spans two populations. Channels of inputs have an index space of their own, laid out likewise.

mod bounds;
mod drive;
mod plastic;
mod population;
mod validate;

use std::ops::Range;

use glam::Vec3;

pub use drive::{DriveModel, MAX_DRIVE_EVENTS, normal_table, poisson_table};
pub use plastic::{
    AstrocyteModel, CalciumModel, ChangeModel, ChangePart, FilterModel, GateModel, Line, Plastic, PlasticProjection,
    RateModel, RuleModel, TraceModel, TripletModel, WatchModel, WholeWeights,
};
pub use population::{Constants, FIELDS, NeuronFlags, PopulationModel, Values};

use crate::connect::{self, Delays, Quantisation, Side, SynapseDelays, SynapseWeights, Synapses, Wiring};
use crate::fixed::{DEFAULT_FRACTION_BITS, probability_threshold, round_shift};
use crate::rng::{self, Purpose};
use crate::{Endpoint, Network, Shape, Source, SpecError};

/// Cells and channels of a population or input start at a multiple of this.
pub const ALIGN: usize = 64;

/// Fewest and most fractional bits of a population.
pub const FRACTION_BITS: std::ops::RangeInclusive<u32> = 8..=24;

/// An input, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct InputModel {
    /// Name.
    pub name: String,
    /// Number of channels.
    pub size: usize,
    /// Its first channel in the index space of all channels.
    pub first: usize,
    /// Thresholds of a spike a step while it is not fed (see [`crate::fixed::below`]); `None` is silent.
    pub thresholds: Option<Vec<u32>>,
}

impl InputModel {
    /// Its channels in the index space of all channels.
    #[must_use]
    pub fn channels(&self) -> Range<usize> {
        self.first..self.first + self.size
    }
}

/// A projection, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionModel {
    /// How errors name it.
    pub name: String,
    /// Where spikes come from.
    pub source: Endpoint,
    /// Index of the target population.
    pub target: usize,
    /// First source in its index space (cells or channels).
    pub first_source: usize,
    /// First target cell.
    pub first_target: usize,
    /// The synapses. Where weights are plastic, those among them are 0.
    pub synapses: Synapses,
    /// Plastic weights.
    pub plastic: Option<WholeWeights>,
    /// How well the fixed-point format holds the weights.
    pub quantisation: Quantisation,
}

impl ProjectionModel {
    /// Whether its sources are channels of an input.
    #[must_use]
    pub const fn from_input(&self) -> bool {
        matches!(self.source, Endpoint::Input(_))
    }

    /// The smallest and the largest weight that a synapse can have, in steps of the target population's binary point.
    #[must_use]
    pub(crate) fn weight_range(&self, source: usize, synapse: usize, fraction_bits: u32) -> (i32, i32) {
        match &self.plastic {
            None => (self.synapses.weight(synapse), self.synapses.weight(synapse)),
            Some(weights) => {
                let (bounds, shift) = (weights.bounds_of(source), weights.bits - fraction_bits);
                (round_shift(bounds.low, shift), round_shift(bounds.high, shift))
            }
        }
    }
}

/// A network ready to run: all derived constants, tables and synapses, as every device takes them.
///
/// Neurons of all populations share one index space of *cells*, channels of inputs another; each group starts at a multiple of [`ALIGN`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Time step, ms.
    pub dt: f64,
    /// Seed.
    pub seed: u64,
    /// Populations, in the order of their ids.
    pub populations: Vec<PopulationModel>,
    /// Inputs, in the order of their ids.
    pub inputs: Vec<InputModel>,
    /// Projections, in the order of their ids.
    pub projections: Vec<ProjectionModel>,
    /// The geometry below, known without the synapses.
    pub layout: Layout,
    /// What it learns with; empty for a static network.
    pub plastic: Plastic,
}

/// Index spaces and delay ring of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Cells, padding included.
    pub cells: usize,
    /// Channels, padding included.
    pub channels: usize,
    /// Slots of the delay ring, at least 1.
    pub ring_slots: usize,
    /// Input sums a neuron and slot: 1, or 2 (excitatory, inhibitory) where any population has exponential synapses.
    pub receptors: usize,
    /// State words a neuron: see [`FIELDS`].
    pub fields: usize,
}

impl Model {
    /// Compiles a network: validates it, derives the constants, draws every parameter and synapse, bounds every sum.
    ///
    /// # Errors
    /// A [`SpecError`] that names what is wrong with the description.
    pub fn new(network: &Network) -> Result<Self, SpecError> {
        validate::network(network)?;
        let positions: Vec<_> = positions(network);
        let mut bits = chosen_bits(network, &positions);
        let mut projections = (0..network.projections().len())
            .map(|i| projection(network, &positions, i, bits[network.projections()[i].target.0]))
            .collect::<Result<Vec<_>, _>>()?;
        let mut populations = Vec::with_capacity(bits.len());
        for (index, bits) in bits.iter_mut().enumerate() {
            populations.push(loop {
                let mut population = PopulationModel::new(network, index, *bits)?;
                match bounds::check(&population, index, &projections) {
                    Ok(headroom) => {
                        population.headroom = headroom;
                        break population;
                    }
                    Err(error) if network.populations()[index].fraction_bits.is_some() => return Err(error),
                    Err(error) if *bits <= *FRACTION_BITS.start() => return Err(error),
                    Err(_) => *bits -= 1,
                }
                for (i, model) in projections.iter_mut().enumerate().filter(|(_, p)| p.target == index) {
                    *model = projection(network, &positions, i, *bits)?;
                }
            });
        }
        let delays = projections.iter().filter(|p| !p.synapses.is_empty());
        let delays = delays.map(|p| (p.from_input(), u32::from(p.synapses.max_delay()))).collect();
        let layout = layout(network, delays);
        let inputs = (0..network.inputs().len()).map(|i| input(network, i)).collect::<Result<_, _>>()?;
        let (dt, seed) = (network.config.dt, network.config.seed);
        let mut model = Self { dt, seed, populations, inputs, projections, layout, plastic: Plastic::default() };
        model.plastic = Plastic::new(network, &model)?;
        Ok(model)
    }

    /// Number of neurons, padding excluded.
    #[must_use]
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|p| p.size).sum()
    }

    /// Number of synapses.
    #[must_use]
    pub fn synapses(&self) -> usize {
        self.projections.iter().map(|p| p.synapses.len()).sum()
    }

    /// The number of steps nearest to `ms`.
    #[must_use]
    pub fn steps(&self, ms: f64) -> u32 {
        libm::round(ms / self.dt).max(0.0) as u32
    }
}

/// First index of each group when groups of these sizes are laid out one after another; and the end.
pub(crate) fn offsets(sizes: impl Iterator<Item = usize>) -> (Vec<usize>, usize) {
    let mut end = 0;
    let starts = sizes
        .map(|size| {
            let start = end;
            end = (start + size).next_multiple_of(ALIGN);
            start
        })
        .collect();
    (starts, end)
}

fn cell_offsets(network: &Network) -> (Vec<usize>, usize) {
    offsets(network.populations().iter().map(crate::Population::size))
}

fn channel_offsets(network: &Network) -> (Vec<usize>, usize) {
    offsets(network.inputs().iter().map(|i| i.shape.size()))
}

fn input(network: &Network, index: usize) -> Result<InputModel, SpecError> {
    let input = &network.inputs()[index];
    let size = input.shape.size();
    let stream = rng::stream(Purpose::Source, index as u32, 1);
    let key = rng::key(network.config.seed);
    let draw = |d: &crate::Distribution, i: usize, high: f64, allowed: &str| {
        let value = d.draw(stream, 0, i as u32, i, key);
        let argument = || format!("what channel {i} of input '{}' draws", input.name);
        if (0.0..=high).contains(&value) { Ok(value) } else { Err(SpecError::invalid(argument(), value, allowed)) }
    };
    let probability = |p, i| draw(p, i, 1.0, "0 to 1; clip the distribution (Distribution::clipped)");
    let rate = |r, i| draw(r, i, f64::MAX, "0 Hz or more; clip the distribution (Distribution::clipped)");
    let thresholds = match &input.source {
        Source::Fed => None,
        Source::Bernoulli(p) => {
            Some((0..size).map(|i| Ok(probability_threshold(probability(p, i)?))).collect::<Result<_, _>>()?)
        }
        Source::Poisson(rates) => Some(
            (0..size)
                .map(|i| Ok(probability_threshold(event_probability(rate(rates, i)?, network.config.dt))))
                .collect::<Result<_, _>>()?,
        ),
    };
    Ok(InputModel { name: input.name.clone(), size, first: channel_offsets(network).0[index], thresholds })
}

/// The probability that a Poisson process of `rate` Hz has at least one event in `dt` ms.
#[must_use]
pub fn event_probability(rate: f64, dt: f64) -> f64 {
    -libm::expm1(-rate * dt / 1000.0)
}

type Positions = Option<Vec<Vec3>>;

/// Positions of populations, then of inputs; the grid of a population with inhibitory neurons is shuffled.
fn positions(network: &Network) -> Vec<Positions> {
    let key = rng::key(network.config.seed);
    let populations = network
        .populations()
        .iter()
        .enumerate()
        .map(|(i, p)| shape_positions(&p.shape, (p.inhibitory_fraction > 0.0).then_some((i as u32, key))));
    populations.chain(network.inputs().iter().map(|i| shape_positions(&i.shape, None))).collect()
}

fn shape_positions(shape: &Shape, shuffle: Option<(u32, [u32; 2])>) -> Positions {
    match shape {
        Shape::Count(_) => None,
        Shape::Positions(p) => Some(p.to_vec()),
        Shape::Grid(grid) => {
            let mut all: Vec<_> = (0..shape.size()).map(|i| grid.position(i)).collect();
            if let Some((index, key)) = shuffle {
                let stream = rng::stream(Purpose::Permutation, index, 0);
                for i in (1..all.len()).rev() {
                    let word = rng::word(stream, i as u32, 0, 0, key);
                    all.swap(i, ((u64::from(word) * (i as u64 + 1)) >> 32) as usize);
                }
            }
            Some(all)
        }
    }
}

/// Calls `f` with the wiring of a projection.
fn with_wiring<T>(network: &Network, positions: &[Positions], index: usize, f: impl FnOnce(&Wiring<'_>) -> T) -> T {
    let projection = &network.projections()[index];
    let populations = network.populations();
    let population_side = |i: usize| Side {
        size: populations[i].size(),
        positions: positions[i].as_deref(),
        first_inhibitory: populations[i].inhibitory().start,
    };
    let (source, min_delay) = match projection.source {
        Endpoint::Population(p) => (population_side(p.0), 1),
        Endpoint::Input(i) => {
            let size = network.inputs()[i.0].shape.size();
            let positions = positions[populations.len() + i.0].as_deref();
            (Side { size, positions, first_inhibitory: size }, 0)
        }
    };
    f(&Wiring {
        name: &network.projection_name(index),
        key: rng::key(network.config.seed),
        index: index as u32,
        source,
        target: population_side(projection.target.0),
        recurrent: projection.source == Endpoint::Population(projection.target),
        min_delay,
        dt: network.config.dt,
        projection,
    })
}

/// What is known of a network before a synapse is drawn: enough to plan its memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Populations; a binary point may still change when their sums are bounded.
    pub populations: Vec<PopulationModel>,
    /// Inputs.
    pub inputs: Vec<InputModel>,
    /// Number of synapses of each source of each projection.
    pub rows: Vec<Vec<u32>>,
    /// What it learns with; a binary point may still change.
    pub plastic: Plastic,
    /// Index spaces and ring. Where delays are drawn without bounds the ring is as long as it can be.
    pub layout: Layout,
}

impl Outline {
    /// Outlines a network.
    ///
    /// # Errors
    /// A [`SpecError`] that names what is wrong with the description.
    pub fn new(network: &Network) -> Result<Self, SpecError> {
        validate::network(network)?;
        let positions = positions(network);
        let bits = chosen_bits(network, &positions);
        let rows = (0..network.projections().len()).map(|i| with_wiring(network, &positions, i, connect::row_lengths));
        let rows: Vec<Vec<u32>> = rows.collect::<Result<_, _>>()?;
        let delays = network.projections().iter().zip(&rows).filter(|(_, rows)| rows.iter().any(|&n| n > 0));
        let delays = delays.map(|(p, _)| {
            let from_input = matches!(p.source, Endpoint::Input(_));
            (from_input, connect::longest_delay(p, network.config.dt))
        });
        let populations = bits.iter().enumerate().map(|(i, &bits)| PopulationModel::new(network, i, bits));
        let mut outline = Self {
            populations: populations.collect::<Result<_, _>>()?,
            inputs: (0..network.inputs().len()).map(|i| input(network, i)).collect::<Result<_, _>>()?,
            layout: layout(network, delays.collect()),
            plastic: Plastic::default(),
            rows,
        };
        let learns = network.projections().iter().any(|p| p.plasticity.is_some() || p.filter.is_some());
        if learns || !network.astrocytes().is_empty() {
            outline.plastic = outline.learning(network, &positions)?;
        }
        Ok(outline)
    }

    /// What the network learns with, compiled from a model that has no synapse.
    fn learning(&self, network: &Network, positions: &[Positions]) -> Result<Plastic, SpecError> {
        let bits = |index: usize| self.populations[network.projections()[index].target.0].fraction_bits;
        let projections = (0..self.rows.len()).map(|index| {
            let plastic = with_wiring(network, positions, index, |w| {
                let stdp = network.projections()[index].plasticity.as_ref();
                stdp.map(|stdp| plastic::weights_outline(w, stdp, bits(index))).transpose()
            })?;
            let delay = fixed_delay(network, index);
            let synapses = Synapses {
                row_start: vec![0; self.rows[index].len() + 1],
                targets: Vec::new(),
                weights: SynapseWeights::Constant(0),
                delays: delay.map_or(SynapseDelays::Table(Vec::new()), SynapseDelays::Constant),
            };
            Ok(model_of(network, index, synapses, plastic, Quantisation::default()))
        });
        let model = Model {
            dt: network.config.dt,
            seed: network.config.seed,
            populations: self.populations.clone(),
            inputs: self.inputs.clone(),
            projections: projections.collect::<Result<_, SpecError>>()?,
            layout: self.layout,
            plastic: Plastic::default(),
        };
        Plastic::new(network, &model)
    }
}

/// The delay of all synapses of a projection, where its description gives one.
fn fixed_delay(network: &Network, index: usize) -> Option<u8> {
    let projection = &network.projections()[index];
    match &projection.delays {
        None | Some(Delays::Steps(_) | Delays::Milliseconds(crate::Distribution::Constant(_))) => {
            Some(connect::longest_delay(projection, network.config.dt) as u8)
        }
        Some(_) => None,
    }
}

fn projection(
    network: &Network,
    positions: &[Positions],
    index: usize,
    bits: u32,
) -> Result<ProjectionModel, SpecError> {
    let description = &network.projections()[index];
    let (synapses, plastic, quantisation) =
        with_wiring(network, positions, index, |w| match &description.plasticity {
            None => connect::connect(w, bits).map(|(synapses, quantisation)| (synapses, None, quantisation)),
            Some(stdp) => {
                plastic::whole_weights(w, stdp, bits).map(|(synapses, weights, q)| (synapses, Some(weights), q))
            }
        })?;
    Ok(model_of(network, index, synapses, plastic, quantisation))
}

/// A projection with these synapses.
fn model_of(
    network: &Network,
    index: usize,
    synapses: Synapses,
    plastic: Option<WholeWeights>,
    quantisation: Quantisation,
) -> ProjectionModel {
    let description = &network.projections()[index];
    let first_source = match description.source {
        Endpoint::Population(p) => cell_offsets(network).0[p.0],
        Endpoint::Input(i) => channel_offsets(network).0[i.0],
    };
    ProjectionModel {
        name: network.projection_name(index),
        source: description.source,
        target: description.target.0,
        first_source,
        first_target: cell_offsets(network).0[description.target.0],
        synapses,
        plastic,
        quantisation,
    }
}

/// The binary point of each population before its sums are bounded: 16 bits, or as many more as its weights need.
fn chosen_bits(network: &Network, positions: &[Positions]) -> Vec<u32> {
    let mut bits: Vec<u32> =
        network.populations().iter().map(|p| p.fraction_bits.unwrap_or(DEFAULT_FRACTION_BITS)).collect();
    for (i, projection) in network.projections().iter().enumerate() {
        let target = projection.target.0;
        if network.populations()[target].fraction_bits.is_none() {
            let typical = match &projection.plasticity {
                None => with_wiring(network, positions, i, connect::typical_weight),
                Some(stdp) => stdp.w_min.abs().max(stdp.w_max.abs()) / 2.0,
            };
            while typical > 0.0
                && bits[target] < *FRACTION_BITS.end()
                && 0.5 / (1u64 << bits[target]) as f64 > connect::PRECISION * typical
            {
                bits[target] += 1;
            }
        }
    }
    for (bits, population) in bits.iter_mut().zip(network.populations()).filter(|(_, p)| p.fraction_bits.is_none()) {
        let needed = population.drive.map_or(0.0, drive::typical);
        while needed > 0.0 && *bits < *FRACTION_BITS.end() && drive::rounding(*bits) > connect::PRECISION * needed {
            *bits += 1;
        }
    }
    bits
}

/// `delays` holds, for each projection with synapses, whether it comes from an input and its longest delay.
fn layout(network: &Network, delays: Vec<(bool, u32)>) -> Layout {
    let longest = |from_input: bool| delays.iter().filter(|d| d.0 == from_input).map(|d| d.1 as usize).max();
    let exponential =
        network.populations().iter().any(|p| matches!(p.neuron.lif().synapse, crate::Synapse::Exponential { .. }));
    let adaptive = network.populations().iter().any(|p| matches!(p.neuron, crate::Neuron::Alif(_)));
    Layout {
        cells: cell_offsets(network).1,
        channels: channel_offsets(network).1,
        ring_slots: longest(false).unwrap_or(1).max(longest(true).map_or(1, |d| d + 1)),
        receptors: if exponential { 2 } else { 1 },
        fields: if adaptive {
            6
        } else if exponential {
            4
        } else {
            2
        },
    }
}
