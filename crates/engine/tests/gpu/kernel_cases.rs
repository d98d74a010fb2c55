//! Random contents for the buffers of each kernel, and what its twin makes of them.

use bytemuck::{Pod, cast_slice, cast_slice_mut};
use limnos_spec::twin::device::layout::{
    Clock, DELAY_TABLE, DRIVE_CONSTANT, DRIVE_NORMAL, DRIVE_POISSON, FEED_SILENT, FEED_SPIKES, FEED_THRESHOLDS,
    Geometry, IncomingPiece, InputEntry, Observation, Piece, PopulationEntry, Span, Stage, WEIGHT_TABLE, WIDE_TARGETS,
};
use limnos_spec::twin::device::{
    deliver as deliver_twin, lanes_observe as lanes_observe_twin, lanes_source as lanes_source_twin,
    lanes_step as lanes_step_twin, neuron, neuron_step as neuron_twin, observe as observe_twin,
    prepare as prepare_twin, resident as resident_twin, source_step as source_twin, tick as tick_twin,
};
use limnos_spec::{ALIGN, rng};

/// Buffers of a kernel before and after, in the order of its bindings.
pub struct Case {
    pub kernel: &'static str,
    pub overrides: Vec<(&'static str, f64)>,
    pub before: Vec<Vec<u32>>,
    pub after: Vec<Vec<u32>>,
    pub invocations: u32,
    /// The buffer that is a spike list.
    pub list: Option<usize>,
    /// Words (buffer, place) of which the result depends on one at least.
    pub decisive: Vec<(usize, usize)>,
}

/// Random words.
pub struct Random {
    seed: u32,
    next: u32,
}

impl Random {
    pub fn new(seed: usize) -> Self {
        Self { seed: seed as u32, next: 0 }
    }

    pub fn word(&mut self) -> u32 {
        self.next += 1;
        rng::word(9, self.next, self.seed, 0, [17, 4])
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.word() as usize % end
    }

    pub fn words(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.word()).collect()
    }

    /// Words of which about every fourth bit is set.
    pub fn sparse(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.word() & self.word()).collect()
    }
}

pub fn words<T: Pod>(values: &[T]) -> Vec<u32> {
    cast_slice(values).to_vec()
}

fn blocks(sizes: &[usize]) -> Vec<u32> {
    sizes.iter().enumerate().flat_map(|(k, size)| vec![k as u32; size.div_ceil(ALIGN)]).collect()
}

pub fn padded(sizes: &[usize]) -> usize {
    sizes.iter().map(|size| size.next_multiple_of(ALIGN)).sum()
}

pub const CLOCK: Clock = Clock { step: 23, origin: 20, first_sample: 5, pad: 0 };

pub fn geometry(cells: usize, channels: usize, batch: usize) -> Geometry {
    Geometry {
        cells: cells as u32,
        channels: channels as u32,
        ring_slots: 7,
        receptors: 2,
        key_low: 0xdead,
        key_high: 0xbeef,
        batch: batch as u32,
        lanes: batch.next_multiple_of(32) as u32,
        history_slots: 8,
        ..Geometry::default()
    }
}

/// Inputs of all kinds of feed with random contents: entries and feed.
fn inputs(sizes: &[usize], batch: usize, random: &mut Random) -> (Vec<InputEntry>, Vec<u32>) {
    let mut feed = Vec::new();
    let mut first = 0;
    let mut entries = Vec::new();
    for (index, &size) in sizes.iter().enumerate() {
        let kind = [FEED_THRESHOLDS, FEED_SPIKES, FEED_THRESHOLDS, FEED_SILENT][index % 4];
        let rows = if index == 2 { 1 } else { 4 };
        let width = if kind == FEED_SPIKES { size.div_ceil(32) } else { size };
        entries.push(InputEntry {
            first: first as u32,
            size: size as u32,
            index: index as u32,
            kind,
            offset: feed.len() as u32,
            rows,
            stride: if index == 2 { 0 } else { rows * width as u32 },
            start: 21,
        });
        first += size.next_multiple_of(ALIGN);
        let fed = random.words(if index == 2 { width } else { batch * rows as usize * width });
        feed.extend(fed.into_iter().map(|w| if w % 64 == 0 && kind == FEED_THRESHOLDS { u32::MAX } else { w }));
    }
    (entries, feed)
}

pub fn source_step(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 33, n.div_ceil(2), 5];
    let channels = padded(&sizes);
    let (entries, feed) = inputs(&sizes, 1, random);
    let (geometry, blocks) = (geometry(64, channels, 1), blocks(&sizes));
    let mut before = vec![
        words(&[geometry]),
        words(&[CLOCK]),
        words(&entries),
        blocks.clone(),
        feed.clone(),
        vec![0; channels + 1],
        random.words(channels / 32),
    ];
    // Spikes of an earlier part of the step are kept.
    (before[5][0], before[5][1]) = (1, 777);
    let mut after = before.clone();
    let [.., list, bits] = after.as_mut_slice() else { unreachable!("seven buffers") };
    source_twin::source_step(&geometry, &CLOCK, &entries, &blocks, &feed, list, bits);
    Case {
        kernel: "kernels/source_step",
        overrides: vec![],
        before,
        after,
        invocations: channels as u32 / 4,
        list: Some(5),
        decisive: vec![(4, entries[1].offset as usize + 2 * 33usize.div_ceil(32))],
    }
}

pub fn prepare(n: usize) -> Case {
    let count = [n as u32, 65_535, 65_536, 1_000_000][n % 4];
    let before = vec![words(&[CLOCK]), vec![count, 3], words(&[Stage::default()])];
    let mut after = before.clone();
    let (mut clock, mut stage) = (CLOCK, Stage::default());
    let (tick, keep) = (n.is_multiple_of(2), n.is_multiple_of(3));
    prepare_twin::prepare(tick, keep, &mut clock, &mut after[1], &mut stage);
    (after[0], after[2]) = (words(&[clock]), words(&[stage]));
    let overrides = vec![("TICK", f64::from(u8::from(tick))), ("KEEP", f64::from(u8::from(keep)))];
    Case { kernel: "kernels/prepare", overrides, before, after, invocations: 1, list: None, decisive: vec![(1, 0)] }
}

pub fn tick(n: usize) -> Case {
    let mut clock = Clock { step: n as u32, ..CLOCK };
    let before = vec![words(&[clock])];
    tick_twin::tick(&mut clock);
    let after = vec![words(&[clock])];
    Case { kernel: "kernels/tick", overrides: vec![], before, after, invocations: 1, list: None, decisive: vec![] }
}

/// Four pieces of all kinds from two groups of sources into two groups of targets.
fn shard(sizes: &[usize; 2], random: &mut Random) -> (Vec<Piece>, [Vec<u32>; 3]) {
    let firsts = [0, sizes[0].next_multiple_of(ALIGN)];
    let space = padded(sizes);
    let mut rows = vec![0; 2 * (space / ALIGN)];
    let (mut targets, mut values, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..4 {
        // The second piece starts and ends within a block, as one cut from a projection.
        let sources = if k == 1 { 1.min(sizes[0] - 1)..sizes[0].max(2) - 1 } else { 0..sizes[k / 2] };
        let first_source = firsts[k / 2] + sources.start;
        let start = rows.len() as u32;
        let mut starts = vec![0];
        sources.clone().for_each(|_| starts.push(starts[starts.len() - 1] + random.below(9) as u32));
        let count = starts[starts.len() - 1] as usize;
        rows.extend(starts);
        let flags = [WIDE_TARGETS, WEIGHT_TABLE, WEIGHT_TABLE | DELAY_TABLE | WIDE_TARGETS, DELAY_TABLE][k];
        let (target, value) = (targets.len() as u32, values.len() as u32);
        let local: Vec<u32> = (0..count).map(|_| random.below(sizes[k % 2]) as u32).collect();
        match flags & WIDE_TARGETS {
            0 => targets.extend(local.chunks(2).map(|two| two[0] | two.get(1).map_or(0, |t| t << 16))),
            _ => targets.extend(local),
        }
        if flags & WEIGHT_TABLE != 0 {
            values.extend(random.words(count.div_ceil(2)));
        }
        let delays = values.len() as u32;
        if flags & DELAY_TABLE != 0 {
            values.extend((0..count.div_ceil(4)).map(|_| random.word() & 0x0707_0707));
        }
        pieces.push(Piece {
            first_source: first_source as u32,
            sources: sources.len() as u32,
            first_target: firsts[k % 2] as u32,
            flags,
            rows: start,
            targets: target,
            weights: value,
            delays,
            weight: [9, 0, 0, -70_000][k],
            shift: k as u32,
            delay: k as u32 + 1,
            pad: 0,
        });
        for block in first_source / ALIGN..(first_source + sources.len()).div_ceil(ALIGN) {
            if rows[2 * block + 1] == 0 {
                rows[2 * block] = k as u32;
            }
            rows[2 * block + 1] = k as u32 + 1;
        }
    }
    targets.push(0);
    values.push(0);
    (pieces, [rows, targets, values])
}

pub fn deliver(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, n / 2 + 40];
    let cells = padded(&sizes);
    let geometry = geometry(cells, 0, 1);
    let (pieces, [rows, targets, values]) = shard(&sizes, random);
    let mut list = vec![0];
    list.extend((0..n as u32).filter(|_| random.word().is_multiple_of(3)));
    list.extend((sizes[0].next_multiple_of(ALIGN)..cells).take(sizes[1]).map(|source| source as u32));
    let stage = Stage { count: list.len() as u32 - 1, now: 23, ..Stage::default() };
    let ring = random.words(7 * 2 * cells);
    let before = vec![
        words(&[geometry]),
        words(&[stage]),
        list.clone(),
        words(&pieces),
        rows.clone(),
        targets.clone(),
        values.clone(),
        ring,
    ];
    let mut after = before.clone();
    let shard = deliver_twin::Shard { pieces: &pieces, rows: &rows, targets: &targets, values: &values };
    deliver_twin::deliver(&geometry, &stage, &list, &shard, cast_slice_mut(&mut after[7]));
    Case {
        kernel: "kernels/deliver",
        overrides: vec![],
        before,
        after,
        invocations: stage.count + 1,
        list: None,
        decisive: vec![(1, 4)],
    }
}

/// Three populations of random variants and constants, with all drives and fed currents: entries, table, currents.
fn populations(sizes: &[usize], batch: usize, random: &mut Random) -> (Vec<PopulationEntry>, Vec<i32>, Vec<i32>) {
    let mut table: Vec<i32> = blocks(sizes).into_iter().map(|b| b as i32).collect();
    let mut currents = Vec::new();
    let mut first = 0;
    let mut entries = Vec::new();
    for (index, &size) in sizes.iter().enumerate() {
        let mut entry = PopulationEntry {
            first: first as u32,
            size: size as u32,
            index: index as u32,
            flags: random.word() & 31,
            varied: random.word() & 0x7fff,
            same: table.len() as u32,
            ..PopulationEntry::default()
        };
        table.extend(random.words(15).into_iter().map(|w| w as i32));
        entry.each = table.len() as u32;
        table.extend(random.words(entry.varied.count_ones() as usize * size).into_iter().map(|w| w as i32));
        entry.drive = table.len() as u32;
        entry.drive_kind = [DRIVE_POISSON, DRIVE_NORMAL, DRIVE_CONSTANT][(index + size) % 3];
        (entry.drive_weight, entry.drive_base) = (random.word() as i32, random.word() % 5);
        entry.drive_length =
            [0, 11, 4097, 0][entry.drive_kind as usize % 2 + usize::from(entry.drive_kind != DRIVE_CONSTANT)];
        let mut drive = random.words(entry.drive_length as usize);
        drive.sort_unstable();
        let normal = entry.drive_kind == DRIVE_NORMAL;
        table.extend(drive.into_iter().map(|w| if normal { (w >> 3) as i32 } else { w as i32 }));
        (entry.current, entry.current_rows, entry.current_start) = (currents.len() as u32, [1, 3, 0][index], 21);
        entry.current_stride = entry.current_rows * size as u32;
        currents.extend(random.words(batch * entry.current_stride as usize).into_iter().map(|w| w as i32 >> 8));
        first += size.next_multiple_of(ALIGN);
        entries.push(entry);
    }
    (entries, table, currents)
}

/// State by field with few refractory steps.
fn state(pitch: usize, random: &mut Random) -> Vec<u32> {
    let mut state = random.words(6 * pitch);
    state[pitch..2 * pitch].iter_mut().for_each(|r| *r = (*r % 6).saturating_sub(3));
    state
}

pub fn neuron_step(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 70, n / 2 + 1];
    let cells = padded(&sizes);
    let geometry = geometry(cells, 0, 1);
    let (entries, table, currents) = populations(&sizes, 1, random);
    let before = vec![
        words(&[geometry]),
        words(&[CLOCK]),
        words(&entries),
        words(&table),
        words(&currents),
        state(cells, random),
        random.words(7 * 2 * cells),
        random.words(cells / 32),
        vec![0; cells + 1],
    ];
    let mut after = before.clone();
    let tables = neuron::Tables { populations: &entries, tables: &table, currents: &currents, key: [0xdead, 0xbeef] };
    let [.., state, ring, spikes, list] = after.as_mut_slice() else { unreachable!("nine buffers") };
    let mut out = neuron_twin::Outputs { state: cast_slice_mut(state), ring: cast_slice_mut(ring), spikes, list };
    neuron_twin::neuron_step(&geometry, &CLOCK, &tables, &mut out);
    Case {
        kernel: "kernels/neuron_step",
        overrides: vec![],
        before,
        after,
        invocations: cells as u32,
        list: Some(8),
        decisive: (0..70).map(|i| (6, 2 * 2 * cells + n.next_multiple_of(ALIGN) + i)).collect(),
    }
}

/// An observation of everything, and its points.
fn observation(
    sizes: &[usize],
    cells: usize,
    spike_words: usize,
    batch: usize,
    random: &mut Random,
) -> (Observation, Vec<u32>) {
    let probes = 5;
    let potentials = 6 * spike_words as u32;
    let observation = Observation {
        windows: 3,
        window_steps: 2,
        trace_decay: 2_000_000_000,
        trace_one: 1 << 20,
        traced: 1,
        samples: 2,
        probes,
        potential_steps: 4,
        spike_steps: 6,
        rate_steps: 5,
        populations: sizes.len() as u32,
        potentials,
        rates: potentials + 4 * probes * batch as u32,
        ..Observation::default()
    };
    let mut points = vec![0, CLOCK.step - 1 - CLOCK.origin];
    points.extend((0..probes).map(|_| random.below(cells) as u32));
    points.extend(blocks(sizes));
    (observation, points)
}

pub fn observe(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 70];
    let cells = padded(&sizes);
    let geometry = geometry(cells, 0, 1);
    let (o, points) = observation(&sizes, cells, cells / 32, 1, random);
    let spikes = random.sparse(cells / 32);
    let fields = random.words(2 * cells);
    let before = vec![
        words(&[geometry]),
        words(&[o]),
        words(&[CLOCK]),
        spikes.clone(),
        fields.clone(),
        points.clone(),
        random.words(3 * cells).into_iter().map(|w| w >> 1).collect(),
        random.words(3 * cells).into_iter().map(|w| w >> 3).collect(),
        vec![0; o.rates as usize + 5 * 2],
    ];
    let mut after = before.clone();
    let [.., counts, traces, recording] = after.as_mut_slice() else { unreachable!("nine buffers") };
    let mut out = observe_twin::Outputs { counts, traces: cast_slice_mut(traces), recording };
    let step = observe_twin::Step { spikes: &spikes, state: cast_slice(&fields), points: &points };
    observe_twin::observe(&geometry, &o, &CLOCK, step, &mut out);
    let invocations = cells as u32;
    Case {
        kernel: "kernels/observe",
        overrides: vec![],
        before,
        after,
        invocations,
        list: None,
        decisive: vec![(3, 0)],
    }
}

/// A batch of one word, of two, of three, by size.
fn batch(n: usize) -> usize {
    if n > 1000 { 33 } else { [2, 32, 33, 65][n % 4] }
}

pub fn lanes_source(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 33, n.div_ceil(2), 5];
    let (channels, batch) = (padded(&sizes), batch(n));
    let (entries, feed) = inputs(&sizes, batch, random);
    let (geometry, blocks) = (geometry(128, channels, batch), blocks(&sizes));
    let history = random.words(8 * (128 + channels) * batch.div_ceil(32));
    let before = vec![words(&[geometry]), words(&[CLOCK]), words(&entries), blocks.clone(), feed.clone(), history];
    let mut after = before.clone();
    lanes_source_twin::lanes_source(&geometry, &CLOCK, &entries, &blocks, &feed, &mut after[5]);
    let invocations = channels as u32 / 4 * geometry.lanes;
    Case {
        kernel: "kernels/lanes_source",
        overrides: vec![],
        before,
        after,
        invocations,
        list: None,
        decisive: vec![(0, 4)],
    }
}

/// Two incoming pieces a population: one of constant weight, one with a table.
fn incoming(sizes: &[usize; 3], sources: usize, entries: &mut [PopulationEntry], random: &mut Random) -> [Vec<u32>; 2] {
    let mut table = vec![0; 6 * 8];
    let mut weights = Vec::new();
    for (population, (&size, entry)) in sizes.iter().zip(entries).enumerate() {
        (entry.first_piece, entry.pieces) = (2 * population as u32, 2);
        for k in 0..2 {
            let rows = table.len();
            let lengths: Vec<usize> = (0..size).map(|_| random.below(6)).collect();
            let first = rows + size + 1;
            let start = |i: usize| (first + lengths[..i].iter().sum::<usize>()) as u32;
            table.extend((0..=size).map(start).collect::<Vec<_>>());
            let count = lengths.iter().sum::<usize>();
            // A delay of 0 comes from channels alone: spikes of cells are written in the same dispatch.
            let synapse = |random: &mut Random| {
                let source = random.below(sources);
                let delay = if source < sources - 64 { 1 + random.below(7) } else { random.below(8) };
                (source | delay << 24) as u32
            };
            table.extend((0..count).map(|_| synapse(random)));
            let piece = IncomingPiece {
                flags: if k == 0 { 0 } else { WEIGHT_TABLE },
                rows: rows as u32,
                weights: weights.len() as u32,
                weight: [70_000, -5, 1][population],
                shift: population as u32,
                ..IncomingPiece::default()
            };
            if k == 1 {
                weights.extend(random.words(count.div_ceil(2)));
            }
            let at = 8 * (2 * population + k);
            table[at..at + 8].copy_from_slice(&words(&[piece]));
        }
    }
    weights.push(0);
    [table, weights]
}

pub fn lanes_step(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 70, n / 2 + 1];
    let (cells, batch) = (padded(&sizes), batch(n));
    let geometry = geometry(cells, 64, batch);
    let (mut entries, table, currents) = populations(&sizes, batch, random);
    let [synapses, weights] = incoming(&sizes, cells + 64, &mut entries, random);
    let before = vec![
        words(&[geometry]),
        words(&[CLOCK]),
        words(&entries),
        words(&table),
        words(&currents),
        state(cells * geometry.lanes as usize, random),
        random.words(8 * (cells + 64) * batch.div_ceil(32)),
        synapses.clone(),
        weights.clone(),
    ];
    let mut after = before.clone();
    let tables = neuron::Tables { populations: &entries, tables: &table, currents: &currents, key: [0xdead, 0xbeef] };
    let incoming = lanes_step_twin::Incoming { incoming: &synapses, weights: &weights };
    let [_, _, _, _, _, state, history, ..] = after.as_mut_slice() else { unreachable!("nine buffers") };
    lanes_step_twin::lanes_step(&geometry, &CLOCK, &tables, &incoming, cast_slice_mut(state), history);
    let invocations = cells as u32 * geometry.lanes;
    Case {
        kernel: "kernels/lanes_step",
        overrides: vec![],
        before,
        after,
        invocations,
        list: None,
        decisive: (0..40).map(|k| (8, k)).collect(),
    }
}

pub fn lanes_observe(n: usize) -> Case {
    let random = &mut Random::new(n);
    let sizes = [n, 70];
    let (cells, batch) = (padded(&sizes), batch(n));
    let geometry = geometry(cells, 64, batch);
    let words_of_batch = batch.div_ceil(32);
    let field = cells * words_of_batch * 32;
    let (o, points) = observation(&sizes, cells, cells * words_of_batch, batch, random);
    // Samples beyond the batch never spike.
    let real = |k: usize| match batch - k % words_of_batch * 32 {
        left if left >= 32 => u32::MAX,
        left => (1 << left) - 1,
    };
    let history = random.sparse(8 * (cells + 64) * words_of_batch);
    let history: Vec<u32> = history.into_iter().enumerate().map(|(k, word)| word & real(k)).collect();
    let fields = random.words(2 * field);
    // Traces of samples beyond the batch stay zero.
    let trace = |(k, w): (usize, u32)| if k % (32 * words_of_batch) < batch { w >> 3 } else { 0 };
    let before = vec![
        words(&[geometry]),
        words(&[o]),
        words(&[CLOCK]),
        history.clone(),
        fields.clone(),
        points.clone(),
        random.words(3 * field).into_iter().map(|w| w >> 1).collect(),
        random.words(3 * field).into_iter().enumerate().map(trace).collect(),
        vec![0; o.rates as usize + 5 * 2 * batch],
    ];
    let mut after = before.clone();
    let [.., counts, traces, recording] = after.as_mut_slice() else { unreachable!("nine buffers") };
    let mut out = observe_twin::Outputs { counts, traces: cast_slice_mut(traces), recording };
    let step = lanes_observe_twin::Step { history: &history, state: cast_slice(&fields), points: &points };
    lanes_observe_twin::lanes_observe(&geometry, &o, &CLOCK, step, &mut out);
    let invocations = cells as u32 * geometry.lanes;
    Case {
        kernel: "kernels/lanes_observe",
        overrides: vec![],
        before,
        after,
        invocations,
        list: None,
        decisive: vec![(2, 0)],
    }
}

/// Synapses of channels and of cells in one table behind plastic synapses, populations and inputs.
fn merged(
    plastic: &[u32],
    entries: &[PopulationEntry],
    inputs: &[InputEntry],
    shards: [(Vec<Piece>, [Vec<u32>; 3]); 2],
    blocks: [usize; 2],
    span: &mut Span,
) -> Vec<u32> {
    let mut network = [plastic.to_vec(), words(entries), words(inputs)].concat();
    span.populations = plastic.len() as u32;
    span.inputs = span.populations + words(entries).len() as u32;
    span.pieces = network.len() as u32;
    let pieces = shards.each_ref().map(|(pieces, _)| pieces.len());
    network.resize(network.len() + 12 * (pieces[0] + pieces[1]), 0);
    let mut place = [[0; 3]; 2];
    for (place, (_, tables)) in place.iter_mut().zip(&shards) {
        for (place, table) in place.iter_mut().zip(tables) {
            *place = network.len() as u32;
            network.extend(table);
        }
    }
    for (kind, (all, _)) in shards.into_iter().enumerate() {
        let before = if kind == 0 { 0 } else { pieces[0] };
        let ranges = &mut network[place[kind][0] as usize..][..2 * blocks[kind]];
        ranges.iter_mut().for_each(|piece| *piece += before as u32);
        for (k, mut piece) in all.into_iter().enumerate() {
            piece.rows += place[kind][0];
            piece.targets += place[kind][1];
            piece.weights += place[kind][2];
            piece.delays += place[kind][2];
            network[span.pieces as usize + 12 * (before + k)..][..12].copy_from_slice(&words(&[piece]));
        }
    }
    (span.channel_pieces, span.cell_pieces) = (place[0][0], place[1][0]);
    network
}

/// What the kernels of the resident regime read of a network, and how many words they record.
pub struct Resident {
    pub geometry: Geometry,
    pub observation: Observation,
    pub span: Span,
    pub network: Vec<u32>,
    pub tables: Vec<i32>,
    pub currents: Vec<i32>,
    pub feed: Vec<u32>,
    pub record: usize,
}

/// Rows of two groups of so many sources each, and blocks of the whole space that hold none.
fn shard_within(sizes: &[usize; 2], space: usize, random: &mut Random) -> (Vec<Piece>, [Vec<u32>; 3]) {
    let mut shard = shard(sizes, random);
    let known = 2 * padded(sizes) / ALIGN;
    let more = 2 * space / ALIGN - known;
    shard.1[0].splice(known..known, vec![0; more]);
    shard.0.iter_mut().for_each(|piece| piece.rows += more as u32);
    shard
}

impl Resident {
    /// Two steps of a batch that observes everything, with plastic synapses and words of a learner.
    pub fn new(
        (sizes, channel_sizes): (&[usize], &[usize]),
        batch: usize,
        (synapses, learner): (&[u32], usize),
        random: &mut Random,
    ) -> Self {
        let (cells, channels) = (padded(sizes), padded(channel_sizes));
        let geometry = geometry(cells, channels, batch);
        let (entries, mut tables, currents) = populations(sizes, batch, random);
        let (inputs, feed) = inputs(channel_sizes, batch, random);
        let (observation, points) = observation(sizes, cells, batch * cells / 32, batch, random);
        let field = (batch * cells) as u32;
        let mut span = Span {
            step: 22,
            origin: 20,
            first_sample: 5,
            // A software driver ends loops after so many iterations.
            steps: if cells > 1000 { 1 } else { 3 },
            end_lane: batch as u32,
            emits: 1,
            stride: (6 * cells + learner) as u32,
            learner: 6 * cells as u32,
            blocks: tables.len() as u32,
            traces: 7 * 2 * field,
            counts: (7 * 2 + 3) * field,
            recording: (7 * 2 + 6) * field,
            ..Span::default()
        };
        tables.extend(blocks(channel_sizes).into_iter().map(|block| block as i32));
        span.points = tables.len() as u32;
        tables.extend(points[..(observation.samples + observation.probes) as usize].iter().map(|&point| point as i32));
        let of_channels = match channel_sizes {
            [first, second, ..] => shard_within(&[*first, *second], channels, random),
            _ => (Vec::new(), [vec![0; 2 * channels / ALIGN], Vec::new(), Vec::new()]),
        };
        let shards = [of_channels, shard_within(&[sizes[0], sizes[1]], cells, random)];
        let network = merged(synapses, &entries, &inputs, shards, [channels / ALIGN, cells / ALIGN], &mut span);
        span.course = span.recording + observation.rates + (5 * sizes.len() * batch) as u32;
        let record = span.course as usize;
        Self { geometry, observation, span, network, tables, currents, feed, record }
    }

    /// The twin's view.
    pub fn inputs(&self) -> resident_twin::Inputs<'_> {
        resident_twin::Inputs {
            geometry: &self.geometry,
            observation: &self.observation,
            span: &self.span,
            network: &self.network,
            tables: &self.tables,
            currents: &self.currents,
            feed: &self.feed,
        }
    }

    /// Where the ring is in workgroup memory if it fits there, and how many words of spikes there are.
    pub fn overrides(&self) -> Vec<(&'static str, f64)> {
        let g = &self.geometry;
        let ring = g.ring_slots * g.receptors * g.cells;
        let shared = ring <= 3584;
        vec![
            ("SHARED", f64::from(u8::from(shared))),
            ("SUMS", if shared { f64::from(ring) } else { 1.0 }),
            ("BITS", f64::from((g.cells + g.channels) / 16)),
        ]
    }

    /// Words that are recorded before the first step.
    pub fn recorded(&self, more: usize, random: &mut Random) -> Vec<u32> {
        random.words(self.record + more).into_iter().map(|w| w >> 3).collect()
    }

    /// Words of what is due at the neurons of the second population in the first step.
    pub fn due(&self, first: usize) -> impl Iterator<Item = usize> {
        let at = 2 * self.geometry.cells as usize + first.next_multiple_of(ALIGN);
        at..at + 70
    }
}

/// Fields of the cells of a sample.
pub fn fields(cells: usize, random: &mut Random) -> Vec<u32> {
    state(cells, random)
}

pub fn resident(n: usize) -> Case {
    let random = &mut Random::new(n);
    let (sizes, channel_sizes) = ([n, 70, n / 2 + 1], [n, 33, n.div_ceil(2), 5]);
    let (cells, batch) = (padded(&sizes), if n > 1000 { 2 } else { 3 });
    let net = Resident::new((&sizes, &channel_sizes), batch, (&[], 0), random);
    let before = vec![
        words(&[net.geometry]),
        words(&[net.observation]),
        words(&[net.span]),
        net.network.clone(),
        words(&net.tables),
        words(&net.currents),
        net.feed.clone(),
        (0..batch).flat_map(|_| state(cells, random)).collect(),
        net.recorded(0, random),
    ];
    let mut after = before.clone();
    let [.., state, record] = after.as_mut_slice() else { unreachable!("nine buffers") };
    let mut out = resident_twin::Outputs { state: cast_slice_mut(state), record: cast_slice_mut(record) };
    resident_twin::resident(net.inputs(), &mut out);
    Case {
        kernel: "kernels/resident",
        overrides: net.overrides(),
        before,
        after,
        invocations: batch as u32,
        list: None,
        decisive: net.due(n).map(|at| (8, at)).collect(),
    }
}
