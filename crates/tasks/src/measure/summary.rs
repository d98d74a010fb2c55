//! The mean of the values that are defined.

/// Mean and spread of values of which some are undefined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with their number as divisor.
    pub sd: f64,
    /// How many are defined.
    pub defined: usize,
}

/// Mean and spread of the defined values; `None` if there is none.
#[must_use]
pub fn summary(values: &[Option<f64>]) -> Option<Summary> {
    let defined: Vec<f64> = values.iter().flatten().copied().collect();
    if defined.is_empty() {
        return None;
    }
    let n = defined.len() as f64;
    let mean = defined.iter().sum::<f64>() / n;
    let square = defined.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    Some(Summary { mean, sd: square.sqrt(), defined: defined.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_values_do_not_count() {
        let found = summary(&[None, Some(1.0), Some(5.0), None]);
        assert_eq!(found, Some(Summary { mean: 3.0, sd: 2.0, defined: 2 }));
        assert_eq!(summary(&[None]), None);
    }
}
