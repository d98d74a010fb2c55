//! Layers of rate units, and the model that they make.

use super::{Activation, SparseMatrix};
use crate::{SpecError, rng};

/// Units that share an activation. `leak`, `gain` and `bias` hold one value for all units or one for each.
///
/// In step `t` unit `i` reads `g = [inputs | feedback | states of all units]` and takes the state
///
/// ```text
/// x_i <- (1 - leak_i) x_i + leak_i f(gain_i sum_j weights_ij g_j + bias_i) + noise xi        xi ~ N(0, 1)
/// ```
///
/// where states of its own layer are those before the step and states of earlier layers those after it.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLayer {
    /// How many units.
    pub units: usize,
    /// Leak rate, 0 to 1: the part of the state that is replaced in a step. (Jaeger, Lukosevicius, Popovici, Siewert 2007, eq. 6,
    /// without the step's length.)
    pub leak: Vec<f64>,
    /// Factor of the summed input.
    pub gain: Vec<f64>,
    /// Added to the summed input.
    pub bias: Vec<f64>,
    /// The function `f`.
    pub activation: Activation,
    /// Standard deviation of the noise that is added to the state in each step, 0 or more.
    pub noise: f64,
    /// `[units][inputs + feedback + units of earlier layers + units]`.
    pub weights: SparseMatrix,
}

impl RateLayer {
    /// A layer of tanh units without leak (the rate is 1), bias or noise, one unit for each row of `weights`.
    #[must_use]
    pub fn new(weights: SparseMatrix) -> Self {
        Self {
            units: weights.rows(),
            leak: vec![1.0],
            gain: vec![1.0],
            bias: vec![0.0],
            activation: Activation::Tanh,
            noise: 0.0,
            weights,
        }
    }

    /// The leak rate of unit `i`.
    #[must_use]
    pub fn leak_of(&self, i: usize) -> f64 {
        of(&self.leak, i)
    }

    /// The gain of unit `i`.
    #[must_use]
    pub fn gain_of(&self, i: usize) -> f64 {
        of(&self.gain, i)
    }

    /// The bias of unit `i`.
    #[must_use]
    pub fn bias_of(&self, i: usize) -> f64 {
        of(&self.bias, i)
    }
}

fn of(values: &[f64], i: usize) -> f64 {
    if let [value] = values { *value } else { values[i] }
}

/// A validated rate reservoir: layers one after another in one state vector.
#[derive(Clone, Debug, PartialEq)]
pub struct RateModel {
    inputs: usize,
    feedback: usize,
    layers: Vec<RateLayer>,
    /// The first unit of each layer, then the number of all units.
    first: Vec<usize>,
    seed: u64,
}

impl RateModel {
    /// A model that reads `inputs` numbers and `feedback` numbers (past outputs) in each step. `seed` keys its noise.
    ///
    /// # Errors
    /// [`SpecError::Invalid`], [`SpecError::Length`] or [`SpecError::TooMany`] that name the layer and the argument.
    pub fn new(inputs: usize, feedback: usize, layers: Vec<RateLayer>, seed: u64) -> Result<Self, SpecError> {
        check_counts(inputs, feedback, &layers)?;
        let mut first = vec![0];
        for (k, layer) in layers.iter().enumerate() {
            let before = first[k];
            check_layer(k, layer, inputs + feedback + before + layer.units)?;
            first.push(before + layer.units);
        }
        Ok(Self { inputs, feedback, layers, first, seed })
    }

    /// Numbers that it reads in each step.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Past outputs that it reads in each step.
    #[must_use]
    pub const fn feedback(&self) -> usize {
        self.feedback
    }

    /// Its layers in the order in which they step.
    #[must_use]
    pub fn layers(&self) -> &[RateLayer] {
        &self.layers
    }

    /// The first unit of layer `k` in the state vector; for `k` = number of layers, the number of all units.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    pub fn first_unit(&self, k: usize) -> usize {
        self.first[k]
    }

    /// Units of all layers.
    #[must_use]
    pub fn units(&self) -> usize {
        self.first[self.layers.len()]
    }

    /// Where the states start in the gather vector: inputs and feedback come before them.
    #[must_use]
    pub const fn first_state(&self) -> usize {
        self.inputs + self.feedback
    }

    /// Length of the gather vector `[inputs | feedback | states]`.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.first_state() + self.units()
    }

    /// Entries of all layers' weights.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.layers.iter().map(|l| l.weights.len()).sum()
    }

    /// Whether any layer has noise.
    #[must_use]
    pub fn is_noisy(&self) -> bool {
        self.layers.iter().any(|l| l.noise > 0.0)
    }

    /// The seed of its noise.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Its layers, to be changed and made a model again.
    #[must_use]
    pub fn into_layers(self) -> Vec<RateLayer> {
        self.layers
    }
}

fn check_counts(inputs: usize, feedback: usize, layers: &[RateLayer]) -> Result<(), SpecError> {
    if layers.is_empty() {
        return Err(SpecError::invalid("layers of a rate model", "an empty list", "1 or more layers"));
    }
    let units = layers.iter().fold(0, |sum: u64, l| sum.saturating_add(l.units as u64));
    let columns = units.saturating_add(inputs as u64).saturating_add(feedback as u64);
    let limits = [
        ("layers of a rate model", layers.len() as u64, rng::MAX_OBJECTS as u64),
        ("inputs, feedback and units of a rate model", columns, u64::from(u32::MAX >> 1)),
    ];
    match limits.into_iter().find(|(_, needed, allowed)| needed > allowed) {
        Some((what, needed, allowed)) => Err(SpecError::TooMany { what: what.into(), needed, allowed }),
        None => Ok(()),
    }
}

fn check_layer(k: usize, layer: &RateLayer, columns: usize) -> Result<(), SpecError> {
    let invalid = |what: &str, value: String, allowed: &str| {
        Err(SpecError::invalid(format!("{what} of layer {k}"), value, allowed))
    };
    if layer.units == 0 {
        return invalid("units", "0".into(), "1 or more");
    }
    if !(layer.noise.is_finite() && layer.noise >= 0.0) {
        return invalid("noise", layer.noise.to_string(), "a finite standard deviation, 0 or more");
    }
    let found = (layer.weights.rows(), layer.weights.columns());
    if found != (layer.units, columns) {
        let value = format!("{} x {}", found.0, found.1);
        let allowed = format!(
            "{} x {columns}: a row for each unit, columns for inputs, feedback, units of earlier layers and its own",
            layer.units
        );
        return invalid("shape of the weights", value, &allowed);
    }
    check_values(k, "leak", &layer.leak, layer.units, |v| (0.0..=1.0).contains(&v), "numbers from 0 to 1")?;
    check_values(k, "gain", &layer.gain, layer.units, f64::is_finite, "finite numbers")?;
    check_values(k, "bias", &layer.bias, layer.units, f64::is_finite, "finite numbers")
}

fn check_values(
    k: usize,
    name: &str,
    values: &[f64],
    units: usize,
    valid: impl Fn(f64) -> bool,
    allowed: &str,
) -> Result<(), SpecError> {
    if values.len() != 1 && values.len() != units {
        let argument = format!("{name} of layer {k} (1 for all units, or one for each)");
        return Err(SpecError::Length { argument, needed: units, found: values.len() });
    }
    match values.iter().position(|&v| !valid(v)) {
        Some(i) => Err(SpecError::invalid(format!("{name} of layer {k}, unit {i},"), values[i], allowed)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(units: usize, columns: usize) -> RateLayer {
        RateLayer::new(SparseMatrix::empty(units, columns).unwrap())
    }

    fn error(inputs: usize, layers: Vec<RateLayer>) -> String {
        RateModel::new(inputs, 1, layers, 0).unwrap_err().to_string()
    }

    #[test]
    fn layers_lie_one_after_another() {
        let model = RateModel::new(2, 1, vec![layer(3, 6), layer(4, 10)], 7).unwrap();
        assert_eq!((model.units(), model.columns(), model.first_state(), model.entries()), (7, 10, 3, 0));
        assert_eq!((model.first_unit(0), model.first_unit(1), model.first_unit(2)), (0, 3, 7));
        assert_eq!((model.inputs(), model.feedback(), model.seed(), model.is_noisy()), (2, 1, 7, false));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(error(1, vec![]), "layers of a rate model is an empty list; allowed: 1 or more layers");
        assert_eq!(
            error(1, vec![layer(2, 4), layer(2, 5)]),
            "shape of the weights of layer 1 is 2 x 5; allowed: 2 x 6: a row for each unit, columns for inputs, feedback, units of \
             earlier layers and its own"
        );
        let with = |change: &dyn Fn(&mut RateLayer)| {
            let mut l = layer(2, 4);
            change(&mut l);
            error(1, vec![l])
        };
        assert_eq!(with(&|l| l.leak = vec![0.5, 1.5]), "leak of layer 0, unit 1, is 1.5; allowed: numbers from 0 to 1");
        assert_eq!(
            with(&|l| l.gain = vec![1.0; 3]),
            "gain of layer 0 (1 for all units, or one for each) has 3 entries; needed: 2"
        );
        assert_eq!(with(&|l| l.bias = vec![f64::NAN]), "bias of layer 0, unit 0, is NaN; allowed: finite numbers");
        assert!(with(&|l| l.leak = vec![f64::NAN]).contains("leak of layer 0"));
        assert!(
            with(&|l| l.noise = -0.1).starts_with("noise of layer 0 is -0.1; allowed: a finite standard deviation")
        );
        assert!(with(&|l| l.bias = vec![]).contains("has 0 entries"));
        assert_eq!(error(1, vec![layer(0, 2)]), "units of layer 0 is 0; allowed: 1 or more");
        assert_eq!(
            error(1 << 31, vec![layer(1, 1)]),
            "inputs, feedback and units of a rate model: 2147483650 needed, 2147483647 allowed"
        );
    }
}
