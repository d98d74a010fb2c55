//! Sound as features: a model of the cochlea and cepstral coefficients.

pub(crate) mod lyon;
pub(crate) mod mfcc;
