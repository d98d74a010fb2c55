//! Bad wirings and the errors that they give.

use glam::Vec3;
use limnos_spec::connect::{connect, row_lengths, validate};
use limnos_spec::{Connector, Csr, Delays, DistanceDependent, Distribution, Weights};

use super::case::Case;

fn csr(row_start: &[usize], targets: &[u32]) -> Csr {
    Csr { row_start: row_start.into(), targets: targets.into() }
}

fn probability(p: f64) -> Case {
    Case::new(10, 20, Connector::FixedProbability(p))
}

fn spaced(connector: impl Into<Connector>) -> Case {
    Case::new(2, 3, connector).at(vec![Vec3::ZERO; 2], vec![Vec3::X; 3])
}

fn plain() -> Case {
    Case::new(4, 5, Connector::AllToAll)
}

fn small_world(size: usize, neighbours: usize, rewire: f64) -> Case {
    Case::within(size, Connector::SmallWorld { neighbours, rewire })
}

fn wrong_connectors() -> Vec<(Case, &'static str)> {
    let rule = DistanceDependent::new(1.0, 0.5);
    vec![
        (probability(1.5), "connection probability of P is 1.5; allowed: a number from 0 to 1"),
        (probability(-0.1), "connection probability of P is -0.1; allowed: a number from 0 to 1"),
        (probability(f64::NAN), "connection probability of P is NaN; allowed: a number from 0 to 1"),
        (
            Case::new(100_000, 100_000, Connector::FixedProbability(0.5)),
            "synapses of P: 5000000000 needed, 4294967295 allowed",
        ),
        (Case::new(100_000, 100_000, Connector::AllToAll), "synapses of P: 10000000000 needed, 4294967295 allowed"),
        (
            Case::new(10, 20, Connector::FixedOutDegree(21)),
            "out-degree of P is 21; allowed: 0 to 20, the number of possible partners of a neuron; lower it, or set \
             multiple_edges to true",
        ),
        (
            Case::within(10, Connector::FixedInDegree(10)),
            "in-degree of P is 10; allowed: 0 to 9, the number of possible partners of a neuron; lower it, or set \
             multiple_edges to true",
        ),
        (
            Case::within(1, Connector::FixedInDegree(1)).multiple(),
            "in-degree of P is 1; allowed: 0 to 0, the number of possible partners of a neuron; lower it",
        ),
        (
            Case::new(1 << 20, 1 << 20, Connector::FixedOutDegree(1 << 12)),
            "synapses of P: 4294967296 needed, 4294967295 allowed",
        ),
        (
            Case::new(10, usize::MAX, Connector::FixedOutDegree(1)),
            "targets of P: 18446744073709551615 needed, 4294967295 allowed",
        ),
        (
            Case::new(2, 3, Connector::FixedTotal(7)),
            "total of P is 7; allowed: 0 to 6, the number of possible pairs; lower it, or set multiple_edges to true",
        ),
        (
            Case::new(2, 3, Connector::FixedTotal(usize::MAX)).multiple(),
            "synapses of P: 18446744073709551615 needed, 4294967295 allowed",
        ),
        (
            Case::new(2, 3, Connector::OneToOne),
            "sizes of P is 2 to 3; allowed: OneToOne needs equal sizes; use another connector or change a size",
        ),
        (
            Case::within(3, Connector::OneToOne),
            "self_connections of P is false; allowed: OneToOne within one population connects each neuron to itself: set \
             self_connections to true",
        ),
        (
            Case::new(9, 9, Connector::Ring { neighbours: 1 }),
            "connector of P is Ring; allowed: Ring connects a population with itself; give the same population on both sides",
        ),
        (
            Case::within(9, Connector::Ring { neighbours: 9 }),
            "neighbours of P is 9; allowed: 1 or more, less than the population's size of 9",
        ),
        (
            Case::new(9, 9, Connector::SmallWorld { neighbours: 2, rewire: 0.1 }),
            "connector of P is SmallWorld; allowed: SmallWorld connects a population with itself; give the same population \
             on both sides",
        ),
        (
            small_world(9, 3, 0.1),
            "neighbours of P is 3; allowed: an even number from 2, less than the population's size of 9",
        ),
        (
            small_world(8, 8, 0.1),
            "neighbours of P is 8; allowed: an even number from 2, less than the population's size of 8",
        ),
        (small_world(8, 2, 1.01), "rewiring probability of P is 1.01; allowed: a number from 0 to 1"),
        (
            Case::new(2, 3, rule),
            "source positions of P is missing; allowed: positions for DistanceDependent; give the source a Grid3 or \
             positions as its shape",
        ),
        (
            spaced(DistanceDependent { lambda: 0.0, ..rule }),
            "lambda of P is 0; allowed: a finite number above 0, in units of the positions",
        ),
        (
            spaced(DistanceDependent { inh_exc: -1.0, ..rule }),
            "inh_exc of P is -1; allowed: a finite number of 0 or more",
        ),
        (
            Case::new(2, 3, rule).at(vec![Vec3::ZERO; 2], vec![Vec3::NAN; 3]),
            "target position 0 of P is [NaN, NaN, NaN]; allowed: finite coordinates of at most 1e15",
        ),
        (
            Case::new(2, 3, rule).at(vec![Vec3::ZERO; 2], vec![Vec3::ZERO; 2]),
            "target positions of P has 2 entries; needed: 3",
        ),
    ]
}

fn wrong_rows() -> Vec<(Case, &'static str)> {
    let case = |starts: &[usize], targets: &[u32]| Case::new(2, 3, csr(starts, targets));
    vec![
        (case(&[0, 1], &[0]), "row_start of P has 2 entries; needed: 3"),
        (case(&[1, 1, 1], &[0]), "row_start[0] of P is 1; allowed: 0"),
        (case(&[0, 2, 1], &[0]), "row_start[2] of P is 1; allowed: at least row_start[1] = 2: rows follow one another"),
        (case(&[0, 1, 1], &[0, 1]), "last row_start of P is 1; allowed: 2, the number of targets"),
        (case(&[0, 1, 2], &[0, 3]), "a target in row 1 of P is 3; allowed: less than 3, the number of targets"),
        (
            case(&[0, 0, 3], &[1, 0, 1]),
            "a target in row 1 of P is 1, twice; allowed: each target once; remove it or set multiple_edges to true",
        ),
        (
            Case::within(2, csr(&[0, 0, 2], &[1, 0])),
            "a target in row 1 of P is 1; allowed: no neuron to itself; remove it or set self_connections to true",
        ),
    ]
}

fn wrong_weights() -> Vec<(Case, &'static str)> {
    vec![
        (plain().weights(f64::INFINITY), "weights of P is inf; allowed: a finite number"),
        (
            plain().weights(Distribution::normal(1.0, -1.0)),
            "weights of P is normal(1, -1); allowed: a finite mean and a standard deviation of 0 or more",
        ),
        (plain().weights(Distribution::from(vec![1.0; 19])), "weights of P has 19 entries; needed: 20"),
        (
            plain().weights(Weights::Dale { exc: 1.0.into(), inh: vec![1.0; 21].into() }),
            "inhibitory weights of P has 21 entries; needed: 20",
        ),
        (
            plain().weights(Distribution::from(vec![f64::NAN; 20])),
            "weights of P is NaN at index 0; allowed: finite numbers",
        ),
        (
            plain().weights(Weights::signed(-2.0)),
            "magnitude of signed weights of P is -2 mV; allowed: 0 or more, the sign comes from the rule; clip the \
             distribution at 0",
        ),
        (
            plain().weights(Weights::Dale { exc: 1.0.into(), inh: (-4.0).into() }),
            "magnitude of inhibitory weights of P is -4 mV; allowed: 0 or more, the sign comes from the rule; clip the \
             distribution at 0",
        ),
        (
            plain().weights(Weights::Dale { exc: Distribution::uniform(-1.0, 1.0), inh: 1.0.into() }),
            "magnitude of excitatory weights of P is drawn from -0.9999999997671694 mV up; allowed: 0 or more, the sign \
             comes from the rule; clip the distribution at 0",
        ),
    ]
}

fn wrong_delays() -> Vec<(Case, &'static str)> {
    let travel = |velocity, offset| spaced(Connector::AllToAll).delays(Delays::Distance { velocity, offset });
    vec![
        (
            plain().delays(0),
            "delay of P is 0 steps; allowed: 1 to 255 steps; a spike reaches neurons in the next step at the earliest",
        ),
        (Case { min_delay: 0, ..plain().delays(256) }, "delay of P is 256 steps; allowed: 0 to 255 steps; lengthen dt"),
        (plain().delays(Distribution::Constant(-1.0)), "delay of P is -1 ms; allowed: 0 ms or more"),
        (
            Case { dt: 0.1, ..plain().delays(Distribution::Constant(26.0)) },
            "delay of P is 26 ms (260 steps of 0.1 ms); allowed: at most 255 steps, here 25.5 ms; shorten or clip the \
             delays, or lengthen dt",
        ),
        (
            plain().delays(Distribution::uniform(3.0, 2.0)),
            "delays of P is uniform(3, 2); allowed: finite ends with low <= high",
        ),
        (plain().delays(Distribution::from(vec![1.0; 3])), "delays of P has 3 entries; needed: 20"),
        (
            plain().delays(Distribution::from((0..20).map(|i| f64::from(i) * 20.0).collect::<Vec<_>>())),
            "delay of P, synapse from 2 to 3, is 260 ms (260 steps of 1 ms); allowed: at most 255 steps, here 255 ms; \
             shorten or clip the delays, or lengthen dt",
        ),
        (travel(0.0, 0.0), "velocity of P is 0; allowed: a finite number above 0, in position units a ms"),
        (travel(1.0, -1.0), "delay offset of P is -1; allowed: 0 ms or more"),
        (
            travel(0.001, 0.0),
            "delay of P, synapse from 0 to 0, is 1000 ms (1000 steps of 1 ms); allowed: at most 255 steps, here 255 ms; \
             shorten or clip the delays, or lengthen dt",
        ),
        (
            plain().delays(Delays::Distance { velocity: 1.0, offset: 0.0 }),
            "source positions of P is missing; allowed: positions for delays by distance; give the source a Grid3 or \
             positions as its shape",
        ),
    ]
}

#[test]
fn every_bad_wiring_says_what_is_wrong() {
    let tables = [wrong_connectors(), wrong_rows(), wrong_weights(), wrong_delays()];
    for (case, expected) in tables.into_iter().flatten() {
        let expected = expected.replacen(" P", " projection 0 ('a' to 'b')", 1);
        assert_eq!(connect(&case.wiring(), 16).unwrap_err().to_string(), expected);
    }
}

#[test]
fn bad_connectors_are_found_before_anything_is_drawn() {
    for (case, _) in [wrong_connectors(), wrong_rows()].into_iter().flatten() {
        let error = validate(&case.wiring()).unwrap_err();
        assert_eq!(row_lengths(&case.wiring()).unwrap_err(), error);
    }
}

#[test]
fn good_wirings_pass() {
    for case in
        [plain(), probability(0.0), probability(1.0), small_world(9, 8, 1.0), spaced(DistanceDependent::new(1.0, 2.0))]
    {
        validate(&case.wiring()).unwrap();
    }
}
