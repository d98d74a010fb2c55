//! What holds for every connector: order, limits, exact numbers, threads.

use std::collections::HashMap;

use limnos_spec::connect::{connect, row_lengths};
use limnos_spec::{Connector, Csr, DistanceDependent, Distribution};

use super::case::{Case, cloud, in_degrees, out_degrees, row};

fn csr(rows: &[&[u32]]) -> Csr {
    let ends = rows.iter().scan(0, |end, row| {
        *end += row.len();
        Some(*end)
    });
    Csr { row_start: std::iter::once(0).chain(ends).collect(), targets: rows.concat().into() }
}

fn small_world(rewire: f64) -> Connector {
    Connector::SmallWorld { neighbours: 8, rewire }
}

fn distance() -> Case {
    let at = cloud(300, 6.0, 5);
    Case::within(300, DistanceDependent::maass(2.0)).at(at.clone(), at).inhibitory_from(240)
}

// Cases whose synapses depend on the seed.
fn random_cases() -> Vec<Case> {
    vec![
        Case::new(200, 70, Connector::FixedProbability(0.1)),
        Case::within(150, Connector::FixedProbability(0.9)),
        Case::within(150, Connector::FixedProbability(0.2)).with_self(),
        Case::new(200, 1000, Connector::FixedOutDegree(10)),
        Case::new(200, 100, Connector::FixedOutDegree(30)),
        Case::within(100, Connector::FixedOutDegree(97)),
        Case::within(100, Connector::FixedOutDegree(40)).multiple(),
        Case::new(3, 10, Connector::FixedOutDegree(500)).multiple(),
        Case::new(1000, 300, Connector::FixedInDegree(10)),
        Case::within(300, Connector::FixedInDegree(40)),
        Case::within(300, Connector::FixedInDegree(298)),
        Case::new(3, 900, Connector::FixedInDegree(7)).multiple(),
        Case::new(300, 200, Connector::FixedTotal(1234)),
        Case::within(100, Connector::FixedTotal(9000)),
        Case::within(100, Connector::FixedTotal(20_000)).multiple(),
        Case::new(5000, 10, Connector::FixedTotal(49_000)),
        Case::within(200, small_world(0.3)),
        Case::within(200, small_world(1.0)).with_self().multiple(),
        distance(),
    ]
}

fn fixed_cases() -> Vec<Case> {
    vec![
        Case::new(50, 50, Connector::OneToOne),
        Case::within(50, Connector::OneToOne).with_self(),
        Case::new(50, 70, Connector::AllToAll),
        Case::within(50, Connector::AllToAll),
        Case::within(50, Connector::Ring { neighbours: 1 }),
        Case::within(50, Connector::Ring { neighbours: 49 }),
        Case::within(200, small_world(0.0)),
        Case::new(3, 5, csr(&[&[4, 0, 2], &[], &[1]])),
        Case::new(0, 5, Connector::FixedProbability(0.5)),
        Case::new(5, 0, Connector::FixedProbability(0.5)),
        Case::new(5, 6, Connector::FixedProbability(1.0)),
        Case::new(500, 600, Connector::FixedProbability(0.0)),
        Case::within(9, Connector::FixedOutDegree(8)),
        Case::within(9, Connector::FixedInDegree(8)),
        Case::within(9, Connector::FixedTotal(72)),
        Case::new(9, 9, Connector::FixedTotal(0)),
        Case::within(9, small_world(1.0)),
    ]
}

#[test]
fn rows_ascend_and_hold_only_what_is_allowed() {
    for case in random_cases().into_iter().chain(fixed_cases()) {
        let (synapses, rule) = (case.connect(), &case.projection);
        assert_eq!(synapses.row_start.len(), case.sources + 1, "{rule:?}");
        assert_eq!(synapses.row_start.last(), Some(&synapses.targets.len()), "{rule:?}");
        for source in 0..case.sources {
            let row = row(&synapses, source);
            let rising = if rule.multiple_edges { row.is_sorted() } else { row.is_sorted_by(|a, b| a < b) };
            assert!(rising, "{rule:?}, row {source}: {row:?}");
            assert!(row.iter().all(|&target| (target as usize) < case.targets), "{rule:?}, row {source}: {row:?}");
            let to_itself = case.recurrent && !rule.self_connections && row.contains(&(source as u32));
            assert!(!to_itself, "{rule:?}, row {source}: {row:?}");
        }
    }
}

#[test]
fn row_lengths_are_those_of_the_synapses() {
    for case in random_cases().into_iter().chain(fixed_cases()) {
        let lengths: Vec<usize> = row_lengths(&case.wiring()).unwrap().iter().map(|&length| length as usize).collect();
        assert_eq!(lengths, out_degrees(&case.connect()), "{:?}", case.projection.connector);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits_and_another_seed_does_not() {
    let pools: Vec<_> =
        [1, 2, 3].iter().map(|&n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap()).collect();
    for case in random_cases() {
        let case = case.weights(Distribution::normal(1.0, 0.4)).delays(Distribution::uniform(0.0, 30.0));
        let results: Vec<_> = pools.iter().map(|pool| pool.install(|| connect(&case.wiring(), 16).unwrap())).collect();
        assert!(results.iter().all(|result| *result == results[0]), "{:?}", case.projection.connector);
        let lengths: Vec<_> = pools.iter().map(|pool| pool.install(|| row_lengths(&case.wiring()).unwrap())).collect();
        assert!(
            lengths.iter().all(|lengths_of_pool| *lengths_of_pool == lengths[0]),
            "{:?}",
            case.projection.connector
        );
        let other = case.seed(2).connect();
        assert_ne!(other.targets, results[0].0.targets, "{:?}", case.projection.connector);
        assert_ne!(other.delays, results[0].0.delays, "{:?}", case.projection.connector);
    }
}

// A failure here means that saved networks would be drawn otherwise. The number of synapses tells a changed rule from
// changed values.
#[test]
fn bits_are_the_same_on_every_system() {
    let (mut hash, mut count) = (xxhash_rust::xxh3::Xxh3::new(), 0);
    for case in random_cases() {
        let case = case.weights(Distribution::normal(1.0, 0.4)).delays(Distribution::log_normal(1.5, 0.5));
        let synapses = case.connect();
        count += synapses.len();
        synapses.row_start.iter().for_each(|&start| hash.update(&(start as u64).to_le_bytes()));
        for index in 0..synapses.len() {
            hash.update(&synapses.targets[index].to_le_bytes());
            hash.update(&synapses.weight(index).to_le_bytes());
            hash.update(&[synapses.delay(index)]);
        }
    }
    assert_eq!((count, format!("{:016x}", hash.digest())), (244_253, "19939091b90f77c2".to_string()));
}

#[test]
fn sums_over_many_chunks_do_not_depend_on_threads() {
    let case = Case::new(700, 700, Connector::AllToAll).weights(Distribution::log_normal(0.0, 0.5));
    let with = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        pool.install(|| connect(&case.wiring(), 16).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn projections_of_one_network_draw_differently() {
    let case = Case::new(100, 100, Connector::FixedProbability(0.2));
    let mut wiring = case.wiring();
    let first = connect(&wiring, 16).unwrap();
    wiring.index += 1;
    assert_ne!(connect(&wiring, 16).unwrap().0.targets, first.0.targets);
}

#[test]
fn numbers_of_synapses_are_exact() {
    let len = |case: Case| case.connect().len();
    assert_eq!(len(Case::new(50, 70, Connector::AllToAll)), 3500);
    assert_eq!(len(Case::within(50, Connector::AllToAll)), 2450);
    assert_eq!(len(Case::within(50, Connector::AllToAll).with_self()), 2500);
    assert_eq!(len(Case::new(5, 6, Connector::FixedProbability(1.0))), 30);
    assert_eq!(len(Case::new(500, 600, Connector::FixedProbability(0.0))), 0);
    assert_eq!(len(Case::new(300, 200, Connector::FixedTotal(1234))), 1234);
    assert_eq!(len(Case::within(100, Connector::FixedTotal(9000))), 9000);
    assert_eq!(len(Case::within(100, Connector::FixedTotal(20_000)).multiple()), 20_000);
    assert_eq!(len(Case::within(200, small_world(0.5))), 1600);
}

#[test]
fn degrees_are_exact() {
    for (case, degree) in [
        (Case::new(1000, 300, Connector::FixedInDegree(10)), 10),
        (Case::within(300, Connector::FixedInDegree(250)), 250),
        (Case::new(3, 900, Connector::FixedInDegree(7)).multiple(), 7),
        (Case::new(70_000, 50, Connector::FixedInDegree(100)), 100),
    ] {
        assert_eq!(in_degrees(&case.connect(), case.targets), vec![degree; case.targets]);
    }
    for (case, degree) in [
        (Case::new(200, 1000, Connector::FixedOutDegree(10)), 10),
        (Case::within(100, Connector::FixedOutDegree(60)), 60),
        (Case::new(3, 10, Connector::FixedOutDegree(500)).multiple(), 500),
        (Case::within(200, small_world(0.7)), 8),
    ] {
        assert_eq!(out_degrees(&case.connect()), vec![degree; case.sources]);
    }
}

#[test]
fn closed_forms_are_as_written() {
    let ring = Case::within(5, Connector::Ring { neighbours: 2 }).connect();
    assert_eq!(ring.targets, [1, 2, 2, 3, 3, 4, 0, 4, 0, 1]);
    let pairs = Case::new(4, 4, Connector::OneToOne).connect();
    assert_eq!((pairs.targets, pairs.row_start), (vec![0, 1, 2, 3], vec![0, 1, 2, 3, 4]));
    let all = Case::within(3, Connector::AllToAll).connect();
    assert_eq!(all.targets, [1, 2, 0, 2, 0, 1]);
}

#[test]
fn multiple_edges_appear_only_where_allowed() {
    let repeats = |case: Case| {
        let synapses = case.connect();
        (0..case.sources).flat_map(|s| row(&synapses, s).windows(2)).filter(|pair| pair[0] == pair[1]).count()
    };
    for connector in [Connector::FixedOutDegree(30), Connector::FixedInDegree(30), Connector::FixedTotal(3000)] {
        assert_eq!(repeats(Case::new(100, 100, connector.clone())), 0);
        // Each source has 30 synapses to 100 targets: 435 pairs, each equal with probability 1 / 100.
        assert!(repeats(Case::new(100, 100, connector).multiple()) > 200);
    }
}

#[test]
fn self_connections_appear_only_where_allowed() {
    let to_self = |case: Case| {
        let synapses = case.connect();
        (0..case.sources).filter(|&s| row(&synapses, s).contains(&(s as u32))).count()
    };
    for connector in [
        Connector::FixedProbability(0.5),
        Connector::FixedOutDegree(50),
        Connector::FixedInDegree(50),
        Connector::FixedTotal(5000),
    ] {
        assert_eq!(to_self(Case::within(100, connector.clone())), 0);
        let allowed = to_self(Case::within(100, connector).with_self());
        assert!((25..=75).contains(&allowed), "{allowed}");
    }
}

// With 2 of the 4 pairs of a 2 x 2 matrix there are 6 sets, all equally likely.
#[test]
fn sets_of_a_fixed_total_are_equally_likely() {
    let case = Case::new(2, 2, Connector::FixedTotal(2));
    let mut counts: HashMap<_, usize> = HashMap::new();
    for seed in 0..6000 {
        let synapses = case.seed(seed).connect();
        *counts.entry((synapses.row_start, synapses.targets)).or_default() += 1;
    }
    assert_eq!(counts.len(), 6);
    let square = counts.values().map(|&n| (n as f64 - 1000.0).powi(2) / 1000.0).sum::<f64>();
    assert!(square < 25.7, "chi-square of 5 degrees of freedom: {square} (p < 1e-4)");
}

#[test]
fn sets_of_a_row_are_equally_likely() {
    for (degree, sets) in [(2, 10), (3, 10), (1, 5)] {
        let synapses = Case::new(20_000, 5, Connector::FixedOutDegree(degree)).connect();
        let mut counts: HashMap<&[u32], usize> = HashMap::new();
        (0..20_000).for_each(|source| *counts.entry(row(&synapses, source)).or_default() += 1);
        assert_eq!(counts.len(), sets);
        let expected = 20_000.0 / sets as f64;
        let square = counts.values().map(|&n| (n as f64 - expected).powi(2) / expected).sum::<f64>();
        assert!(square < 34.0, "chi-square of {} degrees of freedom: {square}", sets - 1);
    }
}
