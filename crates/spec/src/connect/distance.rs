//! Rows of the rule by which connections get rarer with distance.

use glam::Vec3;

use super::sample::Scratch;
use super::{DistanceDependent, Side};
use crate::rng::{self, BLOCK};

/// The rule, with its targets in an order in which neighbours in the list are neighbours in space.
#[derive(Debug)]
pub(super) struct Distance<'a> {
    sources: &'a [Vec3],
    first_inhibitory: usize,
    // c by the types of source and target, inhibitory last.
    c: [[f64; 2]; 2],
    inverse_square: f64,
    targets: Vec<Place>,
    boxes: Vec<[Vec3; 2]>,
    stream: u32,
    key: [u32; 2],
    without_self: bool,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: Vec3,
    neuron: u32,
    inhibitory: bool,
}

impl<'a> Distance<'a> {
    pub(super) fn new(
        rule: &DistanceDependent,
        source: Side<'a>,
        target: Side<'_>,
        stream: u32,
        key: [u32; 2],
        without_self: bool,
    ) -> Self {
        let targets = in_space_order(target);
        let boxes = targets.chunks(BLOCK).map(bounds).collect();
        Self {
            sources: source.positions.unwrap_or_default(),
            first_inhibitory: source.first_inhibitory,
            c: [[rule.exc_exc, rule.exc_inh], [rule.inh_exc, rule.inh_inh]],
            inverse_square: 1.0 / (rule.lambda * rule.lambda),
            targets,
            boxes,
            stream,
            key,
            without_self,
        }
    }

    /// The draw of a pair is the word of the target's place in the order of space.
    pub(super) fn row(&self, row: u32, scratch: &mut Scratch) {
        scratch.row.clear();
        let at = self.sources[row as usize];
        let c = self.c[usize::from(row as usize >= self.first_inhibitory)];
        let reach = self.reach(c[0].max(c[1]));
        for (block, corners) in self.boxes.iter().enumerate() {
            if square_to_box(at, corners) <= reach {
                self.block(row, at, c, block, &mut scratch.row);
            }
        }
        scratch.row.sort_unstable();
    }

    fn block(&self, row: u32, at: Vec3, c: [f64; 2], block: usize, out: &mut Vec<u32>) {
        let first = block * BLOCK;
        let places = &self.targets[first..self.targets.len().min(first + BLOCK)];
        let mut words = [0; BLOCK];
        // Rows are in the place of steps here, since blocks of words run along the second counter.
        rng::fill_words(&mut words, self.stream, first as u32, row, 0, self.key);
        for (place, &word) in places.iter().zip(&words) {
            let (u, x) = (rng::unit(word), square(at, place.at) * self.inverse_square);
            if falls_below(u, c[usize::from(place.inhibitory)], x) {
                out.extend((!self.without_self || place.neuron != row).then_some(place.neuron));
            }
        }
    }

    // Beyond this squared distance the probability is below 2^-33, the smallest value of a draw, so no draw is lost.
    fn reach(&self, c: f64) -> f64 {
        let exponent = libm::log(c * 8_589_934_592.0);
        if exponent > 0.0 { exponent / self.inverse_square * (1.0 + 1e-6) } else { -1.0 }
    }
}

// Whether u < c exp(-x). Most pairs fail already against the first terms of exp(x), which spares the exponential.
#[inline(always)]
fn falls_below(u: f64, c: f64, x: f64) -> bool {
    u * (1.0 + x * (1.0 + x * (0.5 + x / 6.0))) < c && u < c * libm::exp(-x)
}

fn square(a: Vec3, b: Vec3) -> f64 {
    let [x, y, z] = [a.x - b.x, a.y - b.y, a.z - b.z].map(f64::from);
    x * x + y * y + z * z
}

fn square_to_box(at: Vec3, [low, high]: &[Vec3; 2]) -> f64 {
    square(at, at.clamp(*low, *high))
}

fn bounds(places: &[Place]) -> [Vec3; 2] {
    let none = [Vec3::INFINITY, Vec3::NEG_INFINITY];
    places.iter().fold(none, |[low, high], place| [low.min(place.at), high.max(place.at)])
}

fn in_space_order(side: Side<'_>) -> Vec<Place> {
    let positions = side.positions.unwrap_or_default();
    let place = |neuron: usize| Place {
        at: positions[neuron],
        neuron: neuron as u32,
        inhibitory: neuron >= side.first_inhibitory,
    };
    let mut places: Vec<Place> = (0..positions.len()).map(place).collect();
    let [low, high] = bounds(&places);
    let side = (high - low).max_element().max(f32::MIN_POSITIVE);
    places.sort_by_cached_key(|place| (morton((place.at - low) / side), place.neuron));
    places
}

// Morton's code: the bits of three coordinates in [0, 1], interleaved.
fn morton(at: Vec3) -> u64 {
    [at.x, at.y, at.z].iter().enumerate().fold(0, |code, (axis, &x)| {
        let steps = (x * 1023.0) as u64;
        (0..10).fold(code, |code, bit| code | (steps >> bit & 1) << (3 * bit + axis))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions() -> Vec<Vec3> {
        (0..4000).map(|i| Vec3::new((i * 7 % 41) as f32, (i * 13 % 31) as f32, (i % 11) as f32)).collect()
    }

    fn rule(positions: &[Vec3]) -> Distance<'_> {
        let side = Side { size: positions.len(), positions: Some(positions), first_inhibitory: 3000 };
        Distance::new(&DistanceDependent::maass(2.0), side, side, 5, [6, 7], true)
    }

    fn rows(rule: &Distance<'_>) -> Vec<Vec<u32>> {
        let mut scratch = Scratch::default();
        let mut row = |i| {
            rule.row(i, &mut scratch);
            scratch.row.clone()
        };
        (0..200).map(|i| row(i * 20)).collect()
    }

    #[test]
    fn skipping_boxes_loses_nothing() {
        let positions = positions();
        let mut rule = rule(&positions);
        let skipped = rows(&rule);
        assert!(skipped.iter().map(Vec::len).sum::<usize>() > 100);
        let far = |rule: &Distance<'_>| {
            rule.boxes.iter().filter(|corners| square_to_box(positions[0], corners) > rule.reach(0.3)).count()
        };
        assert!(far(&rule) > rule.boxes.len() / 2, "the test should skip boxes");
        rule.boxes.fill([Vec3::NEG_INFINITY, Vec3::INFINITY]);
        assert_eq!(rows(&rule), skipped);
        rule.boxes.fill([Vec3::splat(1e6), Vec3::splat(1e6)]);
        assert!(rows(&rule).iter().all(Vec::is_empty), "boxes should decide what is looked at");
    }

    #[test]
    fn neighbours_in_the_order_are_neighbours_in_space() {
        let positions = positions();
        let rule = rule(&positions);
        let volume = |[low, high]: &[Vec3; 2]| f64::from((*high - *low).element_product());
        let mean = rule.boxes.iter().map(volume).sum::<f64>() / rule.boxes.len() as f64;
        assert!(mean < 0.1 * (40.0 * 30.0 * 10.0), "{mean}");
    }
}
