//! The published model in plain floating-point numbers, in the order of the published code: every synapse in every step. Spikes must be
//! the same, and weights and the astrocyte the same up to rounding.

use limnos::ProjectionId;
use limnos::presets::nalsm::{LearnedWeights, Nalsm, NalsmLiquid, Rule};
use limnos::tasks::{SpikeTrain, SplitMix64};

use super::{cpu, trains};

const CHANNELS: usize = 12;

/// Neurons are those of the liquid, then those of the input.
struct Oracle {
    liquid: usize,
    first_inhibitory: usize,
    /// Pairs (source, target) of the synapses, those of the input first.
    pairs: Vec<(usize, usize)>,
    w: Vec<f64>,
    trace: Vec<f64>,
    v: Vec<f64>,
    x: Vec<f64>,
    refractory: Vec<i32>,
    rule: Rule,
    /// Output, weight and bias of the astrocyte, and the rate of potentiation.
    a: f64,
    w_astro: f64,
    bias: f64,
    rate: f64,
    decay: f64,
    /// For the control: steps of the refractory counter.
    hold: i32,
}

impl Oracle {
    fn new(liquid: &NalsmLiquid, weights: &LearnedWeights, decay: f64) -> Self {
        let n = liquid.preset().neurons;
        let parts = liquid.network();
        let pairs_of = |id: ProjectionId, first: usize| {
            let synapses = &liquid.model().projections[id.index()].synapses;
            let rows = synapses.row_start.windows(2).enumerate();
            rows.flat_map(|(j, row)| synapses.targets[row[0]..row[1]].iter().map(move |&i| (first + j, i as usize)))
                .collect::<Vec<_>>()
        };
        let w_astro = match liquid.preset().rule {
            Rule::Astrocyte { weight } => weight,
            _ => 0.0,
        };
        let all = n + CHANNELS;
        let mut oracle = Self {
            liquid: n,
            first_inhibitory: liquid.first_inhibitory(),
            pairs: [pairs_of(parts.input_synapses, n), pairs_of(parts.liquid_synapses, 0)].concat(),
            w: [&weights.input[..], &weights.liquid].concat(),
            trace: vec![0.0; all],
            v: vec![0.0; all],
            x: vec![0.0; all],
            refractory: vec![0; all],
            rule: liquid.preset().rule,
            a: 0.15,
            w_astro,
            bias: 0.15,
            rate: 0.15,
            decay,
            hold: 2,
        };
        oracle.reset(w_astro);
        oracle
    }

    /// What is reset between snippets and samples; weights and traces go on.
    fn reset(&mut self, w_astro: f64) {
        for values in [&mut self.v, &mut self.x] {
            values.fill(0.0);
        }
        self.refractory.fill(0);
        (self.a, self.w_astro, self.bias, self.rate) = (0.15, w_astro, 0.15, 0.15);
    }

    /// One step; the neurons that spike.
    fn step(&mut self, events: &[usize]) -> Vec<bool> {
        let s: Vec<bool> = self.v.iter().zip(&self.refractory).map(|(v, r)| *r <= 0 && *v >= 20.0).collect();
        for (i, _) in s.iter().enumerate().filter(|(_, spiked)| **spiked) {
            (self.v[i], self.x[i]) = (0.0, 1.0);
        }
        let mut sum = vec![0.0; s.len()];
        for (&(j, i), w) in self.pairs.iter().zip(&self.w) {
            sum[i] += w * self.x[j];
        }
        events.iter().for_each(|c| sum[self.liquid + c] += 100.0);
        for (i, &spiked) in s.iter().enumerate() {
            self.v[i] += sum[i] - self.v[i] / 64.0;
            self.x[i] *= (-1.0f64).exp();
            self.refractory[i] = if spiked { self.hold } else { self.refractory[i] - 1 };
        }
        if self.rule.is_plastic() {
            self.learn(&s);
        }
        s
    }

    fn learn(&mut self, s: &[bool]) {
        let is = |spike: bool| f64::from(u8::from(spike));
        let depression = if matches!(self.rule, Rule::Astrocyte { .. }) { self.a } else { self.rate };
        for (&(j, i), w) in self.pairs.iter().zip(&mut self.w) {
            let (post, pre) = (self.trace[j] * is(s[i]), self.trace[i] * is(s[j]));
            let inhibitory = (self.first_inhibitory..self.liquid).contains(&j);
            let change =
                if inhibitory { self.rate * pre - depression * post } else { self.rate * post - depression * pre };
            let [low, high] = match j {
                _ if j >= self.liquid => [-3.0, 3.0],
                _ if inhibitory => [-3.0, 0.0],
                _ => [0.0, 3.0],
            };
            *w = (*w + change).clamp(low, high);
        }
        for (trace, &spike) in self.trace.iter_mut().zip(s) {
            *trace = (-0.1f64).exp() * (*trace + 0.1 * is(spike));
        }
        let count = |of: &[bool]| of.iter().filter(|s| **s).count() as f64;
        let difference = count(&s[..self.liquid]) - count(&s[self.liquid..]);
        self.a += (self.w_astro * difference + self.bias - self.a) / 100.0;
        for value in [&mut self.a, &mut self.w_astro, &mut self.bias, &mut self.rate] {
            *value *= self.decay;
        }
    }

    /// Spikes of liquid and input, and the astrocyte's course, over some steps of a train.
    #[expect(clippy::type_complexity, reason = "three lists that are compared with three others")]
    fn run(&mut self, train: &SpikeTrain, start: u32, steps: u32) -> (Vec<(u32, u32)>, Vec<(u32, u32)>, Vec<f64>) {
        let (mut liquid, mut input, mut course) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..steps {
            let events: Vec<usize> = train.at(start + step).iter().map(|e| e.1 as usize).collect();
            let s = self.step(&events);
            let spiked = |of: &[bool]| (0..).zip(of).filter(|(_, s)| **s).map(|(i, _)| (step, i)).collect::<Vec<_>>();
            liquid.extend(spiked(&s[..self.liquid]));
            input.extend(spiked(&s[self.liquid..]));
            course.push(self.a);
        }
        (liquid, input, course)
    }
}

fn preset(rule: Rule) -> Nalsm {
    Nalsm { neurons: 64, steps: 120, seed: 5, initial_weight: 2.9, ..Nalsm::new(CHANNELS, rule) }
}

/// Develops by both, compares weights, shows samples by both, compares spikes; the number of spikes of the liquid.
fn same(rule: Rule, w_astro: f64, snippets: usize) -> usize {
    let preset = preset(rule);
    let mut liquid = preset.liquid(&cpu()).unwrap();
    // Of so many steps a snippet can begin at step 1 alone.
    let shown = trains(snippets, preset.snippet_steps + 3);
    liquid.develop(&shown, &mut |_| ()).unwrap();
    let mut oracle = Oracle::new(&liquid, &liquid.initial_weights(), 1.0);
    let mut order: Vec<usize> = (0..snippets).collect();
    SplitMix64::new(preset.seed).shuffle(&mut order);
    for index in order {
        oracle.reset(w_astro);
        oracle.run(&shown[index], 1, preset.snippet_steps);
    }
    let weights = liquid.weights().cloned().unwrap_or_else(|| liquid.initial_weights());
    let found = [&weights.input[..], &weights.liquid].concat();
    let worst = found.iter().zip(&oracle.w).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-4, "weights differ by {worst} mV");
    let initial = liquid.initial_weights();
    let moved = found.iter().zip(initial.input.iter().chain(&initial.liquid)).filter(|(a, b)| (*a - *b).abs() > 0.02);
    let moved = moved.count();
    assert!(!rule.is_plastic() || moved > found.len() / 10, "development moved {moved} of {} weights", found.len());
    let samples = trains(3, preset.steps);
    let mut spikes = 0;
    for (recording, train) in liquid.record(0, &samples).unwrap().iter().zip(&samples) {
        let mut oracle = Oracle::new(&liquid, &weights, 0.99);
        let (liquid_spikes, input_spikes, course) = oracle.run(train, 0, preset.steps);
        assert_eq!(recording.input, input_spikes);
        assert_eq!(recording.liquid, liquid_spikes);
        for (a, b) in recording.astrocyte.iter().zip(&course) {
            assert!((a - b).abs() < 1e-5, "the astrocyte's output {a}, {b} by the oracle");
        }
        spikes += liquid_spikes.len();
    }
    spikes
}

#[test]
fn an_astrocyte_tunes_as_in_the_published_order() {
    assert!(same(Rule::astrocyte(0.015), 0.015, 40) > 500);
}

#[test]
fn equal_rates_learn_as_in_the_published_order() {
    assert!(same(Rule::Stdp, 0.0, 40) > 500);
}

#[test]
fn static_weights_spike_as_in_the_published_order() {
    assert!(same(Rule::Static { weight: 2.5 }, 0.0, 2) > 500);
}

#[test]
fn the_oracle_sees_a_wrong_refractory_period() {
    let preset = preset(Rule::Static { weight: 2.5 });
    let liquid = preset.liquid(&cpu()).unwrap();
    let samples = trains(1, preset.steps);
    let mut oracle = Oracle::new(&liquid, &liquid.initial_weights(), 0.99);
    oracle.hold = 3;
    assert_ne!(liquid.record(0, &samples).unwrap()[0].input, oracle.run(&samples[0], 0, preset.steps).1);
}

#[test]
fn an_event_makes_a_spike_a_step_later_and_waits_for_the_end_of_the_refractory_period() {
    let preset = preset(Rule::Static { weight: 0.1 });
    let liquid = preset.liquid(&cpu()).unwrap();
    let mut events: Vec<(u32, u32)> = vec![(0, 2), (1, 2), (10, 2)];
    events.sort_unstable();
    let train = SpikeTrain::new(preset.steps, CHANNELS as u32, events).unwrap();
    // The event of step 1 falls into the refractory period: its charge is kept and the spike comes in step 4.
    assert_eq!(liquid.record(0, &[train][..]).unwrap()[0].input, [(1, 2), (4, 2), (11, 2)]);
}
