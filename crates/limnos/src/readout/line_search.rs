//! A line search for the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6), with cubic
//! interpolation.
//!
//! Where the value changes by no more than its rounding, slopes decide instead (the approximate Wolfe conditions of
//! Hager and Zhang 2005), so that gradients can be brought below what the value resolves.

use super::lbfgs::{Objective, Point, dot};

/// Sufficient decrease.
const DECREASE: f64 = 1e-4;
/// Sufficient flattening.
const FLATTEN: f64 = 0.9;
/// Growth of the step before a minimum is bracketed.
const GROWTH: f64 = 4.0;
const TRIALS: usize = 30;
/// Rounding of the value, relative.
const NOISE: f64 = 1e-14;

/// One place on the line.
#[derive(Clone, Copy, Debug)]
struct Place {
    step: f64,
    value: f64,
    slope: f64,
}

/// The first point found along `direction` that satisfies the conditions; `None` when there is none within the trials
/// or the direction leads uphill.
pub(super) fn search(objective: &mut impl Objective, from: &Point, direction: &[f64], first: f64) -> Option<Point> {
    let start = Place { step: 0.0, value: from.value, slope: dot(&from.gradient, direction) };
    if start.slope >= 0.0 || !start.slope.is_finite() {
        return None;
    }
    let mut bracket = Bracket { low: start, high: None };
    let mut step = first;
    for _ in 0..TRIALS {
        let point = walk(objective, from, direction, step);
        let place = Place { step, value: point.value, slope: dot(&point.gradient, direction) };
        let high = is_too_high(&start, &place);
        if !high && place.slope.abs() <= -FLATTEN * start.slope {
            return Some(point);
        }
        bracket.narrow(place, high);
        step = bracket.next();
    }
    None
}

fn walk(objective: &mut impl Objective, from: &Point, direction: &[f64], step: f64) -> Point {
    let theta: Vec<f64> = from.theta.iter().zip(direction).map(|(theta, d)| theta + step * d).collect();
    let mut gradient = vec![0.0; theta.len()];
    let value = objective.evaluate(&theta, &mut gradient);
    Point { theta, value, gradient }
}

/// Not a sufficient decrease. A value that is not finite is too high.
fn is_too_high(start: &Place, place: &Place) -> bool {
    let decreased = place.value <= start.value + DECREASE * place.step * start.slope;
    let level = place.value <= start.value + NOISE * start.value.abs();
    let before_the_far_side = place.slope <= (2.0 * DECREASE - 1.0) * start.slope;
    !(decreased || level && before_the_far_side)
}

/// An interval that holds an acceptable step: `low` is the best end, `high` the other once it is known.
#[derive(Debug)]
struct Bracket {
    low: Place,
    high: Option<Place>,
}

impl Bracket {
    fn narrow(&mut self, place: Place, too_high: bool) {
        if too_high || (self.high.is_some() && place.value > self.low.value) {
            self.high = Some(place);
            return;
        }
        let beyond = self.high.map_or(place.slope >= 0.0, |high| place.slope * (high.step - self.low.step) >= 0.0);
        if beyond {
            self.high = Some(self.low);
        }
        self.low = place;
    }

    fn next(&self) -> f64 {
        match self.high {
            None => GROWTH * self.low.step,
            Some(high) => between(&self.low, &high),
        }
    }
}

/// The minimum of the cubic through both ends, kept a tenth away from them; the middle where there is none.
fn between(a: &Place, b: &Place) -> f64 {
    let width = b.step - a.step;
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.step - b.step);
    let d2 = (d1 * d1 - a.slope * b.slope).sqrt().copysign(width);
    let minimum = b.step - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    let fraction = (minimum - a.step) / width;
    if fraction.is_finite() { a.step + width * fraction.clamp(0.1, 0.9) } else { a.step + 0.5 * width }
}
