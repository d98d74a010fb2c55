//! Plasticity and its third factors: what a user writes down.

use crate::Endpoint;

/// An astrocyte (or any other modulator) of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AstrocyteId(pub(crate) usize);

impl AstrocyteId {
    /// Its place in [`crate::Network::astrocytes`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// A rate of plasticity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// A number (see [`Stdp::rate_decay`]).
    Constant(f64),
    /// The present output of an astrocyte or of a modulator that the host sets.
    ModulatedBy(AstrocyteId),
    /// A number times that output.
    Scaled(f64, AstrocyteId),
}

impl From<f64> for Rate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

impl From<AstrocyteId> for Rate {
    fn from(astrocyte: AstrocyteId) -> Self {
        Self::ModulatedBy(astrocyte)
    }
}

/// How a change depends on the weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// Not at all; rates are in mV. The bounds cut it off (Song, Miller & Abbott 2000).
    Additive,
    /// It is a fraction of the distance to the bound that it moves to; rates are fractions (Rubin, Lee & Sompolinsky 2001).
    Multiplicative,
}

/// Which spikes pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Each with all earlier ones of the other side: traces add up.
    AllToAll,
    /// Each with the last one of the other side: a spike sets its trace (symmetric; Morrison, Diesmann & Gerstner 2008, fig. 7A).
    NearestNeighbour,
}

/// When the event of a source takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// In the step in which it spikes. Two spikes of one step do not pair. The weight is read at emission, before the change
    /// that this emission causes.
    Emission,
    /// In the step in which its spike arrives (the delay is axonal; one delay for the projection). The weight is read at arrival; then the
    /// arrival pairs with the target's spikes of earlier steps, and it comes before a spike of the target in the same step.
    Arrival,
}

/// How synapses from inhibitory sources change. "Before" is a source's event before the target's spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inhibitory {
    /// As all others: weights rise after "before" with `a_plus` and fall after "behind" with `a_minus`.
    Same,
    /// With the sign of the weight: it grows in magnitude with `a_plus`, shrinks with `a_minus`; bounds `-w_max` to `-w_min`.
    Mirrored,
    /// As `Mirrored`, with the rates exchanged: it grows in magnitude with `a_minus`, shrinks with `a_plus`. So `a_minus` always
    /// belongs to a falling weight (Ivanov & Michmizos 2021).
    Exchanged,
}

/// Changes that depend on three spikes (Pfister & Gerstner 2006): a second, slower trace of each side scales the changes that the first
/// traces of the other side stand for. At a spike of the target a weight rises by `x (a_plus of the pair + a_plus of the triplet * y2)`, at an
/// event of the source it falls by `y (a_minus of the pair + a_minus of the triplet * x2)`, with `x2` and `y2` as they were before
/// this step. Their pairing, increment, decay of rates and signs are those of the [`Stdp`] that they belong to.
///
/// The defaults are those of the paper's full fit to visual cortex (all to all; pairs there have `a_plus` 5e-10, `a_minus` 7e-3, `tau_plus` 16.8 ms,
/// `tau_minus` 33.7 ms), for weights of about 1 mV.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Triplet {
    /// Time constant of the sources' slow traces x2 (the paper's tau_x), ms.
    pub tau_plus: f64,
    /// Time constant of the targets' slow traces y2 (the paper's tau_y), ms.
    pub tau_minus: f64,
    /// Rate of potentiation by source, target, target; unit as in [`Stdp`].
    pub a_plus: Rate,
    /// Rate of depression by source, target, source.
    pub a_minus: Rate,
}

impl Default for Triplet {
    fn default() -> Self {
        Self { tau_plus: 101.0, tau_minus: 125.0, a_plus: Rate::Constant(6.2e-3), a_minus: Rate::Constant(2.3e-4) }
    }
}

/// Plasticity only while the target's activity lies in a window (calcium-gated or activity-based STDP: Brader, Senn & Fusi 2007; the
/// baseline of Ivanov & Michmizos 2021). Each target neuron has calcium c, `c <- c (1 - dt/tau) + 1` at a spike. Changes at
/// `a_plus` happen only while `threshold < c < threshold + width`, changes at `a_minus` only while `threshold - width < c < threshold`; c is
/// taken before this step's spike.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct CalciumGate {
    /// Time constant, ms; at least dt.
    pub tau: f64,
    /// Between depression and potentiation, in spikes.
    pub threshold: f64,
    /// Width of either window, in spikes.
    pub width: f64,
}

impl Default for CalciumGate {
    fn default() -> Self {
        Self { tau: 1000.0, threshold: 37.0, width: 22.0 }
    }
}

/// Spike-timing-dependent plasticity with traces, a property of a projection: of pairs, and of triplets where asked (Morrison, Diesmann & Gerstner 2008).
///
/// A source's trace x decays with `tau_plus` and grows by `trace_increment` at its event, a target's trace y with `tau_minus` at its
/// spike. At a spike of the target a weight rises by `a_plus x`; at an event of the source it falls by `a_minus y`. The
/// changes of one synapse in one step are added, then clipped once to `[w_min, w_max]`.
///
/// | parameter | unit | default | meaning |
/// |---|---|---|---|
/// | `tau_plus`, `tau_minus` | ms | 20 | time constants of the traces of sources and targets |
/// | `a_plus`, `a_minus` | mV, or 1 if multiplicative | 0.01, 0.0105 | rates |
/// | `w_min`, `w_max` | mV | 0, 1 | bounds |
/// | `dependence` | | additive | how a change depends on the weight |
/// | `pairing` | | all to all | which spikes pair |
/// | `convention` | | emission | when a source's event takes place |
/// | `inhibitory` | | mirrored | what holds for inhibitory sources |
/// | `trace_increment` | 1 | 1 | what a spike adds to its trace |
/// | `rate_decay` | 1 a step | 1 | factor of constant rates after each step |
/// | `triplet` | | none | changes that depend on three spikes |
/// | `gate` | | none | windows of the target's calcium outside of which nothing changes |
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Stdp {
    /// Time constant of the sources' traces, ms.
    pub tau_plus: f64,
    /// Time constant of the targets' traces, ms.
    pub tau_minus: f64,
    /// Rate of potentiation.
    pub a_plus: Rate,
    /// Rate of depression.
    pub a_minus: Rate,
    /// Smallest weight, mV.
    pub w_min: f64,
    /// Largest weight, mV.
    pub w_max: f64,
    /// How a change depends on the weight.
    pub dependence: Dependence,
    /// Which spikes pair.
    pub pairing: Pairing,
    /// When a source's event takes place.
    pub convention: Convention,
    /// What holds for inhibitory sources.
    pub inhibitory: Inhibitory,
    /// What a spike adds to its trace.
    pub trace_increment: f64,
    /// Constant rates are multiplied by this after each step, in (0, 1]. Rates of an astrocyte follow [`Astrocyte::decay`].
    pub rate_decay: f64,
    /// Changes that depend on three spikes.
    pub triplet: Option<Triplet>,
    /// Windows of the target's calcium outside of which nothing changes.
    pub gate: Option<CalciumGate>,
}

impl Default for Stdp {
    fn default() -> Self {
        Self {
            tau_plus: 20.0,
            tau_minus: 20.0,
            a_plus: Rate::Constant(0.01),
            a_minus: Rate::Constant(0.0105),
            w_min: 0.0,
            w_max: 1.0,
            dependence: Dependence::Additive,
            pairing: Pairing::AllToAll,
            convention: Convention::Emission,
            inhibitory: Inhibitory::Mirrored,
            trace_increment: 1.0,
            rate_decay: 1.0,
            triplet: None,
            gate: None,
        }
    }
}

/// A synapse that goes on delivering after a spike: a value of the source is set to 1 by its spike and decays by `exp(-dt/tau)` a step; in
/// each step the synapse delivers its present weight times that value. Only the last spike counts. (The synapse of
/// Ivanov & Michmizos 2021.)
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct SpikeFilter {
    /// Time constant, ms.
    pub tau: f64,
    /// Values below this are taken as 0, in [0, 1).
    pub cutoff: f64,
}

impl Default for SpikeFilter {
    fn default() -> Self {
        Self { tau: 1.0, cutoff: 1.0 / 65_536.0 }
    }
}

/// A third factor: an astrocyte, `tau da/dt = sum_k weight_k n_k + bias - a`, with n_k the spikes that watched group k emits in a step
/// (forward Euler; Ivanov & Michmizos 2021). It is updated after the plasticity of each step.
///
/// | parameter | unit | default | meaning |
/// |---|---|---|---|
/// | `tau` | ms | 100 | time constant, at least dt; infinite: the output only changes when it is set |
/// | `weight` | 1 a spike | 0.015 | times the weight of each watched group |
/// | `bias` | 1 | 0.15 | output at rest |
/// | `initial` | 1 | `bias` | output before step 0 |
/// | `decay` | 1 a step | 1 | factor of output, weight and bias after each step |
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Astrocyte {
    /// Time constant, ms.
    pub tau: f64,
    /// Weight of a spike.
    pub weight: f64,
    /// Output at rest.
    pub bias: f64,
    /// Output before step 0; `None` is `bias`.
    pub initial: Option<f64>,
    /// Output, weight and bias are multiplied by this after each step, in (0, 1].
    pub decay: f64,
}

impl Default for Astrocyte {
    fn default() -> Self {
        Self { tau: 100.0, weight: 0.015, bias: 0.15, initial: None, decay: 1.0 }
    }
}

/// A third factor with the calcium dynamics of an astrocyte: IP3 that watched spikes raise opens channels of the store to calcium, which
/// opens more of them, then closes them slowly (Li & Rinzel 1994; Nadkarni & Jung 2003; the model `astrocyte_lr_1994` of NEST without noise):
///
/// ```text
/// dIP3/dt = (ip3_rest - IP3) / tau_ip3 + delta_ip3 sum_k weight_k n_k / dt
/// dCa/dt  = r rate_ip3r m^3 n^3 h^3 (Ca_er - Ca) - rate_serca Ca^2 / (km_serca^2 + Ca^2) + r rate_leak (Ca_er - Ca)
/// dh/dt   = k_ip3r kd_inh (IP3 + kd_ip3_1) / (IP3 + kd_ip3_2) (1 - h) - k_ip3r Ca h
/// m = IP3 / (IP3 + kd_ip3_1),  n = Ca / (Ca + kd_act),  Ca_er = (calcium_total - Ca) / r,  r = ratio_er
/// ```
///
/// Calcium and h step by forward Euler with dt; tables of 4097 nodes stand for the fractions. IP3 stays below 24 `kd_ip3_1` or so (the next
/// power of two), where its channels are nearly saturated, and errs by up to 2^-27 uM (with the defaults) times `tau_ip3 / dt`. It is updated after the plasticity of each step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct CalciumAstrocyte {
    /// IP3 at rest, uM.
    pub ip3_rest: f64,
    /// Time constant of IP3, ms.
    pub tau_ip3: f64,
    /// IP3 that a watched spike of weight 1 adds, uM.
    pub delta_ip3: f64,
    /// Free calcium in cytosol and store, by volume of the cytosol, uM.
    pub calcium_total: f64,
    /// Calcium in the cytosol before step 0, uM.
    pub calcium_initial: f64,
    /// h before step 0.
    pub h_initial: f64,
    /// First dissociation constant of IP3, uM.
    pub kd_ip3_1: f64,
    /// Second dissociation constant of IP3, uM.
    pub kd_ip3_2: f64,
    /// Dissociation constant of calcium that opens channels, uM.
    pub kd_act: f64,
    /// Dissociation constant of calcium that closes channels, uM.
    pub kd_inh: f64,
    /// Half-activation of the pump, uM.
    pub km_serca: f64,
    /// Binding of calcium that closes channels, 1/(uM ms).
    pub k_ip3r: f64,
    /// Largest rate of release by channels, 1/ms.
    pub rate_ip3r: f64,
    /// Rate of the leak from the store, 1/ms.
    pub rate_leak: f64,
    /// Largest rate of the pump, uM/ms.
    pub rate_serca: f64,
    /// Volume of the store by that of the cytosol.
    pub ratio_er: f64,
    /// What of calcium is the output.
    pub output: CalciumOutput,
    /// Factor of the output.
    pub scale: f64,
    /// Added to the scaled output.
    pub bias: f64,
}

impl Default for CalciumAstrocyte {
    fn default() -> Self {
        Self {
            ip3_rest: 0.16,
            tau_ip3: 7142.0,
            delta_ip3: 2e-4,
            calcium_total: 2.0,
            calcium_initial: 0.073,
            h_initial: 0.793,
            kd_ip3_1: 0.13,
            kd_ip3_2: 0.9434,
            kd_act: 0.08234,
            kd_inh: 1.049,
            km_serca: 0.1,
            k_ip3r: 2e-4,
            rate_ip3r: 0.006,
            rate_leak: 1.1e-4,
            rate_serca: 9e-4,
            ratio_er: 0.185,
            output: CalciumOutput::Calcium,
            scale: 1.0,
            bias: 0.0,
        }
    }
}

/// What of its calcium an astrocyte puts out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CalciumOutput {
    /// Calcium, uM.
    Calcium,
    /// ln y where `y = (Ca - threshold) / nM` exceeds 1, else 0: the slow inward current of NEST (whose threshold is 0.19669 uM). Close above
    /// the threshold, where ln is steep, the table errs by up to 0.06.
    SlowInwardCurrent {
        /// In uM.
        threshold: f64,
    },
}

/// How an astrocyte turns what it watches into its output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AstrocyteDynamics {
    /// Leaky integration.
    Leaky(Astrocyte),
    /// Calcium.
    Calcium(CalciumAstrocyte),
}

impl From<Astrocyte> for AstrocyteDynamics {
    fn from(astrocyte: Astrocyte) -> Self {
        Self::Leaky(astrocyte)
    }
}

impl From<CalciumAstrocyte> for AstrocyteDynamics {
    fn from(astrocyte: CalciumAstrocyte) -> Self {
        Self::Calcium(astrocyte)
    }
}

/// Which neurons of a population (or channels of an input) an astrocyte watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Members {
    /// All.
    All,
    /// This fraction (rounded to whole neurons), chosen at random.
    Fraction(f64),
    /// These.
    Listed(Vec<usize>),
}

/// A group that an astrocyte watches.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The population or input.
    pub source: Endpoint,
    /// Weight of its spikes, times [`Astrocyte::weight`] or [`CalciumAstrocyte::delta_ip3`]; 1 and -1 in the paper.
    pub weight: f64,
    /// Which of its neurons.
    pub members: Members,
}

impl Watch {
    /// Watches only this fraction, chosen at random.
    pub fn fraction(&mut self, fraction: f64) -> &mut Self {
        self.members = Members::Fraction(fraction);
        self
    }

    /// Watches only these neurons.
    pub fn listed(&mut self, neurons: impl IntoIterator<Item = usize>) -> &mut Self {
        self.members = Members::Listed(neurons.into_iter().collect());
        self
    }
}

/// An astrocyte of a network: its parameters and what it watches.
#[derive(Clone, Debug, PartialEq)]
pub struct AstrocyteDescription {
    /// Name in errors and reports.
    pub name: String,
    /// Dynamics with their parameters.
    pub dynamics: AstrocyteDynamics,
    /// What it watches.
    pub watches: Vec<Watch>,
}
