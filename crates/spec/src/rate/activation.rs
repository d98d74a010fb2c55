//! What a rate unit does with its input.

/// The function `f` of a rate unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// Logistic function, `1 / (1 + exp(-a))`.
    Sigmoid,
    /// `max(a, 0)`.
    Relu,
    /// `a` itself: a linear reservoir.
    Identity,
}

impl Activation {
    /// The value at `a`, in f64 through `libm`, so that it has the same bits on every system.
    #[must_use]
    pub fn apply(self, a: f64) -> f64 {
        match self {
            Self::Tanh => libm::tanh(a),
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-a)),
            Self::Relu => {
                if a < 0.0 {
                    0.0
                } else {
                    a
                }
            }
            Self::Identity => a,
        }
    }

    /// The largest slope: an error of `a` grows by no more than this factor.
    #[must_use]
    pub const fn steepest(self) -> f64 {
        match self {
            Self::Sigmoid => 0.25,
            Self::Tanh | Self::Relu | Self::Identity => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_tables() {
        // Abramowitz & Stegun, table 4.15: tanh 0.5 and tanh 2; the logistic function is (1 + tanh(a / 2)) / 2.
        assert!((Activation::Tanh.apply(0.5) - 0.462_117_157_260_009_8).abs() < 1e-15);
        assert!((Activation::Tanh.apply(2.0) - 0.964_027_580_075_816_9).abs() < 1e-15);
        assert!((Activation::Sigmoid.apply(1.0) - 0.731_058_578_630_004_9).abs() < 1e-15);
        assert_eq!(Activation::Sigmoid.apply(-1e4), 0.0);
        assert_eq!([-2.0, 3.0].map(|a| Activation::Relu.apply(a)), [0.0, 3.0]);
        assert_eq!(Activation::Identity.apply(-7.5), -7.5);
        assert!(Activation::Relu.apply(f64::NAN).is_nan(), "a NaN must not turn into a state");
    }

    #[test]
    fn no_slope_is_steeper_than_stated() {
        for f in [Activation::Tanh, Activation::Sigmoid, Activation::Relu, Activation::Identity] {
            let slope = |i: i32| (f.apply(f64::from(i + 1) / 64.0) - f.apply(f64::from(i) / 64.0)) * 64.0;
            let steepest = (-400..400).map(slope).fold(0.0, f64::max);
            assert!(steepest <= f.steepest() + 1e-12 && steepest > 0.99 * f.steepest(), "{f:?}: {steepest}");
        }
    }
}
