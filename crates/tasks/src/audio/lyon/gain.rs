//! Automatic gain control: four stages in a row, each with a state per place that spreads to the neighbours.

/// Time constant (s) and target of each stage.
const STAGES: [(f64, f64); 4] = [(0.64, 0.0032), (0.16, 0.0016), (0.04, 0.0008), (0.01, 0.0004)];
/// No stage damps by more than this.
const STATE_LIMIT: f64 = 0.9;

/// The share by which a first-order filter of time constant `tau` (s) moves in a sample.
pub(super) fn share_of(tau: f64, sample_rate: f64) -> f64 {
    1.0 - libm::exp(-1.0 / tau / sample_rate)
}

/// One stage: y = x (1 - s), then s <- min(limit, e y / target + (1 - e) (s left + s + s right) / 3), old states on the
/// right; a place at the border is its own neighbour.
#[derive(Debug, Clone)]
struct Stage {
    by_output: f64,
    by_state: f64,
    /// One more at either end than there are places.
    state: Vec<f64>,
    next: Vec<f64>,
}

impl Stage {
    fn new(tau: f64, target: f64, sample_rate: f64, places: usize) -> Self {
        let share = share_of(tau, sample_rate);
        let state = vec![0.0; places + 2];
        Self { by_output: share / target, by_state: (1.0 - share) / 3.0, next: state.clone(), state }
    }

    fn step(&mut self, x: &mut [f64]) {
        let n = x.len();
        for ((x, near), next) in x.iter_mut().zip(self.state.windows(3)).zip(&mut self.next[1..=n]) {
            *x *= 1.0 - near[1];
            *next = (*x * self.by_output + self.by_state * (near[0] + near[1] + near[2])).min(STATE_LIMIT);
        }
        (self.next[0], self.next[n + 1]) = (self.next[1], self.next[n]);
        std::mem::swap(&mut self.state, &mut self.next);
    }
}

/// The four stages.
#[derive(Debug, Clone)]
pub(super) struct GainControl(Vec<Stage>);

impl GainControl {
    pub(super) fn new(sample_rate: f64, places: usize) -> Self {
        Self(STAGES.iter().map(|&(tau, target)| Stage::new(tau, target, sample_rate, places)).collect())
    }

    /// One sample of all places, in place.
    pub(super) fn step(&mut self, x: &mut [f64]) {
        self.0.iter_mut().for_each(|stage| stage.step(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_places_settle_where_the_equation_says() {
        // All places alike: s = y / target with y = x (1 - s), so y = x / (1 + x / target).
        let mut stage = Stage::new(0.01, 0.5, 1000.0, 3);
        let mut x = [0.0; 3];
        for _ in 0..2000 {
            x = [0.25; 3];
            stage.step(&mut x);
        }
        assert!(x.iter().all(|y| (y - 0.25 / 1.5).abs() < 1e-12), "{x:?}");
    }

    #[test]
    fn a_loud_place_quiets_its_neighbours() {
        let mut control = GainControl::new(8000.0, 5);
        let mut x = [0.0; 5];
        for _ in 0..800 {
            x = [1e-4, 1e-4, 0.5, 1e-4, 1e-4];
            control.step(&mut x);
        }
        assert!(x[1] < x[0] && x[0] < 1e-4, "{x:?}");
        assert!((x[0] / x[4] - 1.0).abs() < 1e-12 && (x[1] / x[3] - 1.0).abs() < 1e-12, "{x:?}");
    }
}
