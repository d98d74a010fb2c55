//! A plain, slow simulation of a compiled network, one neuron and one synapse at a time, written from the order of a step alone.
//! The devices are compared with it word for word.

use limnos_engine::SampleState;
use limnos_spec::fixed::below;
use limnos_spec::rng::{self, Purpose};
use limnos_spec::twin::lif::{self, LifConstants, LifInput, LifState};
use limnos_spec::twin::neuron_step::interpolate;
use limnos_spec::{DriveModel, Model, Network, PopulationModel};

use crate::plastic_oracle::Learning;

/// What the oracle is fed: probability thresholds `[row][channel]` of each input, and currents `[row][neuron]` of each population.
#[derive(Clone, Debug, Default)]
pub struct OracleFeed {
    pub thresholds: Vec<Vec<Vec<u32>>>,
    pub currents: Vec<Vec<Vec<i32>>>,
}

#[derive(Debug)]
pub struct Oracle<'a> {
    model: &'a Model,
    sample: u32,
    feed: OracleFeed,
    neurons: Vec<Vec<LifState>>,
    /// Pending input by population: (due step, neuron, weight).
    pending: Vec<Vec<(u32, usize, i32)>>,
    step: u32,
    /// What it learns with; for a static network, nothing.
    pub learning: Learning,
}

impl<'a> Oracle<'a> {
    /// An oracle of a network that learns.
    pub fn learning(net: &Network, model: &'a Model, sample: u32, feed: OracleFeed) -> Self {
        Self { learning: Learning::new(net, model), ..Self::new(model, sample, feed) }
    }

    pub fn new(model: &'a Model, sample: u32, feed: OracleFeed) -> Self {
        let state = |p: &PopulationModel| {
            (0..p.size).map(|i| LifState { v: p.v_init.get(i), ..LifState::default() }).collect::<Vec<_>>()
        };
        let neurons = model.populations.iter().map(state).collect();
        Self {
            model,
            sample,
            feed,
            neurons,
            pending: vec![Vec::new(); model.populations.len()],
            step: 0,
            learning: Learning::default(),
        }
    }

    /// One step; the neurons that spiked, by population.
    pub fn step(&mut self) -> Vec<Vec<usize>> {
        let t = self.step;
        let mut channels = Vec::new();
        for input in 0..self.model.inputs.len() {
            let fired: Vec<usize> = (0..self.model.inputs[input].size).filter(|&c| self.channel(input, c)).collect();
            self.emit(true, input, &fired);
            channels.push(fired);
        }
        self.learning.before_neurons(t, channels, &mut self.pending);
        let fired: Vec<Vec<usize>> = (0..self.neurons.len()).map(|p| self.population(p)).collect();
        for (p, fired) in fired.iter().enumerate() {
            self.pending[p].retain(|&(due, _, _)| due != t);
            self.emit(false, p, fired);
        }
        self.learning.after_neurons(t, &fired, &mut self.pending);
        self.step += 1;
        fired
    }

    fn channel(&self, input: usize, c: usize) -> bool {
        let rows = &self.feed.thresholds[input];
        let row = if rows.len() == 1 { 0 } else { self.step as usize };
        let key = rng::key(self.model.seed);
        let u = rng::word(rng::stream(Purpose::Source, input as u32, 0), c as u32, self.step, self.sample, key);
        below(u, rows[row][c])
    }

    fn emit(&mut self, from_input: bool, source: usize, fired: &[usize]) {
        for (index, projection) in self.model.projections.iter().enumerate() {
            if self.learning.has(index) {
                continue;
            }
            let matches = match projection.source {
                limnos_spec::Endpoint::Input(i) => from_input && i.index() == source,
                limnos_spec::Endpoint::Population(p) => !from_input && p.index() == source,
            };
            if !matches {
                continue;
            }
            let s = &projection.synapses;
            for &row in fired {
                for k in s.row_start[row]..s.row_start[row + 1] {
                    let due = self.step + u32::from(s.delay(k));
                    self.pending[projection.target].push((due, s.targets[k] as usize, s.weight(k)));
                }
            }
        }
    }

    fn population(&mut self, p: usize) -> Vec<usize> {
        let model = &self.model.populations[p];
        let mut inputs = vec![LifInput::default(); model.size];
        for &(_, neuron, weight) in self.pending[p].iter().filter(|(due, _, _)| *due == self.step) {
            let sum = if weight < 0 && self.model.layout.receptors == 2 {
                &mut inputs[neuron].inh
            } else {
                &mut inputs[neuron].exc
            };
            *sum += weight;
        }
        let mut fired = Vec::new();
        for (i, input) in inputs.iter_mut().enumerate() {
            self.add_drive(p, i, input);
            if let Some(rows) = self.feed.currents.get(p).filter(|rows| !rows.is_empty()) {
                input.current = rows[if rows.len() == 1 { 0 } else { self.step as usize }][i];
            }
            let (next, spike) = step(model, self.neurons[p][i], i, *input);
            self.neurons[p][i] = next;
            if spike {
                fired.push(i);
            }
        }
        fired
    }

    fn add_drive(&self, p: usize, i: usize, input: &mut LifInput) {
        let model = &self.model.populations[p];
        let stream = rng::stream(Purpose::Drive, p as u32, 0);
        let u = rng::word(stream, i as u32, self.step, self.sample, rng::key(self.model.seed));
        let amount = match &model.drive {
            DriveModel::None => 0,
            DriveModel::Constant(c) => *c,
            DriveModel::Poisson { weight, base, thresholds } => {
                weight * (*base as i32 + thresholds.iter().filter(|&&t| u >= t).count() as i32)
            }
            DriveModel::Normal { quantiles } => interpolate(quantiles, u),
        };
        let inhibits =
            matches!(&model.drive, DriveModel::Poisson { weight, .. } if *weight < 0) && model.flags.exponential;
        *if inhibits { &mut input.inh } else { &mut input.exc } += amount;
    }

    /// The state in the layout of the devices.
    pub fn state(&self) -> SampleState {
        let layout = self.model.layout;
        let mut fields = vec![0; layout.fields * layout.cells];
        let mut ring = vec![0; layout.ring_slots * layout.receptors * layout.cells];
        for (p, neurons) in self.neurons.iter().enumerate() {
            let first = self.model.populations[p].first;
            for (i, s) in neurons.iter().enumerate() {
                let words = [s.v, s.refractory, s.i_exc, s.i_inh, s.theta, s.w];
                (0..layout.fields).for_each(|f| fields[f * layout.cells + first + i] = words[f]);
            }
            for &(due, neuron, weight) in &self.pending[p] {
                let receptor = usize::from(layout.receptors == 2 && weight < 0);
                let slot = (due - self.step) as usize;
                ring[(slot * layout.receptors + receptor) * layout.cells + first + neuron] += weight;
            }
        }
        SampleState { fields, ring, ..SampleState::default() }
    }
}

fn step(p: &PopulationModel, s: LifState, i: usize, input: LifInput) -> (LifState, bool) {
    let c = LifConstants::from_array(p.constants.all().map(|values| values.get(i)));
    let f = p.flags;
    match (f.exponential, f.adaptive) {
        (false, false) => lif::step::<false, false, false>(s, c, f.subtract, f.clamp, input),
        (true, false) => lif::step::<true, false, false>(s, c, f.subtract, f.clamp, input),
        (false, true) => lif::step::<false, true, false>(s, c, f.subtract, f.clamp, input),
        (true, true) => lif::step::<true, true, false>(s, c, f.subtract, f.clamp, input),
    }
}
