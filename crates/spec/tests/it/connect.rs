//! Connectors, weights and delays.

use std::time::Instant;

use limnos_spec::connect::{Side, Wiring, connect, row_lengths};
use limnos_spec::{Connector, Distribution, Lif, Network, NetworkConfig, Projection};

/// A projection of 'a' to 'b' that tests describe in a line.
struct Case {
    projection: Projection,
    sources: usize,
    targets: usize,
    recurrent: bool,
    seed: u64,
}

impl Case {
    fn new(sources: usize, targets: usize, connector: impl Into<Connector>) -> Self {
        let mut net = Network::new(NetworkConfig::default());
        let a = net.add_population("a", sources, Lif::default());
        let b = net.add_population("b", targets, Lif::default());
        let projection = net.connect(a, b, connector, 1.0).clone();
        Self { projection, sources, targets, recurrent: false, seed: 1 }
    }

    fn wiring(&self) -> Wiring<'_> {
        let side = |size| Side { size, positions: None, first_inhibitory: size };
        Wiring {
            name: "projection 0 ('a' to 'b')",
            key: limnos_spec::rng::key(self.seed),
            index: 0,
            source: side(self.sources),
            target: side(self.targets),
            recurrent: self.recurrent,
            min_delay: 1,
            dt: 1.0,
            projection: &self.projection,
        }
    }
}

fn timed(name: &str, case: &Case) {
    let start = Instant::now();
    let lengths = row_lengths(&case.wiring()).unwrap();
    let counted = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let (synapses, q) = connect(&case.wiring(), 16).unwrap();
    let made = start.elapsed().as_secs_f64();
    println!("{name}: {} synapses, row_lengths {counted:.2} s, connect {made:.2} s, {q:?}", synapses.len());
    assert_eq!(lengths.len(), case.sources);
}

#[test]
#[ignore = "prints seconds for 1e8 synapses; needs 1 GB"]
fn speed() {
    let n = 1_000_000;
    let mut case = Case::new(n, n, Connector::FixedOutDegree(100));
    timed("out-degree, distinct", &case);
    case.projection.multiple_edges(true);
    timed("out-degree, repeated", &case);
    case.projection.weights = Distribution::normal(1.0, 0.3).into();
    case.projection.delays(Distribution::uniform(1.0, 20.0));
    timed("out-degree, normal weights, uniform delays", &case);
    timed("probability", &Case::new(n, n, Connector::FixedProbability(1e-4)));
    timed("in-degree, distinct", &Case::new(n, n, Connector::FixedInDegree(100)));
    timed("total, distinct", &Case::new(n, n, Connector::FixedTotal(100_000_000)));
    timed("dense total, distinct", &Case::new(20_000, 20_000, Connector::FixedTotal(100_000_000)));
}
