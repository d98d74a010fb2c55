//! Networks from other programs: matrices in npy and npz files, by the names that ReservoirPy 0.4 gives them.
//!
//! ```python
//! # In Python, after `reservoir` and `ridge` were fitted:
//! dense = lambda m: m.toarray() if scipy.sparse.issparse(m) else m
//! numpy.savez("network.npz", W=dense(reservoir.W), Win=dense(reservoir.Win), bias=dense(reservoir.bias), lr=reservoir.lr,
//!             Wout=ridge.Wout, Wout_bias=ridge.bias)
//! ```
//! A large sparse matrix goes into a file of its own by `scipy.sparse.save_npz`, which [`matrix`] reads.

use std::path::Path;

use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use limnos_tasks::{Npy, Npz, read_npy, read_npz};
use ndarray::{Array1, Array2, Axis};

use crate::file::bad;
use crate::readout::RidgeModel;
use crate::{Error, Result};

/// What defines a rate reservoir in ReservoirPy's terms, and its readout where there is one.
///
/// `x <- (1 - lr) x + lr f(W x + Win u + Wfb y + bias)`; the output is `Wout^T x + Wout_bias`.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Matrices {
    /// Recurrent weights, units x units.
    pub w: SparseMatrix,
    /// Input weights, units x inputs, with their scaling.
    pub w_in: SparseMatrix,
    /// Feedback weights, units x outputs.
    pub w_fb: Option<SparseMatrix>,
    /// Bias of all units, or of each.
    pub bias: Vec<f64>,
    /// Leak rate of all units, or of each.
    pub leak_rate: Vec<f64>,
    /// What a unit makes of its input; files do not say it.
    pub activation: Activation,
    /// Weights (units x outputs) and bias of a readout of the states.
    pub readout: Option<RidgeModel>,
}

impl Matrices {
    /// Reads an npz file with `W` (units x units) and `Win` (units x inputs) and, where they are there, `Wfb` (units x outputs), `bias`, `lr`, `input_scaling`
    /// (a factor for `Win`, one or one for each input), and `Wout` (units x outputs) with `Wout_bias`. Without `bias` it is 0, without `lr` it is 1. Units are tanh; change
    /// [`activation`](Self::activation) for others.
    ///
    /// `W`, `Win` and `Wfb` may also be sparse, as `W_data`, `W_indices`, `W_indptr` and `W_shape` (rows compressed).
    ///
    /// # Errors
    /// A file that cannot be read or lacks `W` or `Win`; arrays of sizes that do not fit each other, or with numbers that are not finite.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = Archive { path, npz: read_npz(path)? };
        let w_in = file.needed("Win")?;
        let w_in = match file.vector("input_scaling")? {
            Some(factors) if factors.len() == 1 => w_in.scaled(factors[0])?,
            Some(factors) => w_in.scaled_columns(&factors)?,
            None => w_in,
        };
        Ok(Self {
            w: file.needed("W")?,
            w_in,
            w_fb: file.sparse("Wfb")?,
            bias: file.vector("bias")?.unwrap_or_else(|| vec![0.0]),
            leak_rate: file.vector("lr")?.unwrap_or_else(|| vec![1.0]),
            activation: Activation::Tanh,
            readout: file.readout()?,
        })
    }

    /// The model that they are, for [`Esn::from_model`](crate::Esn::from_model); [`Esn::set_readout`](crate::Esn::set_readout) takes the readout, with `read_inputs` false in
    /// the network's settings.
    ///
    /// # Errors
    /// Sizes that do not fit each other, numbers outside their range.
    pub fn model(&self) -> Result<RateModel> {
        let feedback = self.w_fb.as_ref().map_or(0, SparseMatrix::columns);
        let mut parts = vec![&self.w_in];
        parts.extend(&self.w_fb);
        parts.push(&self.w);
        let layer = RateLayer {
            leak: self.leak_rate.clone(),
            bias: self.bias.clone(),
            activation: self.activation,
            ..RateLayer::new(SparseMatrix::side_by_side(&parts)?)
        };
        Ok(RateModel::new(self.w_in.columns(), feedback, vec![layer], 0)?)
    }
}

/// Reads one matrix: an npy file, or an npz file that `scipy.sparse.save_npz` wrote with its rows compressed (CSR).
///
/// # Errors
/// A file that cannot be read, of another kind or of more than two dimensions; numbers that are not finite.
pub fn matrix(path: impl AsRef<Path>) -> Result<SparseMatrix> {
    let path = path.as_ref();
    if path.extension().is_some_and(|extension| extension == "npz") {
        let file = Archive { path, npz: read_npz(path)? };
        file.check_format()?;
        return file.compressed("");
    }
    dense(&read_npy(path)?)
}

fn dense(array: &Npy) -> Result<SparseMatrix> {
    let matrix = array.to_matrix()?;
    let values: Vec<f64> = matrix.iter().copied().collect();
    Ok(SparseMatrix::from_dense(matrix.nrows(), matrix.ncols(), &values)?)
}

struct Archive<'a> {
    path: &'a Path,
    npz: Npz,
}

impl Archive<'_> {
    fn has(&self, name: &str) -> bool {
        self.npz.names().any(|known| known == name)
    }

    fn needed(&self, name: &str) -> Result<SparseMatrix> {
        let names = || self.npz.names().collect::<Vec<_>>().join(", ");
        self.sparse(name)?
            .ok_or_else(|| bad(self.path, format!("the arrays {}", names()), format!("`{name}` among them")))
    }

    fn sparse(&self, name: &str) -> Result<Option<SparseMatrix>> {
        match () {
            () if self.has(name) => dense(&self.npz.get(name)?).map(Some),
            () if self.has(&format!("{name}_indptr")) => self.compressed(&format!("{name}_")).map(Some),
            () => Ok(None),
        }
    }

    fn vector(&self, name: &str) -> Result<Option<Vec<f64>>> {
        if self.has(name) { Ok(Some(self.npz.get(name)?.to_f64()?)) } else { Ok(None) }
    }

    /// Compressed rows, whose columns may come in any order.
    fn compressed(&self, prefix: &str) -> Result<SparseMatrix> {
        let indices =
            |name: &str| -> Result<Vec<usize>> { Ok(self.npz.get(&format!("{prefix}{name}"))?.to_indices()?) };
        let (starts, columns, shape) = (indices("indptr")?, indices("indices")?, indices("shape")?);
        let values = self.npz.get(&format!("{prefix}data"))?.to_f64()?;
        let wrong = |found: String| {
            bad(
                self.path,
                found,
                "compressed rows: indptr of rows + 1 entries from 0 to those of data and indices, and a shape",
            )
        };
        let (&[rows, width], true) = (&shape[..], columns.len() == values.len()) else {
            return Err(wrong(format!(
                "{} indices for {} values, in {} dimensions",
                columns.len(),
                values.len(),
                shape.len()
            )));
        };
        let whole = starts.first() == Some(&0) && starts.last() == Some(&values.len()) && starts.is_sorted();
        if starts.len() != rows.saturating_add(1) || !whole {
            return Err(wrong(format!(
                "an indptr of {} entries for {rows} rows and {} values",
                starts.len(),
                values.len()
            )));
        }
        let row = |i: usize| (starts[i]..starts[i + 1]).map(move |k| (i, k));
        let entries: Vec<_> = (0..rows).flat_map(row).map(|(i, k)| (i, columns[k], values[k])).collect();
        Ok(SparseMatrix::from_triplets(rows, width, &entries)?)
    }

    /// SciPy says how the matrix is stored.
    fn check_format(&self) -> Result<()> {
        if !self.has("format") {
            return Err(bad(
                self.path,
                "no `format`",
                "a matrix as `scipy.sparse.save_npz` writes it; several arrays are read by `Matrices::read`",
            ));
        }
        match self.npz.get("format")?.values {
            limnos_tasks::NpyValues::Text(ref text) if text.iter().any(|text| text == "csr") => Ok(()),
            ref other => {
                Err(bad(self.path, format!("the format {other:?}"), "csr: save `scipy.sparse.csr_matrix(matrix)`"))
            }
        }
    }

    fn readout(&self) -> Result<Option<RidgeModel>> {
        if !self.has("Wout") {
            return Ok(None);
        }
        let weights: Array2<f64> = self.npz.get("Wout")?.to_matrix()?;
        let bias = self.vector("Wout_bias")?.map_or_else(|| Array1::zeros(weights.len_of(Axis(1))), Array1::from);
        RidgeModel::from_parts(weights, bias, 0.0).map(Some).map_err(Error::from)
    }
}
