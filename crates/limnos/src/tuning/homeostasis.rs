//! Homeostasis of excitation and inhibition: inhibitory weights move until each unit has its mean rate.

use limnos_spec::rate::{Activation, RateModel};
use limnos_tasks::SplitMix64;
use ndarray::{ArrayView2, Axis};

use super::host::{self, Host, HostLayer};
use super::{Developed, Development, check_rate, developed};
use crate::Result;
use crate::error::argument;

/// The mean rate that each unit shall have, above 0 and below 1.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TargetRates {
    /// The same for all.
    Same(f64),
    /// Drawn from a Beta distribution: units of many kinds, which the paper found to spare most tuning.
    Beta {
        /// First shape, a whole number of 1 or more.
        a: u32,
        /// Second shape.
        b: u32,
        /// Seed of the draws.
        seed: u64,
    },
    /// One for each unit.
    Given(Vec<f64>),
}

impl TargetRates {
    /// The rate of each of so many units.
    ///
    /// # Errors
    /// Rates outside 0 to 1, shapes of 0 or above 64, another number of rates than units.
    pub fn rates(&self, units: usize) -> Result<Vec<f64>> {
        let rates = match self {
            Self::Same(rate) => vec![*rate; units],
            Self::Given(rates) => rates.clone(),
            Self::Beta { a, b, .. } if !(1..=64).contains(a) || !(1..=64).contains(b) => {
                return Err(argument("shapes of the rates", format!("{a} and {b}"), "whole numbers, 1 to 64"));
            }
            Self::Beta { a, b, seed } => {
                let mut random = SplitMix64::new(*seed);
                (0..units).map(|_| beta(&mut random, *a, *b)).collect()
            }
        };
        if rates.len() != units {
            return Err(argument(
                "target rates",
                format!("{} rates", rates.len()),
                format!("one for each of {units} units"),
            ));
        }
        match rates.iter().find(|&&rate| !(rate > 0.0 && rate < 1.0)) {
            Some(rate) => Err(argument("target rates", rate, "above 0 and below 1")),
            None => Ok(rates),
        }
    }
}

/// Beta(a, b) as the a-th smallest of a + b - 1 uniform numbers.
fn beta(random: &mut SplitMix64, a: u32, b: u32) -> f64 {
    let mut uniform: Vec<f64> = (0..a + b - 1).map(|_| random.next_f64().max(f64::MIN_POSITIVE)).collect();
    uniform.sort_by(f64::total_cmp);
    uniform[a as usize - 1]
}

/// How inhibitory weights find their values.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum HomeostasisForm {
    /// In each step all inhibitory weights of a unit move by `rate (r - target)`, not below 0 (eq. 7 of the paper; the bound is ours).
    Local {
        /// Rate of learning, above 0 and below 1.
        rate: f64,
        /// How many times the inputs run through.
        passes: usize,
    },
    /// At once: each unit's inhibitory weights are multiplied by the factor for which the targets are a fixed point under the mean input (eq. 8).
    OneStep,
}

/// Homeostasis of excitation and inhibition (Srinivasan, Plenz, Girvan 2025): for sigmoid units whose recurrent weights are positive (excitatory) and
/// negative (inhibitory), such as an [`EiReservoir`](super::EiReservoir).
///
/// ```
/// use limnos::tuning::{Development, EiHomeostasis, EiReservoir, TargetRates};
/// # use limnos::ndarray::Array2;
/// let model = EiReservoir { units: 100, degree: 20, balance: 0.5, ..EiReservoir::default() }.model(1)?;
/// let inputs = Array2::from_shape_fn((500, 1), |(t, _)| (0.7 * t as f64).sin());
/// let homeostasis = EiHomeostasis { targets: TargetRates::Same(0.3), ..EiHomeostasis::default() };
/// let developed = homeostasis.develop(&model, inputs.view())?;
/// assert!(developed.before.mean > 0.9 && (developed.after.mean - 0.3).abs() < 0.1);
/// # Ok::<(), limnos::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct EiHomeostasis {
    /// The mean rate of each unit.
    pub targets: TargetRates,
    /// How weights find their values.
    pub form: HomeostasisForm,
}

impl Default for EiHomeostasis {
    /// Rates from Beta(2, 2); the local rule at 1e-3 with 4 passes.
    fn default() -> Self {
        Self {
            targets: TargetRates::Beta { a: 2, b: 2, seed: 0 },
            form: HomeostasisForm::Local { rate: 1e-3, passes: 4 },
        }
    }
}

impl Development for EiHomeostasis {
    fn develop(&self, model: &RateModel, inputs: ArrayView2<'_, f64>) -> Result<Developed> {
        if let Some(layer) = model.layers().iter().find(|layer| layer.activation != Activation::Sigmoid) {
            return Err(argument(
                "activation",
                format!("{:?}", layer.activation),
                "Sigmoid: rates lie between 0 and 1",
            ));
        }
        let targets = self.targets.rates(model.units())?;
        let changed = match self.form {
            HomeostasisForm::Local { rate, passes } => {
                check_rate(rate)?;
                host::develop(model, &inputs, passes, |first, layer, _| local(layer, rate, &targets[first..]))?
            }
            HomeostasisForm::OneStep => one_step(model, &inputs, &targets)?,
        };
        developed(model, changed, inputs)
    }
}

/// Entries by which a unit is inhibited: those of its own layer with negative weights.
fn inhibitory(layer: &HostLayer, i: usize) -> impl Iterator<Item = usize> + use<'_> {
    let weights = layer.weights().value();
    layer.row(i).filter(move |&entry| layer.own_unit(entry).is_some() && weights[entry] < 0.0)
}

/// An inhibitory weight keeps its sign, so that developing again finds it; this one inhibits nothing.
const LEAST: f64 = 1e-30;

fn local(layer: &mut HostLayer, rate: f64, targets: &[f64]) {
    for (i, target) in (0..layer.units()).zip(targets) {
        let change = rate * (layer.activity[i] - target);
        // More inhibition is a more negative weight. What was inhibitory at first stays so.
        let entries: Vec<usize> = inhibitory(layer, i).collect();
        entries.into_iter().for_each(|entry| layer.weight[entry] = (layer.weight[entry] - change).min(-LEAST));
    }
}

fn one_step(model: &RateModel, inputs: &ArrayView2<'_, f64>, targets: &[f64]) -> Result<RateModel> {
    host::check_inputs(model, inputs)?;
    let mut host = Host::new(model)?;
    let mean = inputs.mean_axis(Axis(0)).expect("inputs should have steps");
    // What units read when all have their target rates.
    let gathered: Vec<f64> = mean.iter().chain(targets).copied().collect();
    let mut first = 0;
    for layer in &mut host.layers {
        for i in 0..layer.units() {
            let target = targets[first + i];
            let logit = libm::log(target / (1.0 - target));
            let term = |entry: usize| layer.weight[entry] * gathered[layer.weights().column()[entry] as usize];
            let entries: Vec<usize> = inhibitory(layer, i).collect();
            let inhibition: f64 = entries.iter().map(|&entry| term(entry)).sum();
            let rest = layer.row(i).map(term).sum::<f64>() - inhibition;
            // gain (rest + factor inhibition) + bias = logit.
            if inhibition < 0.0 {
                let factor = ((logit - layer.bias[i]) / layer.gain[i] - rest) / inhibition;
                entries.into_iter().for_each(|entry| layer.weight[entry] = (layer.weight[entry] * factor).min(-LEAST));
            }
        }
        first += layer.units();
    }
    host.model()
}
