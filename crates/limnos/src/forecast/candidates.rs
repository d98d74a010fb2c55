//! Forecasters that between them suit most smooth series.

use limnos_spec::Distribution;

use super::Forecaster;
use crate::esn::Nvar;
use crate::reservoir::Reservoir;

/// Most features of a candidate: what a thousand rows can determine.
const MOST: usize = 420;
/// Units of the candidates' reservoirs.
const UNITS: usize = 300;

/// Leak rate, spectral radius, input scaling and largest bias of the candidates' reservoirs: from almost linear ones to saturated ones, from short memory to long.
const RESERVOIRS: [[f64; 4]; 6] = [
    [0.7, 0.3, 0.03, 0.1],
    [0.2, 0.3, 0.1, 1.0],
    [1.0, 0.3, 0.1, 0.5],
    [0.4, 0.9, 0.1, 1.0],
    [1.0, 1.2, 0.03, 1.0],
    [0.7, 0.6, 0.5, 0.5],
];

/// Delays, stride and order of the candidates without a reservoir.
const DELAYED: [[usize; 3]; 10] =
    [[1, 1, 4], [1, 1, 6], [2, 1, 2], [2, 1, 3], [2, 3, 3], [2, 8, 2], [3, 1, 2], [3, 3, 2], [10, 5, 1], [30, 1, 1]];

/// Six echo state networks of 300 units, for a smooth series that is sampled finely (some ten to a hundred rows for each of its oscillations).
#[must_use]
pub fn echo_candidates() -> Vec<Forecaster> {
    let nvar = Nvar { delays: 1, stride: 1, order: 1 };
    let echo = |settings| Forecaster { nvar, reservoir: Some(reservoir(settings)), ..Forecaster::default() };
    RESERVOIRS.iter().map(echo).collect()
}

/// Up to ten next-generation reservoirs for such a series of so many channels: products of up to six values of one row, of up to three of two or three rows,
/// and linear ones with many delays; of lower order where the channels are many.
#[must_use]
pub fn delay_candidates(channels: usize) -> Vec<Forecaster> {
    let mut all: Vec<Forecaster> = Vec::new();
    for &[delays, stride, order] in &DELAYED {
        let nvar = within(Nvar { delays, stride, order }, channels);
        if all.iter().all(|other| other.nvar != nvar) {
            all.push(Forecaster { nvar, reservoir: None, warmup: 0, ..Forecaster::default() });
        }
    }
    all
}

/// Products of fewer values, or fewer delays, where there would be too many features.
fn within(mut nvar: Nvar, channels: usize) -> Nvar {
    while nvar.features(channels).map_or(true, |features| features >= MOST) {
        match nvar {
            Nvar { order: 2.., .. } => nvar.order -= 1,
            Nvar { delays: 2.., .. } => nvar.delays -= 1,
            _ => break,
        }
    }
    nvar
}

fn reservoir(&[leak_rate, spectral_radius, input_scaling, bias]: &[f64; 4]) -> Reservoir {
    Reservoir {
        units: UNITS,
        leak_rate,
        spectral_radius,
        input_scaling: input_scaling.into(),
        bias: Distribution::uniform(-bias, bias),
        ..Reservoir::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_channels_lower_the_order_and_leave_no_candidate_twice() {
        assert_eq!(delay_candidates(3).len(), DELAYED.len());
        for channels in [1, 3, 10, 500] {
            let all = delay_candidates(channels);
            assert!(all.iter().all(|c| channels > MOST || c.features(channels).unwrap() <= MOST), "{channels}");
            assert!(all.iter().enumerate().all(|(i, c)| !all[..i].contains(c)), "{channels}");
        }
    }
}
