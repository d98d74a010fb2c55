//! The choice of a forecaster by rolling origins.

use ndarray::{ArrayView2, s};

use super::{Forecaster, delay_candidates, echo_candidates};
use crate::Result;
use crate::error::argument;

/// Which forecaster suits a series: each candidate learns the rows before an origin and forecasts those after it, from several origins.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ForecastSearch {
    /// What is tried; their own damping is not used.
    pub candidates: Vec<Forecaster>,
    /// Dampings that each is tried with.
    pub dampings: Vec<f64>,
    /// Rows that are learned from, for each trial.
    pub origins: Vec<usize>,
    /// Rows that are forecast after each origin.
    pub horizon: usize,
}

impl Default for ForecastSearch {
    /// Echo state networks and next-generation reservoirs of three channels, seven dampings from 1e-10 to 1e-3, one origin after 1000 rows, 200 rows forecast.
    fn default() -> Self {
        Self {
            candidates: [echo_candidates(), delay_candidates(3)].concat(),
            dampings: vec![1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3],
            origins: vec![1000],
            horizon: 200,
        }
    }
}

/// A forecaster that was tried.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// The forecaster, with the damping that it was tried with.
    pub forecaster: Forecaster,
    /// Its error from each origin.
    pub errors: Vec<f64>,
    /// Their mean.
    pub mean: f64,
}

impl ForecastSearch {
    /// All forecasters with their errors, the best (of least mean error) first; those of equal error in the order in which they were given.
    ///
    /// `error` compares a forecast (first) with what came (second), both horizon x channels; less is better.
    ///
    /// # Errors
    /// No candidates, dampings or origins; a series that ends before the horizon after the last origin; as [`Forecaster::fit`]; what `error` returns.
    pub fn rank<'a>(
        &self,
        series: impl Into<ArrayView2<'a, f64>>,
        error: impl Fn(ArrayView2<'_, f64>, ArrayView2<'_, f64>) -> Result<f64>,
    ) -> Result<Vec<Ranked>> {
        let series = series.into();
        self.check(&series)?;
        let mut ranking = Vec::new();
        for candidate in &self.candidates {
            let layer = candidate.layer(series.ncols())?;
            let mut errors = vec![Vec::new(); self.dampings.len()];
            for &origin in &self.origins {
                let truth = series.slice(s![origin..origin + self.horizon, ..]);
                let fitted = candidate.fit_layer(layer.as_ref(), &series.slice(s![..origin, ..]), &self.dampings)?;
                for (errors, fitted) in errors.iter_mut().zip(&fitted) {
                    let found = error(fitted.forecast(self.horizon).view(), truth)?;
                    // A NaN with its sign set would come before all numbers.
                    errors.push(if found.is_nan() { f64::INFINITY } else { found });
                }
            }
            let ranked = |(errors, &damping): (Vec<f64>, &f64)| Ranked {
                forecaster: Forecaster { damping, ..candidate.clone() },
                mean: errors.iter().sum::<f64>() / errors.len() as f64,
                errors,
            };
            ranking.extend(errors.into_iter().zip(&self.dampings).map(ranked));
        }
        ranking.sort_by(|a, b| a.mean.total_cmp(&b.mean));
        Ok(ranking)
    }

    fn check(&self, series: &ArrayView2<'_, f64>) -> Result<()> {
        let lists =
            [("candidates", self.candidates.len()), ("dampings", self.dampings.len()), ("origins", self.origins.len())];
        if let Some((name, _)) = lists.iter().find(|(_, length)| *length == 0) {
            return Err(argument(name, "empty", "at least one"));
        }
        if self.horizon == 0 {
            return Err(argument("horizon", 0, "at least 1"));
        }
        let last = self.origins.iter().max().map_or(0, |origin| origin + self.horizon);
        if last > series.nrows() {
            let found = format!("{} rows", series.nrows());
            return Err(argument("series", found, format!("{last} rows: the last origin and the horizon")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use limnos_tasks::{Lorenz, ValidTime, smape};
    use ndarray::Array2;

    use super::*;
    use crate::forecast::median_forecast;

    fn lorenz(steps: usize) -> Array2<f64> {
        Lorenz::default().series(steps).unwrap()
    }

    fn search() -> ForecastSearch {
        ForecastSearch { origins: vec![800, 1000], horizon: 200, ..ForecastSearch::default() }
    }

    fn by_smape(forecast: ArrayView2<'_, f64>, truth: ArrayView2<'_, f64>) -> Result<f64> {
        Ok(smape(forecast, truth)?)
    }

    #[test]
    fn lorenz_is_followed_for_many_lyapunov_times() {
        let series = lorenz(2000);
        let (past, future) = series.view().split_at(ndarray::Axis(0), 1200);
        for (candidates, least) in [(echo_candidates(), 5.0), (delay_candidates(3), 5.0)] {
            let ranking = ForecastSearch { candidates, ..search() }.rank(past, by_smape).unwrap();
            assert!(ranking.is_sorted_by(|a, b| a.mean <= b.mean));
            let forecasts: Vec<_> =
                ranking[..3].iter().map(|ranked| ranked.forecaster.fit(past).unwrap().forecast(800)).collect();
            let forecast = median_forecast(&forecasts).unwrap();
            let valid = ValidTime::default().of(forecast.view(), future).unwrap();
            assert!(valid.lyapunov_times > least, "{} Lyapunov times", valid.lyapunov_times);
        }
    }

    #[test]
    fn rows_after_an_origin_are_not_learned_from() {
        let series = lorenz(1200);
        let mut other = series.clone();
        other.slice_mut(s![1000.., ..]).mapv_inplace(|x| 2.0 * x + 1.0);
        let search = ForecastSearch { candidates: echo_candidates()[..2].to_vec(), ..search() };
        let forecasts = |series: &Array2<f64>| {
            let seen = std::cell::RefCell::new(Vec::new());
            let keep = |forecast: ArrayView2<'_, f64>, truth: ArrayView2<'_, f64>| {
                seen.borrow_mut().push(forecast.to_owned());
                by_smape(forecast, truth)
            };
            let ranking = search.rank(series, keep).unwrap();
            (seen.into_inner(), ranking[0].errors.clone())
        };
        let ((a, errors_a), (b, errors_b)) = (forecasts(&series), forecasts(&other));
        assert_eq!(a, b);
        assert_ne!(errors_a, errors_b);
    }

    #[test]
    fn an_error_that_is_no_number_is_never_the_best() {
        let series = lorenz(1200);
        let search = ForecastSearch { candidates: delay_candidates(3)[..2].to_vec(), ..search() };
        let calls = std::cell::Cell::new(0);
        let odd = |forecast: ArrayView2<'_, f64>, truth: ArrayView2<'_, f64>| {
            calls.set(calls.get() + 1);
            if calls.get() == 1 { Ok(-f64::NAN) } else { by_smape(forecast, truth) }
        };
        let ranking = search.rank(&series, odd).unwrap();
        assert!(ranking[0].mean.is_finite() && ranking[ranking.len() - 1].mean.is_infinite());
    }

    #[test]
    fn settings_outside_their_range_are_named() {
        let series = lorenz(1199);
        let refused = |search: ForecastSearch| search.rank(&series, by_smape).unwrap_err().to_string();
        assert!(refused(search()).contains("1200 rows"));
        assert!(refused(ForecastSearch { origins: vec![], ..search() }).contains("origins"));
        assert!(refused(ForecastSearch { horizon: 0, ..search() }).contains("horizon"));
        assert!(refused(ForecastSearch { origins: vec![20], ..search() }).contains("at least"));
        assert!(refused(ForecastSearch { dampings: vec![-1.0], origins: vec![800], ..search() }).contains("damping"));
        let mut deaf = delay_candidates(3);
        deaf[0].nvar.delays = 0;
        assert!(refused(ForecastSearch { candidates: deaf, origins: vec![800], ..search() }).contains("delays"));
        let huge = &series * 1e200;
        let found = search();
        let found = ForecastSearch { origins: vec![800], candidates: delay_candidates(3)[..1].to_vec(), ..found };
        assert!(found.rank(&huge, by_smape).unwrap_err().to_string().contains("variance overflows"));
        let mut noisy = echo_candidates();
        noisy[0].reservoir.as_mut().unwrap().noise = 0.1;
        assert!(refused(ForecastSearch { candidates: noisy, origins: vec![800], ..search() }).contains("noise"));
    }
}
