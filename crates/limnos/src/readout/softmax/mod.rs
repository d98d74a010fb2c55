//! Multinomial logistic regression.

mod kernel;
mod model;
mod objective;

pub use model::{Convergence, SoftmaxModel};

use ndarray::{Array1, Array2, ArrayRef2, Axis, concatenate, s};

use super::{Feature, Progress, ReadoutError, Standardizer, data, lbfgs, linear::Linear};
use objective::CrossEntropy;

/// Multinomial logistic regression on standardised features.
///
/// Minimises over weights `W` (features x classes) and bias `b`
///
/// `sum_i -ln softmax(z_i W + b)[label_i] + l2 / 2 |W|^2`,
///
/// where `z_i` are the features of sample i, standardised if so asked, and the bias is not penalised. For three classes
/// or more this is scikit-learn's `LogisticRegression(C = 1 / l2)` after `StandardScaler`. (For two classes
/// scikit-learn penalises one vector, the difference of the two here, which makes its `C` equal to `2 / l2`.) The
/// objective is convex; with `l2 > 0` it has one minimum. It is found by limited-memory BFGS, from zero, until no entry
/// of the gradient of the objective *divided by the number of samples* is above `tolerance`.
///
/// A fit that stops before that is still a classifier: it is returned, says so in [`SoftmaxModel::convergence`] and in
/// a logged warning, and [`SoftmaxModel::require_converged`] makes an error of it.
///
/// Classes run from 0 to the largest label. A class without samples has a bias of minus infinity, which is the minimum,
/// and probability zero. A fit has the same bits for any number of threads and on every machine: its products,
/// exponentials and logarithms are plain arithmetic in a fixed order.
///
/// ```
/// use limnos::readout::Softmax;
/// use ndarray::array;
///
/// let counts = array![[9u32, 1], [8, 0], [1, 7], [0, 9]];
/// let model = Softmax::default().fit(&counts, &[0, 0, 1, 1])?.require_converged()?;
/// assert_eq!(model.predict(&array![[7u32, 2]])?, [0]);
/// # Ok::<(), limnos::readout::ReadoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Softmax {
    /// Penalty on the squared weights, zero or more; 1 / C of scikit-learn.
    pub l2: f64,
    /// Largest entry that the gradient of the mean objective may have at the end.
    pub tolerance: f64,
    /// Most iterations; each reads the samples once, seldom twice.
    pub max_iterations: usize,
    /// Whether features are centred and divided by their standard deviation first.
    pub standardize: bool,
}

impl Default for Softmax {
    /// `l2` 1, `tolerance` 1e-4 (as scikit-learn), at most 1000 iterations, standardised.
    fn default() -> Self {
        Self { l2: 1.0, tolerance: 1e-4, max_iterations: 1000, standardize: true }
    }
}

impl Softmax {
    /// Fits labels to features `x` (samples x features).
    ///
    /// # Errors
    /// Empty or mismatched arrays, elements that are not finite, labels of one class only, settings outside their
    /// range.
    pub fn fit<F: Feature>(&self, x: &ArrayRef2<F>, labels: &[usize]) -> Result<SoftmaxModel, ReadoutError> {
        self.fit_with(x, labels, &mut |_| ())
    }

    /// [`Self::fit`] that tells `progress` after each iteration.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_with<F: Feature>(
        &self,
        x: &ArrayRef2<F>,
        labels: &[usize],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SoftmaxModel, ReadoutError> {
        self.run(None, x, labels, progress)
    }

    /// [`Self::fit`] that starts from an earlier model: the same minimum, sooner where the samples are alike.
    ///
    /// # Errors
    /// As [`Self::fit`]; another number of features than the model has.
    pub fn fit_from<F: Feature>(
        &self,
        start: &SoftmaxModel,
        x: &ArrayRef2<F>,
        labels: &[usize],
    ) -> Result<SoftmaxModel, ReadoutError> {
        data::check_features(x, start.linear.features())?;
        self.run(Some(start), x, labels, &mut |_| ())
    }

    fn run<F: Feature>(
        &self,
        start: Option<&SoftmaxModel>,
        x: &ArrayRef2<F>,
        labels: &[usize],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SoftmaxModel, ReadoutError> {
        self.check()?;
        data::check_matrix("x", x)?;
        data::check_samples(x.nrows(), "labels", labels.len())?;
        let classes = data::count_classes(labels)?.max(start.map_or(0, |start| start.linear.outputs()));
        let scaling = if self.standardize { Standardizer::fit(x)? } else { Standardizer::identity(x.ncols()) };
        let present = Present::new(labels, classes);
        let theta = present.start(start, &scaling);
        let mut objective =
            CrossEntropy { x, scaling: &scaling, labels: &present.labels, classes: present.classes.len(), l2: self.l2 };
        let limits = lbfgs::Limits { tolerance: self.tolerance, max_iterations: self.max_iterations };
        let (theta, outcome) = lbfgs::minimise(&mut objective, theta, limits, progress);
        let convergence = Convergence::new(&outcome, self.tolerance);
        convergence.warn();
        let (weights, bias) = present.spread(theta, x.ncols());
        let linear = Linear::from_standardized(weights, bias, &scaling);
        Ok(SoftmaxModel { linear, scaling, l2: self.l2, samples: x.nrows(), convergence })
    }

    fn check(&self) -> Result<(), ReadoutError> {
        if !self.l2.is_finite() || self.l2 < 0.0 {
            return Err(ReadoutError::setting("l2", self.l2, "finite and not negative"));
        }
        if !self.tolerance.is_finite() || self.tolerance <= 0.0 {
            return Err(ReadoutError::setting("tolerance", self.tolerance, "finite and above zero"));
        }
        if self.max_iterations == 0 {
            return Err(ReadoutError::setting("max_iterations", self.max_iterations, "at least 1"));
        }
        Ok(())
    }
}

/// The classes that have samples; only these are fitted.
struct Present {
    /// Their numbers, ascending.
    classes: Vec<usize>,
    /// The place of each sample's class among them.
    labels: Vec<usize>,
    /// Number of all classes.
    all: usize,
}

impl Present {
    fn new(labels: &[usize], all: usize) -> Self {
        let mut place = vec![usize::MAX; all];
        labels.iter().for_each(|&label| place[label] = 0);
        let classes: Vec<usize> = (0..all).filter(|&class| place[class] == 0).collect();
        classes.iter().enumerate().for_each(|(k, &class)| place[class] = k);
        Self { labels: labels.iter().map(|&label| place[label]).collect(), classes, all }
    }

    /// Parameters to begin with: zero, or an earlier model's where it knows the class.
    fn start(&self, model: Option<&SoftmaxModel>, scaling: &Standardizer) -> Vec<f64> {
        let mut theta = Array2::zeros((scaling.features() + 1, self.classes.len()));
        if let Some(model) = model {
            let (weights, bias) = model.linear.to_standardized(scaling);
            let rows = concatenate![Axis(0), weights, bias.insert_axis(Axis(0))];
            for (mut column, &class) in theta.columns_mut().into_iter().zip(&self.classes) {
                if class < rows.ncols() {
                    column.assign(&rows.column(class).mapv(|value| if value.is_finite() { value } else { 0.0 }));
                }
            }
        }
        theta.into_raw_vec_and_offset().0
    }

    /// Weights and bias of all classes; an absent one can never be chosen.
    fn spread(&self, theta: Vec<f64>, features: usize) -> (Array2<f64>, Array1<f64>) {
        let theta = Array2::from_shape_vec((features + 1, self.classes.len()), theta)
            .expect("parameters should be (features + 1) x classes");
        let mut weights = Array2::zeros((features, self.all));
        let mut bias = Array1::from_elem(self.all, f64::NEG_INFINITY);
        for (column, &class) in theta.columns().into_iter().zip(&self.classes) {
            weights.column_mut(class).assign(&column.slice(s![..features]));
            bias[class] = column[features];
        }
        (weights, bias)
    }
}
