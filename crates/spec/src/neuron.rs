//! Neuron models: what a user writes down, in mV and ms.

/// How synaptic input reaches the membrane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Synapse {
    /// A spike adds its weight (mV) to the membrane at once.
    Delta,
    /// A spike adds its weight (mV, current times resistance) to a current that decays exponentially; excitatory and inhibitory
    /// weights (by sign) have currents of their own.
    Exponential {
        /// Time constant of the excitatory current, ms, more than 0.
        tau_syn_exc: f64,
        /// Time constant of the inhibitory current, ms, more than 0.
        tau_syn_inh: f64,
    },
}

/// How membrane and currents are integrated over a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// Exact propagators: `exp(-dt/tau)`, and the joint propagator of a current into the membrane (as NEST and Brian2's `exact`;
    /// Rotter & Diesmann 1999). A current acts on the membrane in the step that it receives a spike; NEST counts that step as the next.
    Exponential,
    /// Forward Euler: `1 - dt/tau`, as many published reservoirs.
    Euler,
}

/// What a spike does to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// The membrane is set to `v_reset`.
    ToValue,
    /// `v_thresh - v_rest` is subtracted from the membrane, so that what exceeded the threshold is kept.
    Subtract,
}

/// What the refractory period does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refractory {
    /// The membrane stays where the reset put it; delta input is discarded, currents go on.
    Clamp,
    /// The membrane integrates on; only spiking is blocked.
    BlockSpikes,
}

/// What happens to a membrane that leaves the fixed-point range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// A network in which it could happen is refused.
    Refuse,
    /// The membrane and the currents are held at the ends of their range.
    Saturate,
}

/// Leaky integrate-and-fire neuron: `tau_m dv/dt = v_rest - v + i`, a spike where `v >= v_thresh`.
///
/// Step t: currents decay and receive what is due; the membrane decays, then adds; then the threshold is tested.
/// After a spike in step t the next is possible in step t + r + 1, with r the refractory period in steps.
///
/// | parameter | unit | default | meaning |
/// |---|---|---|---|
/// | `tau_m` | ms | 20 | membrane time constant, more than 0 (infinite: no leak) |
/// | `v_rest` | mV | 0 | resting potential |
/// | `v_reset` | mV | 0 | potential after a spike |
/// | `v_thresh` | mV | 20 | threshold, above `v_reset` |
/// | `v_init` | mV | `v_rest` | potential before step 0 |
/// | `tau_refrac` | ms | 0 | refractory period, rounded to steps |
/// | `i_offset` | mV | 0 | constant current times resistance |
///
/// A membrane that decays without input comes to rest within half a step over `1 - exp(-dt/tau_m)` of its resting potential
/// (0.0015 mV at tau_m 20 ms, dt 0.1 ms and 16 fractional bits); give the population more fractional bits where that matters.
///
/// Reference: Lapicque 1907; Gerstner & Kistler, Spiking Neuron Models, 2002.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Lif {
    /// Membrane time constant, ms.
    pub tau_m: f64,
    /// Resting potential, mV.
    pub v_rest: f64,
    /// Potential after a spike, mV.
    pub v_reset: f64,
    /// Threshold, mV.
    pub v_thresh: f64,
    /// Potential before the first step, mV; `None` is `v_rest`.
    pub v_init: Option<f64>,
    /// Refractory period, ms.
    pub tau_refrac: f64,
    /// Constant current times resistance, mV.
    pub i_offset: f64,
    /// How synaptic input reaches the membrane.
    pub synapse: Synapse,
    /// How a step is integrated.
    pub leak: Leak,
    /// What a spike does to the membrane.
    pub reset: Reset,
    /// What the refractory period does.
    pub refractory: Refractory,
    /// What happens at the ends of the fixed-point range.
    pub overflow: Overflow,
}

impl Default for Lif {
    fn default() -> Self {
        Self {
            tau_m: 20.0,
            v_rest: 0.0,
            v_reset: 0.0,
            v_thresh: 20.0,
            v_init: None,
            tau_refrac: 0.0,
            i_offset: 0.0,
            synapse: Synapse::Delta,
            leak: Leak::Exponential,
            reset: Reset::ToValue,
            refractory: Refractory::Clamp,
            overflow: Overflow::Refuse,
        }
    }
}

/// Adaptive leaky integrate-and-fire neuron: a [`Lif`] whose threshold rises with each spike, and which each spike inhibits by a current.
///
/// The threshold is `v_thresh + theta`; `theta` decays with `tau_theta` and grows by `delta_theta` at a spike (the ALIF of Bellec et al. 2018).
/// The current `w` decays with `tau_w`, grows by `delta_w` at a spike and is subtracted from the input current
/// (spike-triggered adaptation; Brette & Gerstner 2005 with a = 0).
/// In a step both decay first, truncating toward zero so that they end (a rounded decay sticks at half a step over `1 - exp(-dt/tau)`); the threshold test uses `theta` after its decay and before the growth of the same step.
///
/// | parameter | unit | default | meaning |
/// |---|---|---|---|
/// | `tau_theta` | ms | 100 | time constant of the threshold, more than 0 |
/// | `delta_theta` | mV | 1 | growth of the threshold at a spike |
/// | `tau_w` | ms | 100 | time constant of the adaptation current, more than 0 |
/// | `delta_w` | mV | 0 | growth of the adaptation current (times resistance) at a spike |
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Alif {
    /// The neuron without adaptation.
    pub lif: Lif,
    /// Time constant of the adaptive threshold, ms.
    pub tau_theta: f64,
    /// Growth of the threshold at a spike, mV.
    pub delta_theta: f64,
    /// Time constant of the adaptation current, ms.
    pub tau_w: f64,
    /// Growth of the adaptation current at a spike, mV.
    pub delta_w: f64,
}

impl Default for Alif {
    fn default() -> Self {
        Self { lif: Lif::default(), tau_theta: 100.0, delta_theta: 1.0, tau_w: 100.0, delta_w: 0.0 }
    }
}

/// A neuron model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Neuron {
    /// Leaky integrate-and-fire.
    Lif(Lif),
    /// The same with adaptation.
    Alif(Alif),
}

impl Neuron {
    /// The part that both models share.
    pub const fn lif(&self) -> &Lif {
        match self {
            Self::Lif(lif) => lif,
            Self::Alif(alif) => &alif.lif,
        }
    }
}

impl From<Lif> for Neuron {
    fn from(lif: Lif) -> Self {
        Self::Lif(lif)
    }
}

impl From<Alif> for Neuron {
    fn from(alif: Alif) -> Self {
        Self::Alif(alif)
    }
}

/// A parameter that [`crate::Network::vary`] can give each neuron its own value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parameter {
    /// [`Lif::tau_m`].
    TauM,
    /// [`Lif::v_rest`].
    VRest,
    /// [`Lif::v_reset`].
    VReset,
    /// [`Lif::v_thresh`].
    VThresh,
    /// [`Lif::v_init`].
    VInit,
    /// [`Lif::tau_refrac`].
    TauRefrac,
    /// [`Lif::i_offset`].
    IOffset,
    /// `tau_syn_exc` of [`Synapse::Exponential`].
    TauSynExc,
    /// `tau_syn_inh` of [`Synapse::Exponential`].
    TauSynInh,
    /// [`Alif::tau_theta`].
    TauTheta,
    /// [`Alif::delta_theta`].
    DeltaTheta,
    /// [`Alif::tau_w`].
    TauW,
    /// [`Alif::delta_w`].
    DeltaW,
}

impl Parameter {
    /// The field's name, as errors print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TauM => "tau_m",
            Self::VRest => "v_rest",
            Self::VReset => "v_reset",
            Self::VThresh => "v_thresh",
            Self::VInit => "v_init",
            Self::TauRefrac => "tau_refrac",
            Self::IOffset => "i_offset",
            Self::TauSynExc => "tau_syn_exc",
            Self::TauSynInh => "tau_syn_inh",
            Self::TauTheta => "tau_theta",
            Self::DeltaTheta => "delta_theta",
            Self::TauW => "tau_w",
            Self::DeltaW => "delta_w",
        }
    }
}
