//! Seconds for 1e8 synapses.

use std::time::Instant;

use limnos_spec::connect::{connect, row_lengths};
use limnos_spec::{Connector, Distribution};

use super::case::Case;

fn timed(name: &str, case: &Case) {
    let start = Instant::now();
    let lengths = row_lengths(&case.wiring()).unwrap();
    let counted = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let (synapses, _) = connect(&case.wiring(), 16).unwrap();
    let made = start.elapsed().as_secs_f64();
    println!("{name}: {} synapses, row_lengths {counted:.2} s, connect {made:.2} s", synapses.len());
    assert_eq!(lengths.iter().map(|&length| length as usize).sum::<usize>(), synapses.len());
}

#[test]
#[ignore = "prints seconds for 1e8 synapses; takes 1 GB and half a minute"]
fn seconds_for_1e8_synapses() {
    let n = 1_000_000;
    let repeated = Case::new(n, n, Connector::FixedOutDegree(100)).multiple();
    timed("out-degree, repeated", &repeated);
    timed("out-degree, distinct", &Case::new(n, n, Connector::FixedOutDegree(100)));
    let drawn = repeated.weights(Distribution::normal(1.0, 0.3)).delays(Distribution::uniform(1.0, 20.0));
    timed("out-degree, normal weights, uniform delays", &drawn);
    let clipped = drawn.weights(Distribution::normal(1.0, 0.3).clipped(0.0, 2.0));
    timed("out-degree, clipped normal weights, uniform delays", &clipped);
    timed("probability", &Case::new(n, n, Connector::FixedProbability(1e-4)));
    timed("in-degree", &Case::new(n, n, Connector::FixedInDegree(100)));
    timed("total", &Case::new(n, n, Connector::FixedTotal(100_000_000)));
    timed("dense total", &Case::new(20_000, 20_000, Connector::FixedTotal(100_000_000)));
    timed("all to all", &Case::new(10_000, 10_000, Connector::AllToAll));
    timed("small world", &Case::within(n, Connector::SmallWorld { neighbours: 100, rewire: 0.1 }));
}

#[test]
#[ignore = "prints seconds for the distance rule between 8000 and 100 000 neurons"]
fn seconds_for_the_distance_rule() {
    let rule = limnos_spec::DistanceDependent::maass(2.0);
    for (n, extent) in [(8_000, 20.0), (100_000, 46.0)] {
        let at = super::case::cloud(n, extent, 1);
        timed(&format!("distance {n}"), &Case::within(n, rule).at(at.clone(), at));
    }
}
