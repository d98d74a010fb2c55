//! What a sample learns with beside its weights: events, traces, changes, rates, astrocytes. Each member of a team keeps a copy, since all of it
//! follows from the spikes of all, which every member sees.

use limnos_spec::fixed::Q31_ONE;
use limnos_spec::twin::calcium::{self, Calcium};
use limnos_spec::twin::{astrocyte_step, stdp};
use limnos_spec::{AstrocyteModel, CalciumModel, ChangeModel, Line, Model, Plastic};

use super::block::push_cells;
use super::net::{Block, Net};
use super::plastic_table::{Changes, TripletChanges};
use super::simd;
use super::worker::Part;

/// When in a step the events of a line are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before anything: spikes of earlier steps arrive.
    Start,
    /// Once inputs have emitted.
    Sources,
    /// Once neurons have spiked.
    Spikes,
}

fn phase(line: &Line) -> Phase {
    match (line.delay, line.from_input()) {
        (0, true) => Phase::Sources,
        (0, false) => Phase::Spikes,
        _ => Phase::Start,
    }
}

/// An astrocyte's output, bias and gains.
#[derive(Clone, Debug, Default)]
pub(super) struct Glia {
    pub(super) output: i32,
    bias: i32,
    gains: Vec<i32>,
    counts: Vec<u32>,
    calcium: Calcium,
}

impl Glia {
    /// Output, bias and gains; then IP3, calcium and h where there are such.
    fn words(&self, model: &AstrocyteModel) -> Vec<i32> {
        let Calcium { ip3, calcium, h } = self.calcium;
        let calcium = if model.calcium.is_some() { vec![ip3, calcium, h] } else { Vec::new() };
        [&[self.output, self.bias][..], &self.gains, &calcium].concat()
    }
}

/// A filter's values and which of them are not 0.
#[derive(Clone, Debug, Default)]
struct Filter {
    x: Vec<i32>,
    active: Vec<u32>,
}

/// What one sample learns with.
#[derive(Debug)]
pub(super) struct Learner {
    /// Channels and cells that spiked in this step, ascending.
    channels: Vec<u32>,
    cells: Vec<u32>,
    /// Cells of a block that spiked, counted within it.
    spiked: Vec<u32>,
    /// Units with an event in this step, by line.
    events: Vec<Vec<u32>>,
    /// Units on their way, by line and step modulo delay.
    on_the_way: Vec<Vec<Vec<u32>>>,
    traces: Vec<Vec<i32>>,
    /// Changes of every unit in this step, and those of units with an event.
    changes: Vec<Vec<i32>>,
    event_changes: Vec<Vec<i32>>,
    /// Marks of cells of a block that spiked while a gate was open, for excitatory and inhibitory sources.
    gated: [Vec<i32>; 2],
    filters: Vec<Filter>,
    rates: Vec<i32>,
    pub(super) glia: Vec<Glia>,
    /// Outputs `[step][astrocyte]` since the last clearing.
    pub(super) course: Vec<i32>,
}

impl Learner {
    pub(super) fn new(plastic: &Plastic) -> Self {
        let size = |line: usize| plastic.lines[line].size;
        let traced = |change: &ChangeModel| size(plastic.traces[change.trace].line);
        let filter = |line| Filter { x: vec![0; size(line)], active: Vec::new() };
        let mut learner = Self {
            channels: Vec::new(),
            cells: Vec::new(),
            spiked: Vec::new(),
            events: vec![Vec::new(); plastic.lines.len()],
            on_the_way: plastic.lines.iter().map(|l| vec![Vec::new(); l.delay as usize]).collect(),
            traces: plastic.traces.iter().map(|t| vec![0; size(t.line)]).collect(),
            changes: plastic.changes.iter().map(|c| vec![0; traced(c)]).collect(),
            event_changes: vec![Vec::new(); plastic.changes.len()],
            gated: [Vec::new(), Vec::new()],
            filters: plastic.filters.iter().map(|f| filter(f.line)).collect(),
            rates: Vec::new(),
            glia: Vec::new(),
            course: Vec::new(),
        };
        learner.reset(plastic, false);
        learner
    }

    /// Back to the state before step 0, the traces only unless they are kept.
    pub(super) fn reset(&mut self, plastic: &Plastic, keep_traces: bool) {
        if !keep_traces {
            self.traces.iter_mut().for_each(|t| t.fill(0));
        }
        self.on_the_way.iter_mut().flatten().for_each(Vec::clear);
        for filter in &mut self.filters {
            filter.x.fill(0);
            filter.active.clear();
        }
        self.rates = plastic.rates.iter().map(|r| r.initial).collect();
        let glia = plastic.astrocytes.iter().map(|a| Glia {
            output: a.initial,
            bias: a.bias,
            gains: a.watches.iter().map(|w| w.gain).collect(),
            counts: vec![0; a.watches.len()],
            calcium: a.calcium.as_ref().map_or_else(Calcium::default, |c| c.initial),
        });
        self.glia = glia.collect();
        self.course.clear();
    }

    /// Starts a step: what was under way arrives.
    pub(super) fn start(&mut self, plastic: &Plastic, step: u32) {
        for (line, events, on_the_way) in lines(plastic, &mut self.events, &mut self.on_the_way) {
            events.clear();
            if line.delay > 0 {
                std::mem::swap(events, &mut on_the_way[(step % line.delay) as usize]);
            }
        }
        self.channels.clear();
        self.cells.clear();
        self.excite(plastic, Phase::Start);
    }

    /// Takes the channels that spiked, ascending, a part at a time.
    pub(super) fn take_channels(&mut self, list: &[u32]) {
        self.channels.extend_from_slice(list);
    }

    /// Takes the cells that spiked, ascending, a part at a time.
    pub(super) fn take_cells(&mut self, list: &[u32]) {
        self.cells.extend_from_slice(list);
    }

    /// Sorts what was taken into events of this step and of later ones.
    pub(super) fn sort(&mut self, plastic: &Plastic, step: u32, phase: Phase) {
        let from_input = phase == Phase::Sources;
        let spikes = if from_input { &self.channels } else { &self.cells };
        for (line, events, on_the_way) in lines(plastic, &mut self.events, &mut self.on_the_way) {
            if line.from_input() == from_input {
                let later = if line.delay > 0 { &mut on_the_way[(step % line.delay) as usize] } else { events };
                later.clear();
                later.extend(within(spikes, line.first, line.size).iter().map(|&s| s - line.first as u32));
            }
        }
        self.excite(plastic, phase);
    }

    /// Sets the filters of units whose events have just become known.
    fn excite(&mut self, plastic: &Plastic, known: Phase) {
        for (model, filter) in plastic.filters.iter().zip(&mut self.filters) {
            if phase(&plastic.lines[model.line]) == known {
                for &unit in &self.events[model.line] {
                    let x = &mut filter.x[unit as usize];
                    if *x == 0 {
                        filter.active.push(unit);
                    }
                    *x = Q31_ONE;
                }
            }
        }
    }

    /// Delivers the events that are known in a phase to the member's own blocks.
    pub(super) fn deliver(&self, plastic: &Plastic, part: &mut Part<'_>, step: u32, known: Phase) {
        for (block, state) in part.iter_mut() {
            for (table, weights) in block.plastic.iter().zip(&state.weights) {
                let p = &plastic.projections[table.index];
                if phase(&plastic.lines[p.line]) != known {
                    continue;
                }
                let filter = p.filter.map(|f| &self.filters[f]);
                let units = filter.map_or(&self.events[p.line], |f| &f.active);
                table.deliver(weights, &mut state.ring, step, units, p.shift, filter.map(|f| &f.x[..]));
            }
        }
    }

    /// Changes the weights of the member's own blocks.
    pub(super) fn learn(&mut self, plastic: &Plastic, part: &mut Part<'_>) {
        self.weigh(plastic);
        for (block, state) in part.iter_mut() {
            let (weights, fired) = (&mut state.weights, &mut state.fired);
            self.spiked.clear();
            push_cells(&state.spikes, 0, &mut self.spiked);
            mark(fired, &self.spiked, -1);
            for (k, weights) in weights.iter_mut().enumerate() {
                let Some(rule) = plastic.projections[block.plastic[k].index].rule else { continue };
                if let Some(gates) = rule.gates {
                    self.gate(plastic, block, k, gates);
                }
                let fired = if rule.gates.is_some() { self.gated.each_ref().map(|g| &g[..]) } else { [&fired[..]; 2] };
                let change = if rule.multiplicative { Self::change::<true> } else { Self::change::<false> };
                change(self, plastic, block, k, weights, fired);
            }
            mark(fired, &self.spiked, 0);
        }
    }

    fn change<const MULTIPLICATIVE: bool>(
        &self,
        plastic: &Plastic,
        block: &Block,
        k: usize,
        weights: &mut [i32],
        fired: [&[i32]; 2],
    ) {
        let table = &block.plastic[k];
        let p = &plastic.projections[table.index];
        let Some(rule) = p.rule else { return };
        let of = |change: usize| &self.changes[change][..];
        let triplet = rule.triplet.map(|t| TripletChanges {
            post_events: &self.event_changes[t.post.0],
            post: of(t.post.0),
            pre: t.pre.0.map(of),
            sources: &self.traces[t.pre.1],
            targets: &self.traces[t.post.1],
            bits: t.bits,
            limit: t.limit,
        });
        let post_events = &self.event_changes[rule.post][..];
        let changes = Changes { post_events, post: of(rule.post), pre: rule.pre.map(of), fired, triplet };
        table.change_rows::<MULTIPLICATIVE>(weights, &self.events[p.line], &changes);
        table.change_columns::<MULTIPLICATIVE>(weights, &self.spiked, &changes);
    }

    /// Marks the cells of a block that spiked while a gate was open, for either kind of source.
    fn gate(&mut self, plastic: &Plastic, block: &Block, k: usize, gates: [usize; 2]) {
        let table = &block.plastic[k];
        for (marks, gate) in self.gated.iter_mut().zip(gates) {
            let gate = &plastic.gates[gate];
            marks.clear();
            marks.resize(block.cells.len(), 0);
            let cells = self.spiked.iter().filter(|&&cell| table.cells.contains(&(cell as usize)));
            for &cell in cells {
                let unit = cell as usize - table.cells.start + table.first_target;
                let calcium = self.traces[gate.trace][unit];
                marks[cell as usize] = -i32::from(stdp::open(calcium, gate.low, gate.high));
            }
        }
    }

    /// Makes the changes of this step from traces and rates.
    fn weigh(&mut self, plastic: &Plastic) {
        let rate = |r: usize| match plastic.rates[r].astrocyte {
            None => self.rates[r],
            Some(a) => stdp::modulated(self.rates[r], self.glia[a].output),
        };
        for (k, model) in plastic.changes.iter().enumerate() {
            let trace = &plastic.traces[model.trace];
            let (values, traces) = (&mut self.changes[k], &self.traces[model.trace]);
            let (low, high) = values.split_at_mut(model.split);
            let [a, b] = model.parts;
            simd::changes(low, &traces[..model.split], rate(a.rate), a.factors);
            simd::changes(high, &traces[model.split..], rate(b.rate), b.factors);
            if let Some(gate) = model.gate.map(|g| &plastic.gates[g]) {
                stdp::shut(values, &self.traces[gate.trace], gate.low, gate.high);
            }
            if !model.of_source {
                continue;
            }
            self.event_changes[k].clear();
            for &unit in &self.events[trace.line] {
                let (unit, part) = (unit as usize, model.parts[usize::from(unit as usize >= model.split)]);
                let own = if model.after_event {
                    let counted = stdp::counted(traces[unit], trace.one, trace.nearest);
                    stdp::change(rate(part.rate), counted, part.factors)
                } else {
                    values[unit]
                };
                self.event_changes[k].push(own);
                values[unit] = 0;
            }
        }
    }

    /// Ends a step: traces, filters, astrocytes, then decays.
    pub(super) fn finish(&mut self, net: &Net) {
        let plastic = &net.model.plastic;
        for (model, traces) in plastic.traces.iter().zip(&mut self.traces) {
            for &unit in &self.events[model.line] {
                let trace = &mut traces[unit as usize];
                *trace = stdp::counted(*trace, model.one, model.nearest);
            }
            simd::decay_traces(traces, model.decay);
        }
        for (model, filter) in plastic.filters.iter().zip(&mut self.filters) {
            let x = &mut filter.x;
            filter.active.retain(|&unit| {
                let x = &mut x[unit as usize];
                *x = stdp::filtered(*x, model.decay, model.cutoff);
                *x != 0
            });
        }
        self.step_glia(plastic);
        for (model, rate) in plastic.rates.iter().zip(&mut self.rates) {
            *rate = astrocyte_step::decayed(*rate, model.decay);
        }
        if net.observe.astrocytes.is_some() {
            self.course.extend(self.glia.iter().map(|g| g.output));
        }
    }

    fn step_glia(&mut self, plastic: &Plastic) {
        for (model, glia) in plastic.astrocytes.iter().zip(&mut self.glia) {
            for (watch, count) in model.watches.iter().zip(&mut glia.counts) {
                let from_input = matches!(watch.source, limnos_spec::Endpoint::Input(_));
                let spikes = within(if from_input { &self.channels } else { &self.cells }, watch.first, watch.size);
                *count = match watch.members {
                    None => spikes.len() as u32,
                    Some(_) => spikes.iter().filter(|&&s| watch.watches(s as usize - watch.first)).count() as u32,
                };
            }
            if let Some(CalciumModel { tables, .. }) = &model.calcium {
                let watched = astrocyte_step::watched(0, &glia.gains, &glia.counts);
                (glia.calcium, glia.output) = calcium::step(glia.calcium, tables, watched);
                continue;
            }
            glia.output = astrocyte_step::step(glia.output, glia.bias, &glia.gains, &glia.counts, model.rate);
            for value in [&mut glia.output, &mut glia.bias].into_iter().chain(&mut glia.gains) {
                *value = astrocyte_step::decayed(*value, model.decay);
            }
        }
    }

    /// The state beside the weights, in declared order.
    pub(super) fn state(&self, model: &Model, step: u32) -> crate::PlasticState {
        let on_the_way = model.plastic.lines.iter().zip(&self.on_the_way).map(|(line, slots)| {
            let words = line.size.div_ceil(32);
            let mut bits = vec![0u32; words * slots.len()];
            for k in 0..slots.len() {
                // The slot that is due next comes first.
                for &unit in &slots[(step as usize + k) % slots.len()] {
                    bits[k * words + unit as usize / 32] |= 1 << (unit % 32);
                }
            }
            bits
        });
        crate::PlasticState {
            weights: Vec::new(),
            traces: self.traces.clone(),
            filters: self.filters.iter().map(|f| f.x.clone()).collect(),
            on_the_way: on_the_way.collect(),
            rates: self.rates.clone(),
            astrocytes: model.plastic.astrocytes.iter().zip(&self.glia).map(|(a, g)| g.words(a)).collect(),
        }
    }
}

/// Each line with its events and what is under way on it.
fn lines<'a>(
    plastic: &'a Plastic,
    events: &'a mut [Vec<u32>],
    on_the_way: &'a mut [Vec<Vec<u32>>],
) -> impl Iterator<Item = (&'a Line, &'a mut Vec<u32>, &'a mut Vec<Vec<u32>>)> {
    plastic.lines.iter().zip(events).zip(on_the_way).map(|((line, events), way)| (line, events, way))
}

/// The spikes of an ascending list that lie in `first..first + size`.
fn within(spikes: &[u32], first: usize, size: usize) -> &[u32] {
    let start = spikes.partition_point(|&s| (s as usize) < first);
    let end = start + spikes[start..].partition_point(|&s| (s as usize) < first + size);
    &spikes[start..end]
}

/// Sets the marks of some cells of a block that has plastic tables.
fn mark(fired: &mut [i32], cells: &[u32], value: i32) {
    if !fired.is_empty() {
        cells.iter().for_each(|&cell| fired[cell as usize] = value);
    }
}
