//! A projection that a test describes in a line, and questions to its synapses.

use glam::Vec3;
use limnos_spec::connect::{Side, Synapses, Wiring, connect};
use limnos_spec::{Connector, Delays, Lif, Network, NetworkConfig, Projection, Weights};

/// A projection of 'a' to 'b' with everything that it depends on.
#[derive(Clone)]
pub struct Case {
    pub projection: Projection,
    pub sources: usize,
    pub targets: usize,
    pub source_positions: Option<Vec<Vec3>>,
    pub target_positions: Option<Vec<Vec3>>,
    pub first_inhibitory: usize,
    pub recurrent: bool,
    pub min_delay: u32,
    pub dt: f64,
    pub seed: u64,
}

impl Case {
    pub fn new(sources: usize, targets: usize, connector: impl Into<Connector>) -> Self {
        let mut net = Network::new(NetworkConfig::default());
        let a = net.add_population("a", sources, Lif::default());
        let b = net.add_population("b", targets, Lif::default());
        Self {
            projection: net.connect(a, b, connector, 1.0).clone(),
            sources,
            targets,
            source_positions: None,
            target_positions: None,
            first_inhibitory: sources,
            recurrent: false,
            min_delay: 1,
            dt: 1.0,
            seed: 1,
        }
    }

    /// Within one population.
    pub fn within(size: usize, connector: impl Into<Connector>) -> Self {
        Self { recurrent: true, ..Self::new(size, size, connector) }
    }

    pub fn multiple(mut self) -> Self {
        self.projection.multiple_edges(true);
        self
    }

    pub fn with_self(mut self) -> Self {
        self.projection.self_connections(true);
        self
    }

    pub fn weights(mut self, weights: impl Into<Weights>) -> Self {
        self.projection.weights = weights.into();
        self
    }

    pub fn delays(mut self, delays: impl Into<Delays>) -> Self {
        self.projection.delays(delays);
        self
    }

    pub fn inhibitory_from(self, first_inhibitory: usize) -> Self {
        Self { first_inhibitory, ..self }
    }

    pub fn at(self, source: Vec<Vec3>, target: Vec<Vec3>) -> Self {
        Self { source_positions: Some(source), target_positions: Some(target), ..self }
    }

    pub fn seed(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    pub fn wiring(&self) -> Wiring<'_> {
        Wiring {
            name: "projection 0 ('a' to 'b')",
            key: limnos_spec::rng::key(self.seed),
            index: 3,
            source: Side {
                size: self.sources,
                positions: self.source_positions.as_deref(),
                first_inhibitory: self.first_inhibitory,
            },
            target: Side {
                size: self.targets,
                positions: self.target_positions.as_deref(),
                first_inhibitory: if self.recurrent { self.first_inhibitory } else { self.targets },
            },
            recurrent: self.recurrent,
            min_delay: self.min_delay,
            dt: self.dt,
            projection: &self.projection,
        }
    }

    pub fn connect(&self) -> Synapses {
        connect(&self.wiring(), 16).unwrap_or_else(|error| panic!("{:?}: {error}", self.projection.connector)).0
    }

    pub fn error(&self) -> String {
        connect(&self.wiring(), 16).expect_err("this should be refused").to_string()
    }
}

pub fn row(synapses: &Synapses, source: usize) -> &[u32] {
    &synapses.targets[synapses.row_start[source]..synapses.row_start[source + 1]]
}

pub fn out_degrees(synapses: &Synapses) -> Vec<usize> {
    synapses.row_start.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

pub fn in_degrees(synapses: &Synapses, targets: usize) -> Vec<usize> {
    let mut degrees = vec![0; targets];
    synapses.targets.iter().for_each(|&target| degrees[target as usize] += 1);
    degrees
}

/// Source of each synapse.
pub fn sources(synapses: &Synapses) -> Vec<usize> {
    out_degrees(synapses).iter().enumerate().flat_map(|(source, &degree)| std::iter::repeat_n(source, degree)).collect()
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64
}

/// Points that lie nowhere in particular, the same on every run.
pub fn cloud(count: usize, extent: f32, seed: u64) -> Vec<Vec3> {
    let coordinate = |i: usize, axis: u32| {
        let word = limnos_spec::rng::word(axis, i as u32, 0, 0, limnos_spec::rng::key(seed));
        limnos_spec::rng::unit(word) as f32 * extent
    };
    (0..count).map(|i| Vec3::new(coordinate(i, 0), coordinate(i, 1), coordinate(i, 2))).collect()
}
