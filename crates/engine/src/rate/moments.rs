//! Sums from which a linear readout is solved.

/// First and second moments of features and targets over rows (steps of samples), not centred.
#[derive(Clone, Debug, PartialEq)]
pub struct StateMoments {
    /// Features of a row, F.
    pub features: usize,
    /// Targets of a row, O.
    pub targets: usize,
    /// Rows added.
    pub rows: u64,
    /// Sum of products of features, `[F][F]`, symmetric.
    pub gram: Vec<f64>,
    /// Sum of products of features and targets, `[F][O]`.
    pub cross: Vec<f64>,
    /// Sum of features, `[F]`.
    pub feature_sum: Vec<f64>,
    /// Sum of targets, `[O]`.
    pub target_sum: Vec<f64>,
    /// Sum of squares of targets, `[O]`.
    pub target_square: Vec<f64>,
}

impl StateMoments {
    /// Moments of no rows.
    #[must_use]
    pub fn new(features: usize, targets: usize) -> Self {
        Self {
            features,
            targets,
            rows: 0,
            gram: vec![0.0; features * features],
            cross: vec![0.0; features * targets],
            feature_sum: vec![0.0; features],
            target_sum: vec![0.0; targets],
            target_square: vec![0.0; targets],
        }
    }
}
