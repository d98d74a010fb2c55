//! The plain oracle's learning: every synapse keeps its own traces and sees every step; nothing is shared, nothing is driven by events. Written
//! from the equations and the formats alone, without the twins.

use limnos_engine::PlasticState;
use limnos_spec::connect::SynapseDelays;
use limnos_spec::{
    AstrocyteDynamics, CalciumGate, Convention, Dependence, Endpoint, Inhibitory, Members, Model, Network, Pairing,
    Rate, SpikeFilter, Stdp,
};

/// `floor(a * b / 2^shift + 1/2)`.
pub fn product(a: i64, b: i64, shift: u32) -> i64 {
    (2 * i128::from(a) * i128::from(b) + (1i128 << shift)).div_euclid(1i128 << (shift + 1)) as i64
}

fn fixed(x: f64, bits: u32) -> i64 {
    (x * (1u64 << bits) as f64).round() as i64
}

const ONE31: i64 = (1 << 31) - 1;

fn factor(x: f64) -> i64 {
    ((x * (1u64 << 31) as f64).round() as i64).min(ONE31)
}

/// The most bits up to `most` that keep `bound` below 2^30.
fn bits(bound: f64, most: u32) -> u32 {
    (0..=most).rev().find(|&b| bound * ((1u64 << b) as f64) < (1u64 << 30) as f64).expect("a format")
}

#[derive(Clone, Debug)]
struct Synapse {
    source: usize,
    target: usize,
    delay: u32,
    w: i64,
    x: i64,
    y: i64,
    /// Slow traces of source and target, and the target's calcium.
    slow: [i64; 2],
    calcium: i64,
    value: i64,
}

#[derive(Clone, Copy, Debug)]
struct RateState {
    word: i64,
    decay: i64,
    astrocyte: Option<usize>,
    bits: u32,
}

#[derive(Debug)]
struct Plastic {
    index: usize,
    from_input: bool,
    source: usize,
    target: usize,
    inhibitory_from: usize,
    stdp: Option<Stdp>,
    filter: Option<SpikeFilter>,
    weight_bits: u32,
    shift: u32,
    rates: Option<[RateState; 2]>,
    triplet_rates: Option<[RateState; 2]>,
    synapses: Vec<Synapse>,
}

#[derive(Debug)]
struct Glia {
    bits: u32,
    output: i64,
    bias: i64,
    rate: i64,
    decay: i64,
    /// (from input, index, gain, members).
    watches: Vec<(bool, usize, i64, Vec<bool>)>,
}

/// A gate's calcium: what a spike adds before the decay, the decay, and the windows of potentiation and depression.
struct Calcium {
    one: i64,
    keep: i64,
    windows: [(i64, i64); 2],
}

impl Calcium {
    fn new(gate: CalciumGate, dt: f64) -> Self {
        let keep = 1.0 - dt / gate.tau;
        let bits = bits((gate.tau / dt + 2.0).max(gate.threshold + gate.width), 24);
        let [below, at, above] = [-gate.width, 0.0, gate.width].map(|distance| fixed(gate.threshold + distance, bits));
        Self { one: fixed(1.0 / keep, bits), keep: factor(keep), windows: [(at, above), (below, at)] }
    }

    fn open(&self, calcium: i64, role: usize) -> bool {
        let (low, high) = self.windows[role];
        low < calcium && calcium < high
    }
}

/// Learning of the oracle.
#[derive(Debug, Default)]
pub struct Learning {
    dt: f64,
    plastic: Vec<Plastic>,
    glia: Vec<Glia>,
    /// Spikes by step: of inputs and of populations.
    channels: Vec<Vec<Vec<usize>>>,
    cells: Vec<Vec<Vec<usize>>>,
}

fn ends(source: Endpoint) -> (bool, usize) {
    match source {
        Endpoint::Input(i) => (true, i.index()),
        Endpoint::Population(p) => (false, p.index()),
    }
}

impl Learning {
    pub fn new(net: &Network, model: &Model) -> Self {
        let mut learning = Self { dt: net.config.dt, ..Self::default() };
        for (k, d) in net.astrocytes().iter().enumerate() {
            let AstrocyteDynamics::Leaky(a) = d.dynamics else { panic!("the oracle knows leaky astrocytes") };
            let sizes = |s| match ends(s) {
                (true, i) => model.inputs[i].size,
                (false, p) => model.populations[p].size,
            };
            let seen: f64 = d.watches.iter().map(|w| (a.weight * w.weight).abs() * sizes(w.source) as f64).sum();
            let initial = a.initial.unwrap_or(a.bias);
            let bits = bits((seen + a.bias.abs()).max(initial.abs()), 24);
            let watches = d.watches.iter().enumerate().map(|(j, w)| {
                let (from_input, index) = ends(w.source);
                let members = (0..sizes(w.source))
                    .map(|u| match &w.members {
                        Members::All => true,
                        Members::Listed(list) => list.contains(&u),
                        // Whom chance chose is taken from the model; that it is as many as asked for is tested elsewhere.
                        Members::Fraction(_) => model.plastic.astrocytes[k].watches[j].watches(u),
                    })
                    .collect();
                (from_input, index, fixed(a.weight * w.weight, bits), members)
            });
            learning.glia.push(Glia {
                bits,
                output: fixed(initial, bits),
                bias: fixed(a.bias, bits),
                rate: factor(learning.dt / a.tau),
                decay: factor(a.decay),
                watches: watches.collect(),
            });
        }
        for (index, d) in net.projections().iter().enumerate() {
            if d.plasticity.is_some() || d.filter.is_some() {
                let plastic = learning.projection(net, model, index);
                learning.plastic.push(plastic);
            }
        }
        learning
    }

    fn projection(&self, net: &Network, model: &Model, index: usize) -> Plastic {
        let (d, m) = (&net.projections()[index], &model.projections[index]);
        let (from_input, source) = ends(d.source);
        let membrane = model.populations[m.target].fraction_bits;
        let weight_bits = m.plastic.as_ref().map_or(membrane, |w| w.bits);
        let rate = |r: Rate, decay: f64| match r {
            Rate::Constant(a) => {
                let bits = bits(a.abs(), 30);
                RateState { word: fixed(a, bits), decay: factor(decay), astrocyte: None, bits }
            }
            Rate::ModulatedBy(id) => {
                RateState { word: 1 << 24, decay: ONE31, astrocyte: Some(id.index()), bits: self.glia[id.index()].bits }
            }
            Rate::Scaled(a, id) => RateState {
                word: fixed(a, 24),
                decay: ONE31,
                astrocyte: Some(id.index()),
                bits: self.glia[id.index()].bits,
            },
        };
        let s = &m.synapses;
        let rows = s.row_start.windows(2).enumerate().flat_map(|(row, w)| (w[0]..w[1]).map(move |k| (row, k)));
        let synapses = rows.map(|(source, k)| Synapse {
            source,
            target: s.targets[k] as usize,
            delay: match &s.delays {
                SynapseDelays::Constant(delay) => u32::from(*delay),
                SynapseDelays::Table(delays) => u32::from(delays[k]),
            },
            w: m.plastic.as_ref().map_or_else(|| i64::from(s.weight(k)), |w| i64::from(w.initial[k])),
            x: 0,
            y: 0,
            slow: [0; 2],
            calcium: 0,
            value: 0,
        });
        Plastic {
            index,
            from_input,
            source,
            target: m.target,
            inhibitory_from: if from_input { usize::MAX } else { net.populations()[source].inhibitory().start },
            stdp: d.plasticity,
            filter: d.filter,
            weight_bits,
            shift: weight_bits - membrane,
            rates: d.plasticity.map(|p| [rate(p.a_plus, p.rate_decay), rate(p.a_minus, p.rate_decay)]),
            triplet_rates: d.plasticity.and_then(|p| {
                let t = p.triplet?;
                Some([rate(t.a_plus, p.rate_decay), rate(t.a_minus, p.rate_decay)])
            }),
            synapses: synapses.collect(),
        }
    }

    /// Whether a projection is delivered here.
    pub fn has(&self, projection: usize) -> bool {
        self.plastic.iter().any(|p| p.index == projection)
    }

    pub fn before_neurons(&mut self, t: u32, channels: Vec<Vec<usize>>, pending: &mut [Vec<(u32, usize, i32)>]) {
        self.channels.push(channels);
        self.deliver(t, pending, true);
    }

    pub fn after_neurons(&mut self, t: u32, cells: &[Vec<usize>], pending: &mut [Vec<(u32, usize, i32)>]) {
        self.cells.push(cells.to_vec());
        self.deliver(t, pending, false);
        self.learn(t);
        for p in &mut self.plastic {
            for rate in p.rates.iter_mut().chain(&mut p.triplet_rates).flatten() {
                rate.word = product(rate.word, rate.decay, 31);
            }
        }
        for glia in &mut self.glia {
            let mut drive = glia.bias;
            for (from_input, index, gain, members) in &glia.watches {
                let fired =
                    if *from_input { &self.channels[t as usize][*index] } else { &self.cells[t as usize][*index] };
                drive += gain * fired.iter().filter(|&&u| members[u]).count() as i64;
            }
            glia.output += product(drive - glia.output, glia.rate, 31);
            glia.output = product(glia.output, glia.decay, 31);
            glia.bias = product(glia.bias, glia.decay, 31);
            glia.watches.iter_mut().for_each(|w| w.2 = product(w.2, glia.decay, 31));
        }
    }

    /// Sets an astrocyte's output.
    pub fn set_output(&mut self, astrocyte: usize, output: f64) {
        let bits = self.glia[astrocyte].bits;
        self.glia[astrocyte].output = fixed(output, bits);
    }

    fn event(&self, p: &Plastic, s: &Synapse, t: u32) -> bool {
        let arrival = p.stdp.is_some_and(|s| s.convention == Convention::Arrival);
        let delay = if arrival { s.delay } else { 0 };
        let spikes = if p.from_input { &self.channels } else { &self.cells };
        t >= delay && spikes.get((t - delay) as usize).is_some_and(|f| f[p.source].contains(&s.source))
    }

    fn deliver(&mut self, t: u32, pending: &mut [Vec<(u32, usize, i32)>], before: bool) {
        for k in 0..self.plastic.len() {
            let p = &self.plastic[k];
            let arrival = p.stdp.is_some_and(|s| s.convention == Convention::Arrival);
            if (arrival || p.from_input) != before {
                continue;
            }
            for j in 0..p.synapses.len() {
                let p = &self.plastic[k];
                let s = &p.synapses[j];
                let event = self.event(p, s, t);
                let due = if arrival { t } else { t + s.delay };
                let (target, shift, filtered) = (p.target, p.shift, p.filter.is_some());
                let s = &mut self.plastic[k].synapses[j];
                if event {
                    s.value = ONE31;
                }
                if filtered && s.value > 0 {
                    pending[target].push((due, s.target, product(product(s.w, s.value, 31), 1, shift) as i32));
                } else if !filtered && event {
                    pending[target].push((due, s.target, product(s.w, 1, shift) as i32));
                }
            }
        }
    }

    fn learn(&mut self, t: u32) {
        for k in 0..self.plastic.len() {
            for j in 0..self.plastic[k].synapses.len() {
                let p = &self.plastic[k];
                let event = self.event(p, &p.synapses[j], t);
                let spike = self.cells[t as usize][p.target].contains(&p.synapses[j].target);
                let next = self.synapse(p, p.synapses[j].clone(), event, spike);
                self.plastic[k].synapses[j] = next;
            }
        }
    }

    fn synapse(&self, p: &Plastic, mut s: Synapse, event: bool, spike: bool) -> Synapse {
        if let Some(f) = p.filter {
            s.value = s.value * factor((-self.dt / f.tau).exp()) / (1 << 31);
            if s.value < factor(f.cutoff) {
                s.value = 0;
            }
        }
        let (Some(stdp), Some(rates)) = (p.stdp, p.rates) else { return s };
        let one = fixed(stdp.trace_increment, 24);
        let counted = |trace: i64, event: bool| match (event, stdp.pairing) {
            (false, _) => trace,
            (true, Pairing::AllToAll) => trace + one,
            (true, Pairing::NearestNeighbour) => one,
        };
        let now = |r: RateState| match r.astrocyte {
            None => (r.word, r.bits),
            Some(a) => (product(r.word, self.glia[a].output, 24), r.bits),
        };
        let (x_after, y_after) = (counted(s.x, event), counted(s.y, spike));
        let x = if stdp.convention == Convention::Arrival { x_after } else { s.x };
        let inhibitory = s.source >= p.inhibitory_from;
        let (mut low, mut high) = (fixed(stdp.w_min, p.weight_bits), fixed(stdp.w_max, p.weight_bits));
        // 0 is the rate of potentiation, 1 that of depression.
        let (mut post, mut pre) = ((0, 1), (1, -1));
        if inhibitory && stdp.inhibitory != Inhibitory::Same {
            (low, high) = (-high, -low);
            (post, pre) = match stdp.inhibitory {
                Inhibitory::Exchanged => ((1, -1), (0, 1)),
                _ => ((0, -1), (1, 1)),
            };
        }
        let additive = stdp.dependence == Dependence::Additive;
        let (bits, most) = if additive { (p.weight_bits, 1 << 29) } else { (31, ONE31) };
        let calcium = stdp.gate.map(|g| Calcium::new(g, self.dt));
        let mut sum = 0;
        for ((role, sign), trace, slow, happens) in [(post, x, s.slow[1], spike), (pre, s.y, s.slow[0], event)] {
            if !happens || calcium.as_ref().is_some_and(|c| !c.open(s.calcium, role)) {
                continue;
            }
            let change =
                |(rate, rate_bits): (i64, u32)| sign * product(rate, trace, rate_bits + 24 - bits).clamp(-most, most);
            let mut total = change(now(rates[role]));
            if let Some(triplet) = p.triplet_rates {
                let scaled = product(change(now(triplet[role])), slow, 24).clamp(-most, most);
                total = (total + scaled).clamp(-most, most);
            }
            sum += if additive { total } else { product(if total >= 0 { high - s.w } else { s.w - low }, total, 31) };
        }
        if event || spike {
            s.w = (s.w + sum).clamp(low, high);
        }
        let decayed = |trace: i64, tau: f64| trace * factor((-self.dt / tau).exp()) / (1 << 31);
        s.x = decayed(x_after, stdp.tau_plus);
        s.y = decayed(y_after, stdp.tau_minus);
        if let Some(t) = stdp.triplet {
            let [source, target] = s.slow;
            s.slow = [decayed(counted(source, event), t.tau_plus), decayed(counted(target, spike), t.tau_minus)];
        }
        if let Some(c) = calcium {
            s.calcium = (s.calcium + if spike { c.one } else { 0 }) * c.keep / (1 << 31);
        }
        s
    }

    /// Compares a device's state with this one, word for word.
    pub fn check(&self, model: &Model, state: &PlasticState, what: &str) {
        let rules = model.plastic.projections.iter().filter(|p| p.rule.is_some());
        let rules: Vec<usize> = rules.map(|p| p.projection).collect();
        assert_eq!(rules.len(), state.weights.len());
        for p in &self.plastic {
            let compiled = model.plastic.of(p.index).expect("a plastic projection");
            for (k, s) in p.synapses.iter().enumerate() {
                let place = || format!("{what}, projection {}, synapse {k}: {s:?}", p.index);
                if let Some(filter) = compiled.filter {
                    assert_eq!(i64::from(state.filters[filter][s.source]), s.value, "{}", place());
                }
                let Some(rule) = compiled.rule else { continue };
                let nth = rules.iter().position(|&r| r == p.index).expect("a rule");
                assert_eq!(i64::from(state.weights[nth][k]), s.w, "{}", place());
                let trace = |change: usize| &state.traces[model.plastic.changes[change].trace];
                assert_eq!(i64::from(trace(rule.post)[s.source]), s.x, "{}", place());
                assert_eq!(i64::from(trace(rule.pre[0])[s.target]), s.y, "{}", place());
                if let Some(t) = rule.triplet {
                    let slow = [state.traces[t.pre.1][s.source], state.traces[t.post.1][s.target]];
                    assert_eq!(slow.map(i64::from), s.slow, "{}", place());
                }
                if let Some(gates) = rule.gates {
                    let calcium = state.traces[model.plastic.gates[gates[0]].trace][s.target];
                    assert_eq!(i64::from(calcium), s.calcium, "{}", place());
                }
            }
        }
        for (glia, words) in self.glia.iter().zip(&state.astrocytes) {
            let expected: Vec<i64> =
                [glia.output, glia.bias].into_iter().chain(glia.watches.iter().map(|w| w.2)).collect();
            assert_eq!(words.iter().map(|&w| i64::from(w)).collect::<Vec<_>>(), expected, "{what}");
        }
    }
}
