//! Free-running forecasts of many-channel series: next-generation reservoirs, echo states, or both in one readout, and the choice among them.
//!
//! A [`Forecaster`] reads a series as it is: delayed values and their products ([`Nvar`](crate::esn::Nvar)), the states of a rate reservoir, or both. It learns
//! the *increment* to the next row, in channels that are standardised first, by a damped least squares on the singular values of its features: with the
//! condition number as it is, not squared as by normal equations, so that a series without noise is followed for much longer. Everything is f64 on the host.
//!
//! Which forecaster suits a series is found by [`ForecastSearch`]: candidates are fitted to the first rows of the series and forecast the rows after
//! them, from several origins; no later row is seen. The best then learn from the whole series; of several, [`median_forecast`] makes one.
//!
//! ```
//! use limnos::forecast::{ForecastSearch, delay_candidates};
//! use limnos::ndarray::{Array2, s};
//! use limnos::tasks::smape;
//!
//! // Two tones that beat.
//! let tones = Array2::from_shape_fn((700, 2), |(t, c)| (0.1 * t as f64).sin() + (0.137 * t as f64 + c as f64).cos());
//! let (past, future) = (tones.slice(s![..600, ..]), tones.slice(s![600.., ..]));
//!
//! let search = ForecastSearch { candidates: delay_candidates(2), origins: vec![400, 500], horizon: 100, ..ForecastSearch::default() };
//! let ranking = search.rank(past, |forecast, truth| Ok(smape(forecast, truth)?))?;
//! let best = ranking[0].forecaster.fit(past)?;
//! assert!(smape(best.forecast(100).view(), future)? < 1.0);
//! # Ok::<(), limnos::Error>(())
//! ```

mod basis;
mod candidates;
mod forecaster;
mod free_run;
mod search;
mod singular;

pub use candidates::{delay_candidates, echo_candidates};
pub use forecaster::Forecaster;
pub use free_run::{FittedForecaster, median_forecast};
pub use search::{ForecastSearch, Ranked};
