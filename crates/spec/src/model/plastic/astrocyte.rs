//! Astrocytes, compiled: a binary point from what they can see at most, and whom they watch.

use super::bits_below;
use crate::connect::PRECISION;
use crate::fixed::{q31, to_fixed};
use crate::model::Model;
use crate::plasticity::{AstrocyteDescription, Members, Watch};
use crate::rng::{self, Purpose};
use crate::twin::stdp::WEIGHT_LIMIT;
use crate::{Endpoint, Network, SpecError};

/// A group that an astrocyte watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchModel {
    /// The population or input.
    pub source: Endpoint,
    /// Its first cell or channel.
    pub first: usize,
    /// Number of its neurons or channels.
    pub size: usize,
    /// Weight of a spike before step 0.
    pub gain: i32,
    /// Who is watched, 32 a word; `None`: all.
    pub members: Option<Vec<u32>>,
}

impl WatchModel {
    /// Whether unit `unit` is watched.
    #[inline]
    #[must_use]
    pub fn watches(&self, unit: usize) -> bool {
        self.members.as_ref().is_none_or(|words| words[unit / 32] >> (unit % 32) & 1 == 1)
    }
}

/// An astrocyte, compiled. Output, bias and gains share a binary point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AstrocyteModel {
    /// Name.
    pub name: String,
    /// Fractional bits.
    pub bits: u32,
    /// Output before step 0.
    pub initial: i32,
    /// Output at rest before step 0.
    pub bias: i32,
    /// dt / tau, Q0.31.
    pub rate: i32,
    /// Factor of output, bias and gains after each step, Q0.31.
    pub decay: i32,
    /// Whom it watches.
    pub watches: Vec<WatchModel>,
}

/// Compiles the astrocytes of a network whose groups are laid out as in `model`.
pub(super) fn compile(network: &Network, model: &Model) -> Result<Vec<AstrocyteModel>, SpecError> {
    network.astrocytes().iter().enumerate().map(|(i, a)| astrocyte(network, model, i, a)).collect()
}

/// First cell or channel and number of an endpoint's neurons or channels.
fn extent(model: &Model, source: Endpoint) -> (usize, usize) {
    match source {
        Endpoint::Population(p) => (model.populations[p.index()].first, model.populations[p.index()].size),
        Endpoint::Input(i) => (model.inputs[i.index()].first, model.inputs[i.index()].size),
    }
}

fn astrocyte(
    network: &Network,
    model: &Model,
    index: usize,
    description: &AstrocyteDescription,
) -> Result<AstrocyteModel, SpecError> {
    let a = description.astrocyte;
    let initial = a.initial.unwrap_or(a.bias);
    let gain = |w: &Watch| a.weight * w.weight;
    let seen: f64 = description.watches.iter().map(|w| gain(w).abs() * extent(model, w.source).1 as f64).sum();
    let bits = bits_below((seen + a.bias.abs()).max(initial.abs()), WEIGHT_LIMIT, 24);
    let fixed = |v: f64| bits.and_then(|bits| to_fixed(v, bits));
    let coarse = |v: f64| v != 0.0 && fixed(v).is_none_or(|held| f64::from(held.abs()) * PRECISION < 0.5);
    if let Some(bad) = description.watches.iter().map(gain).find(|g| coarse(*g)) {
        return Err(SpecError::invalid(
            format!("weight of astrocyte '{}'", description.name),
            bad,
            format!(
                "0, or at least 3e-5; and with {seen} for all spikes together, what holds to 1e-3 in the bits that are left"
            ),
        ));
    }
    let value = |what: &str, v: f64| {
        fixed(v).ok_or_else(|| {
            SpecError::invalid(format!("{what} of astrocyte '{}'", description.name), v, "a magnitude below 2^30")
        })
    };
    let watches = description.watches.iter().enumerate().map(|(k, w)| {
        let (first, size) = extent(model, w.source);
        let members = members(network, index, k, size, &w.members);
        Ok(WatchModel { source: w.source, first, size, gain: value("weight", gain(w))?, members })
    });
    Ok(AstrocyteModel {
        name: description.name.clone(),
        initial: value("initial", initial)?,
        bias: value("bias", a.bias)?,
        rate: q31(network.config.dt / a.tau),
        decay: q31(a.decay),
        watches: watches.collect::<Result<_, SpecError>>()?,
        bits: bits.unwrap_or(0),
    })
}

fn members(network: &Network, astrocyte: usize, watch: usize, size: usize, members: &Members) -> Option<Vec<u32>> {
    let chosen: Vec<usize> = match members {
        Members::All => return None,
        Members::Listed(units) => units.clone(),
        Members::Fraction(fraction) => {
            let stream = rng::stream(Purpose::Watch, astrocyte as u32, watch as u32);
            let key = rng::key(network.config.seed);
            let mut order: Vec<_> = (0..size).map(|i| (rng::word(stream, i as u32, 0, 0, key), i)).collect();
            order.sort_unstable();
            let count = libm::round(fraction * size as f64) as usize;
            order[..count].iter().map(|(_, i)| *i).collect()
        }
    };
    let mut words = vec![0; size.div_ceil(32)];
    chosen.iter().for_each(|unit| words[unit / 32] |= 1 << (unit % 32));
    Some(words)
}
