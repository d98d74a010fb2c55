//! Large reservoir computers on any GPU or the CPU: liquid state machines of spiking neurons, bit-reproducibly, and echo state networks.
//!
//! A network of spiking neurons, the *liquid*, is not trained: it turns its input into a rich pattern of spikes that
//! remembers the recent past. A *readout*, a linear map, learns from that pattern. limnos runs the liquid on a GPU
//! (Vulkan, Metal or DX12, through compute shaders) or on the processor, with the same bits on each: whatever
//! decides a spike is integer arithmetic, and every random number follows from the seed and its place alone.
//!
//! ```text
//!             description                 device                        learning
//!   ┌─────────────────────────────┐   ┌────────────┐   ┌─────────────────────────────────────────┐
//!   │ Network                     │   │ Simulation │   │ Ridge, Softmax                          │
//!   │   populations, inputs,  ────┼──▶│   feed     │   │   fit, predict, score                   │
//!   │   projections               │   │   run      │   │                                         │
//!   └─────────────────────────────┘   │   counts,  ├──▶│ features: spike counts, traces          │
//!   samples ──▶ Encoder ──────────────▶   traces   │   │                                         │
//!                                     └────────────┘   └─────────────────────────────────────────┘
//!   └───────────────── Lsm: all of it, for samples;  Stream: all of it, live ────────────────────┘
//! ```
//!
//! | to | use |
//! |---|---|
//! | classify samples | [`Lsm`], with an [`Encoder`] and [`Features`] of your choice |
//! | start from settings that work | [`presets`] |
//! | forecast and transform series with rate units | [`Esn`], made of a [`Reservoir`]; [`Esn::stream`] live |
//! | tune a reservoir, choose its parameters, bring one along | [`tuning`], [`search`], [`import`] |
//! | continue a series freely, with the best of many forecasters | [`forecast`] |
//! | run live, a step in, an output out | [`Stream`] |
//! | simulate and look | [`Network`], [`Device`], [`Simulation`], [`Observe`] |
//! | learn from any features | [`Ridge`], [`Softmax`] and the rest of [`readout`] |
//! | read data, make spikes of them | [`tasks`] |
//! | draw rasters, curves, confusion matrices | `plot` (with the feature `plot`) |
//!
//! # A liquid that reads digits
//!
//! ```
//! use limnos::prelude::*;
//! use limnos::tasks::{Split, digits};
//!
//! // What is computed: 64 pixels drive 300 neurons that excite and inhibit each other.
//! let mut net = Network::new(NetworkConfig { dt: 1.0, seed: 7 });
//! let pixels = net.add_input("pixels", 64);
//! let liquid = net.add_population("liquid", 300, Lif { tau_m: 20.0, v_thresh: 20.0, ..Lif::default() });
//! net.inhibitory(liquid, 0.2);
//! net.connect(pixels, liquid, FixedInDegree(16), Distribution::Normal { mean: 0.0, sd: 2.0 });
//! net.connect(liquid, liquid, FixedInDegree(20), Weights::Dale { exc: 0.2.into(), inh: 0.8.into() });
//!
//! // How samples enter, and where it runs (`Device::auto()` takes the fastest GPU).
//! let encoder = Encoder::Bernoulli(RateCode { rate_hz: 500.0, scaling: Scaling::FullScale(16.0) });
//! let config = LsmConfig { encoder, steps: 100, ..LsmConfig::default() };
//! let mut lsm = Lsm::new(&Device::cpu()?, &net, liquid, pixels, config, Softmax::default())?;
//!
//! // What is learned.
//! let data = digits().train_test_split(0.3, 1, Split::Stratified)?;
//! lsm.fit(&data.train.features, &data.train.labels)?;
//! let accuracy = lsm.score(&data.test.features, &data.test.labels)?;
//! assert!(accuracy > 0.9, "{accuracy}");
//! # Ok::<(), limnos::Error>(())
//! ```
//!
//! # Units
//!
//! Times are in ms, rates in Hz, potentials and weights in mV; delays are in steps unless they say otherwise. Features
//! are matrices of samples x features, labels are `u32` from 0 to the number of classes minus one.

mod error;
pub mod esn;
mod file;
pub mod forecast;
pub mod import;
mod lsm;
#[cfg(feature = "plot")]
pub mod plot;
pub mod prelude;
pub mod presets;
pub mod readout;
pub mod reservoir;
pub mod search;
mod stream;
pub mod tuning;

pub use glam::Vec3;
pub use ndarray;

pub use limnos_engine as engine;
pub use limnos_spec as spec;
pub use limnos_tasks as tasks;

pub use error::{Error, Result};
pub use esn::{Esn, EsnClassifier, EsnConfig};
pub use limnos_engine::{
    Counts, Device, DeviceInfo, EngineError, Feed, Observe, Plan, Potentials, RunOptions, Simulation, Traces,
};
pub use limnos_spec::{
    Alif, Connector, Csr, Delays, DistanceDependent, Distribution, Drive, Grid3, InputId, Leak, Lif, Network,
    NetworkConfig, Neuron, Overflow, Parameter, Population, PopulationId, Projection, ProjectionId, Refractory, Reset,
    Shape, Source, SpecError, Synapse, Weights,
};
pub use limnos_spec::{
    Astrocyte, AstrocyteId, CalciumAstrocyte, CalciumGate, CalciumOutput, Convention, Dependence, Inhibitory, Pairing,
    Rate, SpikeFilter, Stdp, Triplet,
};
pub use lsm::{Activity, Encoder, Features, Fit, Lsm, LsmConfig, Progress, Samples, Stage};
pub use readout::{
    Alpha, Classifier, Readout, ReadoutError, Ridge, RidgeAccumulator, RidgeModel, Softmax, SoftmaxModel,
};
pub use reservoir::{Reservoir, Topology};
pub use stream::{Output, Stream};
