//! Distributions of degrees against theory, and the small world's clustering.

use limnos_spec::Connector;
use limnos_spec::connect::Synapses;

use super::case::{Case, in_degrees, mean, out_degrees, row, variance};

/// Standard scores of the mean and the variance of nearly normal counts.
fn scores(counts: &[usize], expected: f64, spread: f64) -> (f64, f64) {
    let (values, n) = (counts.iter().map(|&c| c as f64).collect::<Vec<_>>(), counts.len() as f64);
    let square = values.iter().map(|v| (v - expected).powi(2)).sum::<f64>() / spread;
    ((mean(&values) - expected) / (spread / n).sqrt(), (square - n) / (2.0 * n).sqrt())
}

fn assert_counts(what: &str, counts: &[usize], expected: f64, spread: f64) {
    let (of_mean, of_square) = scores(counts, expected, spread);
    assert!(of_mean.abs() < 4.5 && of_square.abs() < 4.5, "{what}: mean {of_mean} sd, chi-square {of_square} sd off");
}

#[test]
fn scores_notice_a_wrong_expectation() {
    let synapses = Case::new(2000, 1000, Connector::FixedProbability(0.1)).connect();
    assert!(scores(&out_degrees(&synapses), 102.0, 90.0).0.abs() > 4.5);
    assert!(scores(&out_degrees(&synapses), 100.0, 70.0).1.abs() > 4.5);
}

#[test]
fn fixed_probability_gives_binomial_degrees() {
    for p in [0.001, 0.02, 0.3, 0.97] {
        let (n, m) = (3000, 2000);
        let synapses = Case::new(n, m, Connector::FixedProbability(p)).connect();
        assert_counts("out", &out_degrees(&synapses), m as f64 * p, m as f64 * p * (1.0 - p));
        assert_counts("in", &in_degrees(&synapses, m), n as f64 * p, n as f64 * p * (1.0 - p));
    }
}

#[test]
fn fixed_probability_without_self_is_uniform_over_the_others() {
    let n = 2000;
    let synapses = Case::within(n, Connector::FixedProbability(0.1)).connect();
    assert_counts("in", &in_degrees(&synapses, n), 199.9, 199.9 * 0.9);
}

#[test]
fn fixed_out_degree_reaches_all_targets_alike() {
    let (n, m) = (5000, 400);
    for degree in [4, 60, 350] {
        let expected = (n * degree) as f64 / m as f64;
        let distinct = Case::new(n, m, Connector::FixedOutDegree(degree));
        let left_out = 1.0 - degree as f64 / m as f64;
        assert_counts("distinct", &in_degrees(&distinct.connect(), m), expected, expected * left_out);
        assert_counts("repeated", &in_degrees(&distinct.multiple().connect(), m), expected, expected);
    }
}

#[test]
fn fixed_in_degree_uses_all_sources_alike() {
    let (n, m) = (400, 5000);
    for degree in [4, 60, 350] {
        let expected = (m * degree) as f64 / n as f64;
        let distinct = Case::new(n, m, Connector::FixedInDegree(degree));
        let left_out = 1.0 - degree as f64 / n as f64;
        assert_counts("distinct", &out_degrees(&distinct.connect()), expected, expected * left_out);
        assert_counts("repeated", &out_degrees(&distinct.multiple().connect()), expected, expected);
    }
}

#[test]
fn fixed_total_spreads_over_rows_and_columns() {
    let (n, m) = (3000, 500);
    for total in [30_000, 300_000, 1_400_000] {
        let case = Case::new(n, m, Connector::FixedTotal(total));
        let share = total as f64 / (n * m) as f64;
        let (rows, columns) = (total as f64 / n as f64, total as f64 / m as f64);
        let synapses = case.connect();
        assert_counts("rows", &out_degrees(&synapses), rows, rows * (1.0 - share));
        assert_counts("columns", &in_degrees(&synapses, m), columns, columns * (1.0 - share));
        let synapses = case.multiple().connect();
        assert_counts("rows, repeated", &out_degrees(&synapses), rows, rows);
        assert_counts("columns, repeated", &in_degrees(&synapses, m), columns, columns);
    }
}

#[test]
fn gaps_of_a_row_are_geometric() {
    let p = 0.05;
    let synapses = Case::new(400, 20_000, Connector::FixedProbability(p)).connect();
    let gaps: Vec<f64> =
        (0..400).flat_map(|s| row(&synapses, s).windows(2)).map(|pair| f64::from(pair[1] - pair[0])).collect();
    assert!((mean(&gaps) * p - 1.0).abs() < 0.01, "{}", mean(&gaps));
    assert!((variance(&gaps) * p * p / (1.0 - p) - 1.0).abs() < 0.02, "{}", variance(&gaps));
    let adjacent = gaps.iter().filter(|&&gap| gap == 1.0).count() as f64 / gaps.len() as f64;
    assert!((adjacent - p).abs() < 0.0015, "{adjacent}");
}

fn small_world(n: usize, neighbours: usize, rewire: f64) -> Synapses {
    Case::within(n, Connector::SmallWorld { neighbours, rewire }).connect()
}

// Over all pairs of targets u, v of one source: how often u is connected to v.
fn clustering(synapses: &Synapses, n: usize) -> f64 {
    let (mut closed, mut pairs) = (0, 0);
    for source in 0..n {
        let targets = row(synapses, source);
        for &u in targets {
            closed += targets.iter().filter(|v| row(synapses, u as usize).binary_search(v).is_ok()).count();
        }
        pairs += targets.len() * (targets.len() - 1);
    }
    closed as f64 / pairs as f64
}

#[test]
fn small_world_without_rewiring_is_the_ring_lattice() {
    let synapses = small_world(12, 4, 0.0);
    for source in 0..12_u32 {
        let mut expected: Vec<u32> = [1, 2, 10, 11].iter().map(|d| (source + d) % 12).collect();
        expected.sort_unstable();
        assert_eq!(row(&synapses, source as usize), expected);
    }
}

// Watts & Strogatz 1998: 3 (k - 2) / (4 (k - 1)) for the lattice, about k / n for the random graph;
// Barrat & Weigt 2000: the lattice's times (1 - p)^3 in between.
#[test]
fn small_world_clusters_as_the_literature_says() {
    let (n, k) = (2000, 20);
    let lattice = 3.0 * 18.0 / (4.0 * 19.0);
    assert!((clustering(&small_world(n, k, 0.0), n) - lattice).abs() < 1e-12);
    let random = clustering(&small_world(n, k, 1.0), n);
    assert!((random - k as f64 / n as f64).abs() < 0.002, "{random}");
    let between = clustering(&small_world(n, k, 0.2), n);
    assert!((between - lattice * 0.8_f64.powi(3)).abs() < 0.02, "{between}");
}

#[test]
fn small_world_moves_the_right_share_of_edges() {
    let (n, k, rewire) = (4000, 10, 0.3);
    let (lattice, moved) = (small_world(n, k, 0.0), small_world(n, k, rewire));
    let kept: usize = (0..n)
        .map(|s| row(&moved, s).iter().filter(|&target| row(&lattice, s).binary_search(target).is_ok()).count())
        .sum();
    // A moved edge never takes a place that its row holds, and rarely one that an edge has left.
    let share = 1.0 - kept as f64 / (n * k) as f64;
    assert!((share - rewire).abs() < 0.01, "{share}");
    let counts = in_degrees(&small_world(n, k, 1.0), n);
    assert_counts("in", &counts, k as f64, k as f64);
}
