//! The constants of a population: physical parameters turned into fixed-point factors, in f64 on the host.

use super::DriveModel;
use crate::Parameter::{
    DeltaTheta, DeltaW, IOffset, TauM, TauRefrac, TauSynExc, TauSynInh, TauTheta, TauW, VInit, VReset, VRest, VThresh,
};
use crate::fixed::{from_fixed, q31, to_fixed};
use crate::rng::{self, Purpose};
use crate::{Alif, Leak, Lif, Network, Neuron, Overflow, Parameter, Population, Refractory, Reset, SpecError, Synapse};

/// State words of a neuron, in this order: `v` (relative to rest), refractory steps left, excitatory current, inhibitory current,
/// adaptive threshold, adaptation current. A network without currents or adaptation has the first two or four only.
pub const FIELDS: [&str; 6] = ["v", "refractory", "i_exc", "i_inh", "theta", "w"];

/// One value for all neurons of a population, or one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// The same for all.
    Same(i32),
    /// One a neuron.
    Each(Vec<i32>),
}

impl Values {
    /// The value of neuron `i`.
    #[inline]
    #[must_use]
    pub fn get(&self, i: usize) -> i32 {
        match self {
            Self::Same(v) => *v,
            Self::Each(values) => values[i],
        }
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> i32 {
        match self {
            Self::Same(v) => *v,
            Self::Each(values) => values.iter().copied().max().unwrap_or(0),
        }
    }

    fn collapsed(values: Vec<i32>) -> Self {
        match values.first() {
            Some(&first) if values.iter().all(|&v| v == first) => Self::Same(first),
            _ => Self::Each(values),
        }
    }
}

/// Fixed-point constants of a population's neurons. Potentials are relative to rest, in steps of the binary point; factors are Q0.31.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants {
    /// Membrane decay a step.
    pub decay: Values,
    /// Threshold.
    pub thresh: Values,
    /// Reset potential.
    pub reset: Values,
    /// What the offset current adds a step.
    pub offset: Values,
    /// Refractory steps.
    pub refractory: Values,
    /// Gain of a current that is constant over the step into the membrane.
    pub gain: Values,
    /// Decay of the excitatory current.
    pub decay_exc: Values,
    /// Decay of the inhibitory current.
    pub decay_inh: Values,
    /// Gain of the excitatory current into the membrane.
    pub gain_exc: Values,
    /// Gain of the inhibitory current into the membrane.
    pub gain_inh: Values,
    /// Decay of the adaptive threshold.
    pub decay_theta: Values,
    /// Growth of the adaptive threshold at a spike.
    pub delta_theta: Values,
    /// Decay of the adaptation current.
    pub decay_w: Values,
    /// Growth of the adaptation current at a spike.
    pub delta_w: Values,
    /// Gain of the adaptation current into the membrane.
    pub gain_w: Values,
}

impl Constants {
    /// All constants in declared order: the order of the GPU's table.
    #[must_use]
    pub const fn all(&self) -> [&Values; 15] {
        [
            &self.decay,
            &self.thresh,
            &self.reset,
            &self.offset,
            &self.refractory,
            &self.gain,
            &self.decay_exc,
            &self.decay_inh,
            &self.gain_exc,
            &self.gain_inh,
            &self.decay_theta,
            &self.delta_theta,
            &self.decay_w,
            &self.delta_w,
            &self.gain_w,
        ]
    }
}

/// The variants of a population's model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeuronFlags {
    /// Exponential synaptic currents (else delta).
    pub exponential: bool,
    /// Adaptive threshold and adaptation current.
    pub adaptive: bool,
    /// The reset subtracts.
    pub subtract: bool,
    /// The refractory period clamps the membrane.
    pub clamp: bool,
    /// Sums saturate.
    pub saturate: bool,
}

impl NeuronFlags {
    /// The flags as bits 0 to 4, as `models/lif.wgsl` tests them.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.exponential as u32
            | (self.adaptive as u32) << 1
            | (self.subtract as u32) << 2
            | (self.clamp as u32) << 3
            | (self.saturate as u32) << 4
    }
}

/// A population, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationModel {
    /// Name.
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Its first cell.
    pub first: usize,
    /// Binary point of its potentials and currents.
    pub fraction_bits: u32,
    /// Variant of the model.
    pub flags: NeuronFlags,
    /// Constants.
    pub constants: Constants,
    /// Potential before step 0, relative to rest.
    pub v_init: Values,
    /// Resting potential (what `v` is relative to), in steps of the binary point.
    pub v_rest: Values,
    /// Private noise.
    pub drive: DriveModel,
    /// Largest current that may be fed from outside, in steps of the binary point.
    pub headroom: i32,
}

impl PopulationModel {
    pub(super) fn new(network: &Network, index: usize, fraction_bits: u32) -> Result<Self, SpecError> {
        let derive = Derive::new(network, index, fraction_bits);
        let population = derive.population;
        let lif = population.neuron.lif();
        Ok(Self {
            name: population.name.clone(),
            size: population.size(),
            first: super::cell_offsets(network).0[index],
            fraction_bits,
            flags: NeuronFlags {
                exponential: matches!(lif.synapse, Synapse::Exponential { .. }),
                adaptive: matches!(population.neuron, Neuron::Alif(_)),
                subtract: lif.reset == Reset::Subtract,
                clamp: lif.refractory == Refractory::Clamp,
                saturate: lif.overflow == Overflow::Saturate,
            },
            constants: derive.constants()?,
            v_init: derive.potential(&[VInit, VRest], "v_init", |d, i| d.get(VInit, i) - d.get(VRest, i))?,
            v_rest: derive.potential(&[VRest], "v_rest", |d, i| d.get(VRest, i))?,
            drive: DriveModel::new(population.drive, fraction_bits, &population.name)?,
            headroom: 0,
        })
    }

    /// The cells of its neurons.
    #[must_use]
    pub const fn cells(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.size
    }

    /// The potential in mV that the state word `v` of neuron `i` stands for.
    #[must_use]
    pub fn millivolts(&self, v: i32, i: usize) -> f64 {
        from_fixed(v, self.fraction_bits) + from_fixed(self.v_rest.get(i), self.fraction_bits)
    }
}

/// Turns the parameters of one population into constants.
struct Derive<'a> {
    population: &'a Population,
    drawn: Vec<(Parameter, Vec<f64>)>,
    fraction_bits: u32,
    dt: f64,
}

impl<'a> Derive<'a> {
    fn new(network: &'a Network, index: usize, fraction_bits: u32) -> Self {
        let population = &network.populations()[index];
        let key = rng::key(network.config.seed);
        let drawn = population.varied.iter().map(|(parameter, distribution)| {
            // 64 draw indices a parameter leave room for the redraws of clipped distributions.
            let stream = rng::stream(Purpose::Parameter, index as u32, (*parameter as u32) << 6);
            let values = (0..population.size()).map(|i| distribution.draw(stream, 0, i as u32, i, key)).collect();
            (*parameter, values)
        });
        Self { population, drawn: drawn.collect(), fraction_bits, dt: network.config.dt }
    }

    fn get(&self, parameter: Parameter, i: usize) -> f64 {
        match self.drawn.iter().find(|(p, _)| *p == parameter) {
            Some((_, values)) => values[i],
            None => default_value(&self.population.neuron, parameter).unwrap_or_else(|| self.get(VRest, i)),
        }
    }

    fn values(
        &self,
        depends_on: &[Parameter],
        f: impl Fn(&Self, usize) -> Result<i32, SpecError>,
    ) -> Result<Values, SpecError> {
        if self.drawn.iter().any(|(p, _)| depends_on.contains(p)) {
            return Ok(Values::collapsed((0..self.population.size()).map(|i| f(self, i)).collect::<Result<_, _>>()?));
        }
        f(self, 0).map(Values::Same)
    }

    fn factor(&self, depends_on: &[Parameter], f: impl Fn(&Self, usize) -> f64) -> Result<Values, SpecError> {
        self.values(depends_on, |d, i| {
            for &parameter in depends_on {
                let tau = d.get(parameter, i);
                if tau.is_nan() || tau <= 0.0 {
                    return Err(d.bad(parameter, i, tau, "more than 0; clip the distribution (Distribution::clipped)"));
                }
                if tau < d.dt && d.population.neuron.lif().leak == Leak::Euler {
                    let allowed = "at least dt with Leak::Euler; clip the distribution, or take Leak::Exponential";
                    return Err(d.bad(parameter, i, tau, allowed));
                }
            }
            Ok(q31(f(d, i)))
        })
    }

    fn potential(
        &self,
        depends_on: &[Parameter],
        name: &str,
        f: impl Fn(&Self, usize) -> f64,
    ) -> Result<Values, SpecError> {
        self.values(depends_on, |d, i| {
            let x = f(d, i);
            to_fixed(x, d.fraction_bits).ok_or_else(|| {
                let limit = f64::from(i32::MAX) / (1u64 << d.fraction_bits) as f64;
                let argument = format!("{name} of neuron {i} of '{}'", d.population.name);
                SpecError::invalid(
                    argument,
                    format!("{x} mV"),
                    format!("within {limit:.0} mV of rest ({} fractional bits)", d.fraction_bits),
                )
            })
        })
    }

    fn bad(&self, parameter: Parameter, i: usize, value: f64, allowed: &str) -> SpecError {
        SpecError::invalid(format!("{} of neuron {i} of '{}'", parameter.name(), self.population.name), value, allowed)
    }

    fn refractory(&self, i: usize) -> Result<i32, SpecError> {
        let ms = self.get(TauRefrac, i);
        let steps = libm::round(ms / self.dt);
        if !(ms >= 0.0 && steps <= 1e6) {
            return Err(self.bad(TauRefrac, i, ms, "0 to 1 000 000 steps"));
        }
        Ok(steps as i32)
    }

    fn thresh(&self) -> Result<Values, SpecError> {
        self.potential(&[VThresh, VRest], "v_thresh", |d, i| d.get(VThresh, i) - d.get(VRest, i))
    }

    fn constants(&self) -> Result<Constants, SpecError> {
        self.check_thresholds()?;
        Ok(Constants {
            decay: self.factor(&[TauM], |d, i| d.decay(d.get(TauM, i)))?,
            thresh: self.thresh()?,
            reset: self.potential(&[VReset, VRest], "v_reset", |d, i| d.get(VReset, i) - d.get(VRest, i))?,
            offset: self.potential(&[IOffset, TauM], "i_offset", |d, i| d.get(IOffset, i) * d.step_gain(i))?,
            refractory: self.values(&[TauRefrac], Self::refractory)?,
            gain: self.factor(&[TauM], Self::step_gain)?,
            decay_exc: self.factor(&[TauSynExc], |d, i| d.decay(d.get(TauSynExc, i)))?,
            decay_inh: self.factor(&[TauSynInh], |d, i| d.decay(d.get(TauSynInh, i)))?,
            gain_exc: self.factor(&[TauSynExc, TauM], |d, i| d.current_gain(d.get(TauSynExc, i), i))?,
            gain_inh: self.factor(&[TauSynInh, TauM], |d, i| d.current_gain(d.get(TauSynInh, i), i))?,
            decay_theta: self.factor(&[TauTheta], |d, i| d.decay(d.get(TauTheta, i)))?,
            delta_theta: self.potential(&[DeltaTheta], "delta_theta", |d, i| d.get(DeltaTheta, i))?,
            decay_w: self.factor(&[TauW], |d, i| d.decay(d.get(TauW, i)))?,
            delta_w: self.potential(&[DeltaW], "delta_w", |d, i| d.get(DeltaW, i))?,
            gain_w: self.factor(&[TauW, TauM], |d, i| d.current_gain(d.get(TauW, i), i))?,
        })
    }

    fn check_thresholds(&self) -> Result<(), SpecError> {
        if !self.drawn.iter().any(|(p, _)| matches!(p, VThresh | VReset | VRest)) {
            return Ok(());
        }
        let subtracts = self.population.neuron.lif().reset == Reset::Subtract;
        let low = |i: &usize| subtracts && self.get(VThresh, *i) <= self.get(VRest, *i);
        if let Some(i) = (0..self.population.size()).find(low) {
            let allowed = "more than the neuron's v_rest where the reset subtracts; clip the distribution";
            return Err(self.bad(VThresh, i, self.get(VThresh, i), allowed));
        }
        match (0..self.population.size()).find(|&i| self.get(VThresh, i) <= self.get(VReset, i)) {
            Some(i) => {
                Err(self.bad(VThresh, i, self.get(VThresh, i), "more than the neuron's v_reset; clip the distribution"))
            }
            None => Ok(()),
        }
    }

    /// What a time constant leaves after a step.
    fn decay(&self, tau: f64) -> f64 {
        match self.population.neuron.lif().leak {
            Leak::Exponential => libm::exp(-self.dt / tau),
            Leak::Euler => 1.0 - self.dt / tau,
        }
    }

    /// What a current of 1 mV, constant over the step, adds to the membrane.
    fn step_gain(&self, i: usize) -> f64 {
        let tau = self.get(TauM, i);
        match self.population.neuron.lif().leak {
            Leak::Exponential => -libm::expm1(-self.dt / tau),
            Leak::Euler => self.dt / tau,
        }
    }

    /// What a current of 1 mV at the start of the step, decaying with `tau_syn`, adds to the membrane: the joint propagator
    /// `tau_syn / (tau_syn - tau_m) (exp(-dt/tau_syn) - exp(-dt/tau_m))` (Rotter & Diesmann 1999, eq. 18), in a form without cancellation.
    fn current_gain(&self, tau_syn: f64, i: usize) -> f64 {
        let tau = self.get(TauM, i);
        if self.population.neuron.lif().leak == Leak::Euler {
            return self.dt / tau;
        }
        let x = self.dt * (1.0 / tau - 1.0 / tau_syn);
        let ratio = if x.abs() < 1e-9 { 1.0 } else { libm::expm1(x) / x };
        self.dt / tau * libm::exp(-self.dt / tau) * ratio
    }
}

/// The population's common value of a parameter; `None` for the initial potential that follows rest. Parameters that a model does not
/// have get a harmless stand-in.
fn default_value(neuron: &Neuron, parameter: Parameter) -> Option<f64> {
    let lif: &Lif = neuron.lif();
    let alif = match neuron {
        Neuron::Alif(alif) => *alif,
        Neuron::Lif(_) => Alif { delta_theta: 0.0, ..Alif::default() },
    };
    let (tau_exc, tau_inh) = match lif.synapse {
        Synapse::Exponential { tau_syn_exc, tau_syn_inh } => (tau_syn_exc, tau_syn_inh),
        Synapse::Delta => (1e3, 1e3),
    };
    match parameter {
        TauM => Some(lif.tau_m),
        VRest => Some(lif.v_rest),
        VReset => Some(lif.v_reset),
        VThresh => Some(lif.v_thresh),
        VInit => lif.v_init,
        TauRefrac => Some(lif.tau_refrac),
        IOffset => Some(lif.i_offset),
        TauSynExc => Some(tau_exc),
        TauSynInh => Some(tau_inh),
        TauTheta => Some(alif.tau_theta),
        DeltaTheta => Some(alif.delta_theta),
        TauW => Some(alif.tau_w),
        DeltaW => Some(alif.delta_w),
    }
}
