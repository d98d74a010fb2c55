//! The weights of W4: drawn, or read from a file that another simulator's script wrote.

use anyhow::bail;
use limnos::reservoir::{Reservoir, Topology};
use limnos::tasks::Npz;
use limnos_spec::Distribution;
use limnos_spec::rate::{RateLayer, RateModel, SparseMatrix};
use limnos_spec::rng::{key, unit, word};

use super::W4;

/// First counter word of the signs of input weights: the purpose 15 is none of the network's.
const SIGNS: u32 = 0xF000_0004;

/// Weights of the units.
#[derive(Debug)]
pub(super) struct Matrices {
    /// Units x units.
    pub(super) recurrent: SparseMatrix,
    /// Units x 1.
    pub(super) input: SparseMatrix,
}

impl Matrices {
    /// Normal recurrent weights, scaled; input weights of 1 or -1.
    pub(super) fn drawn(n: usize, degree: usize, seed: u64) -> anyhow::Result<Self> {
        let reservoir = Reservoir {
            units: n,
            spectral_radius: W4::SPECTRAL_RADIUS,
            topology: Topology::Degree(degree),
            weights: Distribution::Normal { mean: 0.0, sd: 1.0 },
            seed,
            ..Reservoir::default()
        };
        let sign = |i| if unit(word(SIGNS, i, 0, 0, key(seed))) < 0.5 { 1.0 } else { -1.0 };
        let signs: Vec<f64> = (0..n as u32).map(sign).collect();
        Ok(Self { recurrent: reservoir.recurrent_weights()?, input: SparseMatrix::from_dense(n, 1, &signs)? })
    }

    /// The arrays `indptr`, `indices`, `data` and `w_in` of a file.
    pub(super) fn read(file: &Npz, n: usize) -> anyhow::Result<Self> {
        let indices = |name| Ok::<_, anyhow::Error>(file.get(name)?.to_indices()?);
        let column = indices("indices")?.into_iter().map(u32::try_from).collect::<Result<_, _>>()?;
        let row_start = indices("indptr")?;
        if row_start.len() != n + 1 {
            bail!("indptr of the file has {} values; allowed: {}, one more than --n", row_start.len(), n + 1);
        }
        let recurrent = SparseMatrix::new(n, n, row_start, column, file.get("data")?.to_f64()?)?;
        let weights = file.get("w_in")?.to_f64()?;
        if weights.len() != n {
            bail!("w_in of the file has {} values; allowed: {n}, one for each unit", weights.len());
        }
        Ok(Self { recurrent, input: SparseMatrix::from_dense(n, 1, &weights)? })
    }

    /// The model of one layer.
    pub(super) fn model(&self, seed: u64) -> anyhow::Result<RateModel> {
        let weights = SparseMatrix::side_by_side(&[&self.input, &self.recurrent])?;
        let layer = RateLayer { leak: vec![W4::LEAK], ..RateLayer::new(weights) };
        Ok(RateModel::new(1, 0, vec![layer], seed)?)
    }
}
