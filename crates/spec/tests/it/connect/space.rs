//! Connections and delays by distance.

use glam::Vec3;
use limnos_spec::connect::{Synapses, row_lengths};
use limnos_spec::{Delays, DistanceDependent, Grid3};

use super::case::{Case, cloud, row, sources};

fn distance(a: Vec3, b: Vec3) -> f64 {
    let [x, y, z] = [a.x - b.x, a.y - b.y, a.z - b.z].map(f64::from);
    (x * x + y * y + z * z).sqrt()
}

const BINS: usize = 12;

// Largest standard score, over bins of distance and pairs of types, of the number of connections against the rule.
fn worst_score(case: &Case, synapses: &Synapses, rule: DistanceDependent) -> f64 {
    let at = case.source_positions.as_ref().unwrap();
    let c = [[rule.exc_exc, rule.exc_inh], [rule.inh_exc, rule.inh_inh]];
    let mut bins = [[(0.0, 0.0, 0.0); BINS]; 4];
    for i in 0..case.sources {
        for j in (0..case.targets).filter(|&j| j != i) {
            let types = [i, j].map(|n| usize::from(n >= case.first_inhibitory));
            let d = distance(at[i], at[j]);
            let p = c[types[0]][types[1]] * (-(d / rule.lambda).powi(2)).exp();
            let bin = &mut bins[2 * types[0] + types[1]][((2.0 * d / rule.lambda) as usize).min(BINS - 1)];
            let connected = row(synapses, i).binary_search(&(j as u32)).is_ok();
            *bin = (bin.0 + f64::from(connected), bin.1 + p, bin.2 + p * (1.0 - p));
        }
    }
    let score = |&(count, mean, variance): &(f64, f64, f64)| ((count - mean) / f64::max(variance, 1.0).sqrt()).abs();
    bins.iter().flatten().map(score).fold(0.0, f64::max)
}

#[test]
fn connections_follow_the_rule_at_every_distance() {
    let at = cloud(1500, 10.0, 3);
    let rule = DistanceDependent::maass(2.0);
    let case = Case::within(1500, rule).at(at.clone(), at).inhibitory_from(1200);
    let synapses = case.connect();
    let score = worst_score(&case, &synapses, rule);
    assert!(score < 4.5, "{score} standard deviations");
    let wrong = worst_score(&case, &synapses, DistanceDependent::maass(2.1));
    assert!(wrong > 4.5, "a wider rule should be told apart: {wrong}");
    let swapped = DistanceDependent { exc_inh: rule.inh_exc, inh_exc: rule.exc_inh, ..rule };
    assert!(worst_score(&case, &synapses, swapped) > 4.5, "swapped types should be told apart");
}

#[test]
fn distance_rule_works_on_grids_and_in_a_plane() {
    let grid = Grid3::new(30, 20, 1);
    let at: Vec<Vec3> = (0..600).map(|i| grid.position(i)).collect();
    let rule = DistanceDependent::new(1.5, 0.6);
    let case = Case::within(600, rule).at(at.clone(), at);
    let score = worst_score(&case, &case.connect(), rule);
    assert!(score < 4.5, "{score} standard deviations");
}

#[test]
fn far_neurons_stay_unconnected_and_certain_ones_connect() {
    let near_and_far = vec![Vec3::ZERO, Vec3::ZERO, Vec3::new(1e6, 0.0, 0.0)];
    let case = Case::within(3, DistanceDependent::new(1.0, 1.0)).at(near_and_far.clone(), near_and_far);
    assert_eq!(row_lengths(&case.wiring()).unwrap(), [1, 1, 0]);
    assert_eq!(case.connect().targets, [1, 0]);
}

#[test]
fn delays_by_distance_are_rounded_to_steps() {
    let source = vec![Vec3::ZERO, Vec3::new(3.0, 4.0, 0.0)];
    let target = vec![Vec3::ZERO, Vec3::new(0.0, 0.0, 12.0)];
    let case = Case::new(2, 2, limnos_spec::Connector::AllToAll).at(source, target);
    let steps = |case: Case| {
        let synapses = case.connect();
        (0..4).map(|i| synapses.delay(i)).collect::<Vec<_>>()
    };
    // Distances 0, 12, 5, 13.
    assert_eq!(steps(case.clone().delays(Delays::Distance { velocity: 2.0, offset: 0.0 })), [1, 6, 3, 7]);
    assert_eq!(steps(case.clone().delays(Delays::Distance { velocity: 2.0, offset: 1.0 })), [1, 7, 4, 8]);
    let fine = Case { dt: 0.1, min_delay: 0, ..case.delays(Delays::Distance { velocity: 2.0, offset: 0.0 }) };
    assert_eq!(steps(fine), [0, 60, 25, 65]);
}

#[test]
fn delays_by_distance_are_those_of_their_synapses() {
    let at = cloud(200, 20.0, 4);
    let case = Case::within(200, DistanceDependent::new(8.0, 0.5))
        .at(at.clone(), at.clone())
        .delays(Delays::Distance { velocity: 0.5, offset: 0.0 });
    let synapses = case.connect();
    for (index, source) in sources(&synapses).into_iter().enumerate() {
        let d = distance(at[source], at[synapses.targets[index] as usize]);
        assert_eq!(f64::from(synapses.delay(index)), (d / 0.5).round().max(1.0));
    }
}
