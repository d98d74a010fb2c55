//! What can be checked of a network before anything is drawn.

use std::collections::HashSet;

use super::{FRACTION_BITS, MAX_DRIVE_EVENTS, positions, with_wiring};
use crate::rng::MAX_OBJECTS;
use crate::{Alif, Drive, Endpoint, Lif, Network, Neuron, Population, Shape, Source, SpecError, Synapse, connect};

/// Most neurons or channels that 32-bit indices leave room for.
const MAX_CELLS: u64 = 1 << 30;

pub(super) fn network(network: &Network) -> Result<(), SpecError> {
    let dt = network.config.dt;
    positive("dt", dt)?;
    finite("dt", dt)?;
    names(network)?;
    counts(network)?;
    network.populations().iter().try_for_each(population)?;
    network.inputs().iter().try_for_each(|i| input(&i.name, &i.shape, &i.source))?;
    network.populations().iter().try_for_each(|p| euler(p, dt))?;
    for (i, projection) in network.projections().iter().enumerate() {
        let known = match projection.source {
            Endpoint::Population(p) => p.0 < network.populations().len(),
            Endpoint::Input(i) => i.0 < network.inputs().len(),
        };
        if !known || projection.target.0 >= network.populations().len() {
            return Err(SpecError::invalid(
                format!("an end of projection {i}"),
                "an id of another network",
                "ids that this network returned",
            ));
        }
    }
    super::plastic::validate(network)?;
    let positions = positions(network);
    (0..network.projections().len()).try_for_each(|i| with_wiring(network, &positions, i, connect::validate))
}

fn names(network: &Network) -> Result<(), SpecError> {
    let mut seen = HashSet::new();
    let populations = network.populations().iter().map(|p| &p.name);
    for name in populations.chain(network.inputs().iter().map(|i| &i.name)) {
        if name.is_empty() || !seen.insert(name) {
            return Err(SpecError::invalid(
                "name of a population or input",
                format!("'{name}'"),
                "a name that is not empty and not used twice",
            ));
        }
    }
    Ok(())
}

fn counts(network: &Network) -> Result<(), SpecError> {
    if network.populations().is_empty() {
        return Err(SpecError::invalid(
            "the network",
            "without a population",
            "at least one population; see Network::add_population",
        ));
    }
    let lists = [
        ("populations", network.populations().len()),
        ("inputs", network.inputs().len()),
        ("projections", network.projections().len()),
    ];
    for (what, len) in lists {
        limit(what, len as u64, MAX_OBJECTS as u64)?;
    }
    let total = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(0u64, |a, b| a.saturating_add(b as u64));
    limit("neurons", total(&mut network.populations().iter().map(Population::size)), MAX_CELLS)?;
    limit("input channels", total(&mut network.inputs().iter().map(|i| i.shape.size())), MAX_CELLS)
}

fn limit(what: &str, needed: u64, allowed: u64) -> Result<(), SpecError> {
    if needed > allowed {
        return Err(SpecError::TooMany { what: what.into(), needed, allowed });
    }
    Ok(())
}

fn shape(name: &str, shape: &Shape) -> Result<(), SpecError> {
    if shape.size() == 0 {
        return Err(SpecError::invalid(format!("size of '{name}'"), 0, "1 or more"));
    }
    match shape {
        Shape::Positions(p) => match p.iter().position(|v| !v.is_finite()) {
            Some(i) => Err(SpecError::invalid(format!("position {i} of '{name}'"), p[i], "finite coordinates")),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn population(p: &Population) -> Result<(), SpecError> {
    shape(&p.name, &p.shape)?;
    let of = |field: &str| format!("{field} of '{}'", p.name);
    if !(0.0..=1.0).contains(&p.inhibitory_fraction) {
        return Err(SpecError::invalid(of("inhibitory_fraction"), p.inhibitory_fraction, "0 to 1"));
    }
    if let Some(bits) = p.fraction_bits.filter(|b| !FRACTION_BITS.contains(b)) {
        return Err(SpecError::invalid(of("fraction_bits"), bits, "8 to 24"));
    }
    lif(p.neuron.lif(), &of)?;
    if let Neuron::Alif(a) = &p.neuron {
        alif(a, &of)?;
    }
    p.varied.iter().try_for_each(|(parameter, d)| d.validate(&of(parameter.name()), p.size()))?;
    varied_apply(p, &of)?;
    p.drive.map_or(Ok(()), |d| drive(d, &of))
}

fn lif(n: &Lif, of: &dyn Fn(&str) -> String) -> Result<(), SpecError> {
    positive(&of("tau_m"), n.tau_m)?;
    for (name, v) in [("v_rest", n.v_rest), ("v_reset", n.v_reset), ("v_thresh", n.v_thresh), ("i_offset", n.i_offset)]
    {
        finite(&of(name), v)?;
    }
    n.v_init.map_or(Ok(()), |v| finite(&of("v_init"), v))?;
    if n.v_thresh <= n.v_reset {
        return Err(SpecError::invalid(of("v_thresh"), n.v_thresh, format!("more than v_reset ({})", n.v_reset)));
    }
    if n.v_thresh <= n.v_rest && n.reset == crate::Reset::Subtract {
        return Err(SpecError::invalid(
            of("v_thresh"),
            n.v_thresh,
            format!("more than v_rest ({}) where the reset subtracts", n.v_rest),
        ));
    }
    not_negative(&of("tau_refrac"), n.tau_refrac)?;
    if let Synapse::Exponential { tau_syn_exc, tau_syn_inh } = n.synapse {
        positive(&of("tau_syn_exc"), tau_syn_exc)?;
        positive(&of("tau_syn_inh"), tau_syn_inh)?;
    }
    Ok(())
}

fn alif(a: &Alif, of: &dyn Fn(&str) -> String) -> Result<(), SpecError> {
    positive(&of("tau_theta"), a.tau_theta)?;
    positive(&of("tau_w"), a.tau_w)?;
    finite(&of("delta_theta"), a.delta_theta)?;
    finite(&of("delta_w"), a.delta_w)
}

/// Forward Euler is stable, and its factor a decay, only for time constants of at least a step.
fn euler(p: &Population, dt: f64) -> Result<(), SpecError> {
    let lif = p.neuron.lif();
    if lif.leak != crate::Leak::Euler {
        return Ok(());
    }
    let mut taus = vec![("tau_m", lif.tau_m)];
    if let Synapse::Exponential { tau_syn_exc, tau_syn_inh } = lif.synapse {
        taus.extend([("tau_syn_exc", tau_syn_exc), ("tau_syn_inh", tau_syn_inh)]);
    }
    match taus.into_iter().find(|(_, tau)| *tau < dt) {
        Some((name, tau)) => Err(SpecError::invalid(
            format!("{name} of '{}'", p.name),
            format!("{tau} ms"),
            format!("at least dt ({dt} ms) with Leak::Euler; or take Leak::Exponential"),
        )),
        None => Ok(()),
    }
}

fn varied_apply(p: &Population, of: &dyn Fn(&str) -> String) -> Result<(), SpecError> {
    use crate::Parameter::*;
    let exponential = matches!(p.neuron.lif().synapse, Synapse::Exponential { .. });
    let adaptive = matches!(p.neuron, Neuron::Alif(_));
    for (parameter, _) in &p.varied {
        let (applies, needs) = match parameter {
            TauSynExc | TauSynInh => (exponential, "Synapse::Exponential"),
            TauTheta | DeltaTheta | TauW | DeltaW => (adaptive, "the neuron Alif"),
            _ => (true, ""),
        };
        if !applies {
            return Err(SpecError::invalid(of(parameter.name()), "varied", format!("only with {needs}")));
        }
    }
    Ok(())
}

fn drive(drive: Drive, of: &dyn Fn(&str) -> String) -> Result<(), SpecError> {
    match drive {
        Drive::Constant { amount } => finite(&of("amount of the drive"), amount),
        Drive::Normal { mean, sd } => {
            finite(&of("mean of the drive"), mean)?;
            not_negative(&of("sd of the drive"), sd)
        }
        Drive::Poisson { events_per_step, weight } => {
            finite(&of("weight of the drive"), weight)?;
            if !(events_per_step > 0.0 && events_per_step <= MAX_DRIVE_EVENTS) {
                return Err(SpecError::invalid(
                    of("events_per_step of the drive"),
                    events_per_step,
                    "more than 0, at most 1000",
                ));
            }
            Ok(())
        }
    }
}

fn input(name: &str, of: &Shape, source: &Source) -> Result<(), SpecError> {
    shape(name, of)?;
    let check = |what: &str, d: &crate::Distribution, high: f64, allowed: &str| {
        let argument = format!("{what} of input '{name}'");
        d.validate(&argument, of.size())?;
        let outside = |v: f64| !(0.0..=high).contains(&v);
        let bad = match d {
            crate::Distribution::Constant(v) => outside(*v).then_some(*v),
            crate::Distribution::Given(values) => values.iter().copied().find(|v| outside(*v)),
            crate::Distribution::Uniform { low, high: top } => [*low, *top].into_iter().find(|v| outside(*v)),
            _ => None,
        };
        bad.map_or(Ok(()), |v| Err(SpecError::invalid(argument, v, allowed)))
    };
    match source {
        Source::Fed => Ok(()),
        Source::Bernoulli(p) => check("probability", p, 1.0, "0 to 1"),
        Source::Poisson(rate) => check("rate", rate, f64::MAX, "0 Hz or more"),
    }
}

pub(super) fn finite(argument: &str, value: f64) -> Result<(), SpecError> {
    if value.is_finite() { Ok(()) } else { Err(SpecError::invalid(argument, value, "a finite number")) }
}

fn not_negative(argument: &str, value: f64) -> Result<(), SpecError> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(SpecError::invalid(argument, value, "a finite number of 0 or more"))
    }
}

pub(super) fn positive(argument: &str, value: f64) -> Result<(), SpecError> {
    if value > 0.0 { Ok(()) } else { Err(SpecError::invalid(argument, value, "more than 0")) }
}
