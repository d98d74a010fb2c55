//! What can be known to be wrong with a projection before anything is drawn.

use glam::Vec3;

use super::delays::{in_steps, longest};
use super::partners::Partners;
use super::rows::without_self;
use super::{Connector, Csr, Delays, DistanceDependent, MAX_DELAY, Side, Weights, Wiring};
use crate::{Distribution, SpecError, rng};

/// Checks everything about a projection that can be known without drawing.
///
/// # Errors
/// [`SpecError::Invalid`], [`SpecError::Length`] or [`SpecError::TooMany`], naming the projection.
pub fn validate(w: &Wiring<'_>) -> Result<(), SpecError> {
    check_sizes(w)?;
    check_connector(w)?;
    check_weights(w)?;
    check_delays(w)
}

type Check = Result<(), SpecError>;

fn invalid(w: &Wiring<'_>, what: &str, value: impl std::fmt::Display, allowed: impl Into<String>) -> Check {
    Err(SpecError::invalid(format!("{what} of {}", w.name), value, allowed))
}

// False for NaN too.
fn require(ok: bool, error: impl FnOnce() -> Check) -> Check {
    if ok { Ok(()) } else { error() }
}

fn check_sizes(w: &Wiring<'_>) -> Check {
    for (side, what) in [(w.source, "sources"), (w.target, "targets")] {
        let allowed = u64::from(u32::MAX);
        if side.size as u64 > allowed {
            return Err(SpecError::TooMany {
                what: format!("{what} of {}", w.name),
                needed: side.size as u64,
                allowed,
            });
        }
    }
    Ok(())
}

/// Refuses more synapses than an index of 32 bits can tell apart.
pub(super) fn check_total(w: &Wiring<'_>, needed: u64) -> Check {
    let allowed = u64::from(u32::MAX);
    require(needed <= allowed, || Err(SpecError::TooMany { what: format!("synapses of {}", w.name), needed, allowed }))
}

fn check_connector(w: &Wiring<'_>) -> Check {
    let targets = Partners::new(w.target.size as u32, without_self(w)).count();
    let sources = Partners::new(w.source.size as u32, without_self(w)).count();
    match &w.projection.connector {
        Connector::OneToOne => check_one_to_one(w),
        Connector::AllToAll => check_total(w, w.source.size as u64 * u64::from(targets)),
        Connector::FixedProbability(p) => check_probability(w, *p, targets),
        Connector::FixedInDegree(degree) => check_degree(w, "in-degree", *degree, sources, w.target.size),
        Connector::FixedOutDegree(degree) => check_degree(w, "out-degree", *degree, targets, w.source.size),
        Connector::FixedTotal(total) => check_fixed_total(w, *total, targets),
        Connector::DistanceDependent(rule) => check_distance(w, rule),
        Connector::SmallWorld { neighbours, rewire } => check_small_world(w, *neighbours, *rewire),
        Connector::Ring { neighbours } => check_ring(w, *neighbours),
        Connector::FromCsr(csr) => check_csr(w, csr),
    }
}

fn check_one_to_one(w: &Wiring<'_>) -> Check {
    let (sources, targets) = (w.source.size, w.target.size);
    require(sources == targets, || {
        let allowed = "OneToOne needs equal sizes; use another connector or change a size";
        invalid(w, "sizes", format!("{sources} to {targets}"), allowed)
    })?;
    require(!without_self(w), || {
        let allowed = "OneToOne within one population connects each neuron to itself: set self_connections to true";
        invalid(w, "self_connections", "false", allowed)
    })
}

fn check_unit(w: &Wiring<'_>, what: &str, p: f64) -> Check {
    require((0.0..=1.0).contains(&p), || invalid(w, what, p, "a number from 0 to 1"))
}

fn check_probability(w: &Wiring<'_>, p: f64, targets: u32) -> Check {
    check_unit(w, "connection probability", p)?;
    let mean = w.source.size as f64 * f64::from(targets) * p;
    // Refused before it is drawn, unless chance could still bring it below the limit.
    let surely_more_than = (mean - 10.0 * libm::sqrt(mean)).max(0.0);
    if surely_more_than > f64::from(u32::MAX) { check_total(w, mean as u64) } else { Ok(()) }
}

fn check_degree(w: &Wiring<'_>, what: &str, degree: usize, partners: u32, rows: usize) -> Check {
    let multiple = w.projection.multiple_edges;
    let enough = degree <= partners as usize || (multiple && partners > 0);
    require(enough, || {
        let way_out = if multiple { "" } else { ", or set multiple_edges to true" };
        let allowed = format!("0 to {partners}, the number of possible partners of a neuron; lower it{way_out}");
        invalid(w, what, degree, allowed)
    })?;
    check_total(w, (degree as u64).saturating_mul(rows as u64))
}

fn check_fixed_total(w: &Wiring<'_>, total: usize, targets: u32) -> Check {
    let (pairs, multiple) = (w.source.size as u64 * u64::from(targets), w.projection.multiple_edges);
    let enough = total as u64 <= pairs || (multiple && pairs > 0);
    require(enough, || {
        let way_out = if multiple { "" } else { ", or set multiple_edges to true" };
        invalid(w, "total", total, format!("0 to {pairs}, the number of possible pairs; lower it{way_out}"))
    })?;
    check_total(w, total as u64)
}

fn check_distance(w: &Wiring<'_>, rule: &DistanceDependent) -> Check {
    check_positions(w, "DistanceDependent")?;
    require(rule.lambda > 0.0 && rule.lambda.is_finite(), || {
        invalid(w, "lambda", rule.lambda, "a finite number above 0, in units of the positions")
    })?;
    let named =
        [("exc_exc", rule.exc_exc), ("exc_inh", rule.exc_inh), ("inh_exc", rule.inh_exc), ("inh_inh", rule.inh_inh)];
    named.into_iter().try_for_each(|(name, c)| {
        require(c >= 0.0 && c.is_finite(), || invalid(w, name, c, "a finite number of 0 or more"))
    })
}

fn check_positions(w: &Wiring<'_>, user: &str) -> Check {
    check_side(w, w.source, "source", user)?;
    check_side(w, w.target, "target", user)
}

fn check_side(w: &Wiring<'_>, side: Side<'_>, what: &str, user: &str) -> Check {
    let Some(positions) = side.positions else {
        let allowed = format!("positions for {user}; give the {what} a Grid3 or positions as its shape");
        return invalid(w, &format!("{what} positions"), "missing", allowed);
    };
    if positions.len() != side.size {
        let argument = format!("{what} positions of {}", w.name);
        return Err(SpecError::Length { argument, needed: side.size, found: positions.len() });
    }
    let in_range = |p: &Vec3| p.is_finite() && p.abs().max_element() <= FARTHEST;
    positions.iter().position(|p| !in_range(p)).map_or(Ok(()), |i| {
        let allowed = format!("finite coordinates of at most {FARTHEST:e}");
        invalid(w, &format!("{what} position {i}"), positions[i], allowed)
    })
}

// Squares of distances stay finite.
const FARTHEST: f32 = 1e15;

fn check_one_population(w: &Wiring<'_>, connector: &str) -> Check {
    require(w.recurrent, || {
        let allowed = format!("{connector} connects a population with itself; give the same population on both sides");
        invalid(w, "connector", connector, allowed)
    })
}

fn check_small_world(w: &Wiring<'_>, neighbours: usize, rewire: f64) -> Check {
    check_one_population(w, "SmallWorld")?;
    let fits = neighbours.is_multiple_of(2) && neighbours >= 2 && neighbours < w.target.size;
    require(fits, || {
        let allowed = format!("an even number from 2, less than the population's size of {}", w.target.size);
        invalid(w, "neighbours", neighbours, allowed)
    })?;
    check_unit(w, "rewiring probability", rewire)?;
    check_total(w, neighbours as u64 * w.source.size as u64)
}

fn check_ring(w: &Wiring<'_>, neighbours: usize) -> Check {
    check_one_population(w, "Ring")?;
    require(neighbours >= 1 && neighbours < w.target.size, || {
        invalid(w, "neighbours", neighbours, format!("1 or more, less than the population's size of {}", w.target.size))
    })?;
    check_total(w, neighbours as u64 * w.source.size as u64)
}

fn check_csr(w: &Wiring<'_>, csr: &Csr) -> Check {
    let starts = &csr.row_start;
    if starts.len() != w.source.size + 1 {
        let argument = format!("row_start of {}", w.name);
        return Err(SpecError::Length { argument, needed: w.source.size + 1, found: starts.len() });
    }
    require(starts[0] == 0, || invalid(w, "row_start[0]", starts[0], "0"))?;
    if let Some(i) = starts.windows(2).position(|pair| pair[0] > pair[1]) {
        let allowed = format!("at least row_start[{i}] = {}: rows follow one another", starts[i]);
        return invalid(w, &format!("row_start[{}]", i + 1), starts[i + 1], allowed);
    }
    let end = starts[w.source.size];
    require(end == csr.targets.len(), || {
        invalid(w, "last row_start", end, format!("{}, the number of targets", csr.targets.len()))
    })?;
    check_total(w, end as u64)?;
    check_targets(w, csr)
}

fn check_targets(w: &Wiring<'_>, csr: &Csr) -> Check {
    let mut sorted = Vec::new();
    for row in 0..w.source.size {
        let targets = &csr.targets[csr.row_start[row]..csr.row_start[row + 1]];
        sorted.clear();
        sorted.extend_from_slice(targets);
        sorted.sort_unstable();
        check_csr_row(w, row, &sorted)?;
    }
    Ok(())
}

fn check_csr_row(w: &Wiring<'_>, row: usize, sorted: &[u32]) -> Check {
    let what = format!("a target in row {row}");
    if let Some(&target) = sorted.last().filter(|&&target| target as usize >= w.target.size) {
        return invalid(w, &what, target, format!("less than {}, the number of targets", w.target.size));
    }
    if without_self(w) && sorted.binary_search(&(row as u32)).is_ok() {
        return invalid(w, &what, row, "no neuron to itself; remove it or set self_connections to true");
    }
    let repeated = sorted.windows(2).find(|pair| pair[0] == pair[1] && !w.projection.multiple_edges);
    repeated.map_or(Ok(()), |pair| {
        let value = format!("{}, twice", pair[0]);
        invalid(w, &what, value, "each target once; remove it or set multiple_edges to true")
    })
}

// Given values are checked for their number when that is known, by [`check_lengths`].
fn check_values(w: &Wiring<'_>, what: &str, distribution: &Distribution) -> Check {
    distribution.validate(&format!("{what} of {}", w.name), given(distribution).unwrap_or(0))
}

fn given(distribution: &Distribution) -> Option<usize> {
    match distribution {
        Distribution::Given(values) => Some(values.len()),
        Distribution::Clipped { of, .. } => given(of),
        _ => None,
    }
}

/// Whether values are given synapse by synapse.
pub(super) fn has_given_values(w: &Wiring<'_>) -> bool {
    let of_weights = match &w.projection.weights {
        Weights::Drawn(distribution) => given(distribution).is_some(),
        Weights::Signed(_) => false,
        Weights::Dale { exc, inh } => given(exc).is_some() || given(inh).is_some(),
    };
    let delays = w.projection.delays.as_ref();
    of_weights || matches!(delays, Some(Delays::Milliseconds(distribution)) if given(distribution).is_some())
}

/// Whether given weights and delays are as many as there are synapses.
pub(super) fn check_lengths(w: &Wiring<'_>, needed: usize) -> Check {
    let check = |what: &str, distribution: &Distribution| match given(distribution) {
        Some(found) if found != needed => {
            Err(SpecError::Length { argument: format!("{what} of {}", w.name), needed, found })
        }
        _ => Ok(()),
    };
    match &w.projection.weights {
        Weights::Drawn(distribution) => check("weights", distribution)?,
        Weights::Signed(_) => {}
        Weights::Dale { exc, inh } => {
            check("excitatory weights", exc)?;
            check("inhibitory weights", inh)?;
        }
    }
    match &w.projection.delays {
        Some(Delays::Milliseconds(distribution)) => check("delays", distribution),
        _ => Ok(()),
    }
}

fn check_weights(w: &Wiring<'_>) -> Check {
    match &w.projection.weights {
        Weights::Drawn(distribution) => check_values(w, "weights", distribution),
        Weights::Signed(magnitude) => {
            check_magnitudes(w, "magnitude of signed weights", &Distribution::Constant(*magnitude))
        }
        Weights::Dale { exc, inh } => {
            check_magnitudes(w, "magnitude of excitatory weights", exc)?;
            check_magnitudes(w, "magnitude of inhibitory weights", inh)
        }
    }
}

fn check_magnitudes(w: &Wiring<'_>, what: &str, distribution: &Distribution) -> Check {
    check_values(w, what, distribution)?;
    let smallest = smallest(distribution);
    require(smallest >= 0.0, || {
        let value = distribution.constant().map_or(format!("drawn from {smallest} mV up"), |v| format!("{v} mV"));
        invalid(w, what, value, "0 or more, the sign comes from the rule; clip the distribution at 0")
    })
}

// The smallest value that can be drawn.
fn smallest(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Given(values) => values.iter().copied().fold(f64::INFINITY, f64::min),
        Distribution::Clipped { of, low, high } => smallest(of).clamp(*low, *high),
        of => of.quantile(rng::unit(0)),
    }
}

fn check_delays(w: &Wiring<'_>) -> Check {
    match &w.projection.delays {
        None => Ok(()),
        Some(Delays::Steps(steps)) => check_steps(w, *steps),
        Some(Delays::Milliseconds(distribution)) => check_milliseconds(w, distribution),
        Some(Delays::Distance { velocity, offset }) => check_travel(w, *velocity, *offset),
    }
}

fn check_steps(w: &Wiring<'_>, steps: u32) -> Check {
    require((w.min_delay..=MAX_DELAY).contains(&steps), || {
        let why =
            if w.min_delay > 0 { "a spike reaches neurons in the next step at the earliest" } else { "lengthen dt" };
        invalid(w, "delay", format!("{steps} steps"), format!("{} to {MAX_DELAY} steps; {why}", w.min_delay))
    })
}

fn check_milliseconds(w: &Wiring<'_>, distribution: &Distribution) -> Check {
    check_values(w, "delays", distribution)?;
    let Some(ms) = distribution.constant() else { return Ok(()) };
    require(ms >= 0.0, || invalid(w, "delay", format!("{ms} ms"), "0 ms or more"))?;
    require(in_steps(w, ms) <= f64::from(MAX_DELAY), || {
        invalid(w, "delay", format!("{ms} ms ({} steps of {} ms)", in_steps(w, ms), w.dt), longest(w))
    })
}

fn check_travel(w: &Wiring<'_>, velocity: f64, offset: f64) -> Check {
    check_positions(w, "delays by distance")?;
    require(velocity > 0.0 && velocity.is_finite(), || {
        invalid(w, "velocity", velocity, "a finite number above 0, in position units a ms")
    })?;
    require(offset >= 0.0 && offset.is_finite(), || invalid(w, "delay offset", offset, "0 ms or more"))
}
