//! Astrocytes, compiled: a binary point from what they can see at most, and whom they watch.

use super::bits_below;
use super::calcium::{self, CalciumModel};
use crate::connect::PRECISION;
use crate::fixed::{Q31_ONE, q31, to_fixed};
use crate::model::Model;
use crate::plasticity::{Astrocyte, AstrocyteDescription, AstrocyteDynamics, CalciumAstrocyte, Members};
use crate::rng::{self, Purpose};
use crate::twin;
use crate::twin::calcium::CONCENTRATION_LIMIT;
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
    /// Its calcium; gains are then at the binary point of IP3, and `bias`, `rate` and `decay` have no part.
    pub calcium: Option<CalciumModel>,
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
    let seen = description.watches.iter().map(|w| w.weight.abs() * extent(model, w.source).1 as f64).sum();
    let compiler = Compiler { name: &description.name, dt: network.config.dt, seen };
    let (mut astrocyte, unit, bits) = match &description.dynamics {
        AstrocyteDynamics::Leaky(a) => compiler.leaky(a)?,
        AstrocyteDynamics::Calcium(a) => compiler.calcium(a)?,
    };
    for (k, w) in description.watches.iter().enumerate() {
        let (first, size) = extent(model, w.source);
        let members = members(network, index, k, size, &w.members);
        let gain = compiler.gain(unit * w.weight, bits)?;
        astrocyte.watches.push(WatchModel { source: w.source, first, size, gain, members });
    }
    Ok(astrocyte)
}

/// What compiles an astrocyte: its name, the step, and what all watched spikes of a step weigh together.
struct Compiler<'a> {
    name: &'a str,
    dt: f64,
    seen: f64,
}

impl Compiler<'_> {
    fn refuse(&self, what: &str, value: f64, allowed: &str) -> SpecError {
        SpecError::invalid(format!("{what} of astrocyte '{}'", self.name), value, allowed)
    }

    fn value(&self, what: &str, v: f64, bits: u32) -> Result<i32, SpecError> {
        to_fixed(v, bits).ok_or_else(|| self.refuse(what, v, "a magnitude below 2^30"))
    }

    /// Weight of a watched spike; its precision is checked.
    fn gain(&self, gain: f64, bits: u32) -> Result<i32, SpecError> {
        let held = to_fixed(gain, bits).filter(|held| gain == 0.0 || f64::from(held.abs()) * PRECISION >= 0.5);
        held.ok_or_else(|| {
            let allowed = "0, or at least 3e-5; and with the weight of all spikes together, what holds to 1e-3 in the bits that are left";
            self.refuse("weight", gain, allowed)
        })
    }

    /// A leaky astrocyte without watches, the weight of a spike, and the binary point of weights.
    fn leaky(&self, a: &Astrocyte) -> Result<(AstrocyteModel, f64, u32), SpecError> {
        let initial = a.initial.unwrap_or(a.bias);
        let most = (self.seen * a.weight.abs() + a.bias.abs()).max(initial.abs());
        let bits = bits_below(most, WEIGHT_LIMIT, 24);
        let bits = bits.ok_or_else(|| {
            self.refuse("weight of all spikes together, bias or initial", most, "a magnitude below 2^30")
        })?;
        let model = AstrocyteModel {
            name: self.name.to_owned(),
            bits,
            initial: self.value("initial", initial, bits)?,
            bias: self.value("bias", a.bias, bits)?,
            rate: q31(self.dt / a.tau),
            decay: q31(a.decay),
            watches: Vec::new(),
            calcium: None,
        };
        Ok((model, a.weight, bits))
    }

    /// The same with calcium. The output is a table; IP3 has a binary point of its own.
    fn calcium(&self, a: &CalciumAstrocyte) -> Result<(AstrocyteModel, f64, u32), SpecError> {
        let (compiled, ip3_bits) = calcium::compile(a, self.dt);
        let (calcium, bits) =
            compiled.ok_or_else(|| self.refuse("scale", a.scale, "an output of a magnitude below 2^30"))?;
        let watched = self.seen * a.delta_ip3.abs();
        if bits_below(watched, CONCENTRATION_LIMIT, ip3_bits) != Some(ip3_bits) {
            let allowed = "what all watched spikes of a step together keep below the largest IP3, 24 kd_ip3_1";
            return Err(self.refuse("delta_ip3", a.delta_ip3, allowed));
        }
        let model = AstrocyteModel {
            name: self.name.to_owned(),
            bits,
            initial: twin::calcium::at(&calcium.tables.output, calcium.initial.calcium),
            bias: 0,
            rate: 0,
            decay: Q31_ONE,
            watches: Vec::new(),
            calcium: Some(calcium),
        };
        Ok((model, a.delta_ip3, ip3_bits))
    }
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
