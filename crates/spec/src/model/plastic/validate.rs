//! What can be checked of plasticity before anything is drawn.

use std::collections::HashSet;

use crate::model::validate::{finite, positive};
use crate::plasticity::{
    Astrocyte, AstrocyteDescription, AstrocyteDynamics, CalciumAstrocyte, CalciumGate, CalciumOutput, Members, Rate,
    SpikeFilter, Stdp, Watch,
};
use crate::{Endpoint, Network, SpecError};

/// Checks astrocytes, rules and filters. The ends of projections are known to be of this network.
pub(in crate::model) fn validate(network: &Network) -> Result<(), SpecError> {
    let mut seen = HashSet::new();
    for a in network.astrocytes() {
        if a.name.is_empty() || !seen.insert(&a.name) {
            let allowed = "a name that is not empty and not used twice";
            return Err(SpecError::invalid("name of an astrocyte", format!("'{}'", a.name), allowed));
        }
        astrocyte(network, a)?;
    }
    for (i, projection) in network.projections().iter().enumerate() {
        let name = network.projection_name(i);
        projection.plasticity.as_ref().map_or(Ok(()), |s| stdp(network, &name, s))?;
        projection.filter.as_ref().map_or(Ok(()), |f| filter(&name, *f))?;
    }
    Ok(())
}

fn astrocyte(network: &Network, description: &AstrocyteDescription) -> Result<(), SpecError> {
    let of = |what: &str| format!("{what} of astrocyte '{}'", description.name);
    match &description.dynamics {
        AstrocyteDynamics::Leaky(a) => leaky(&of, a, network.config.dt)?,
        AstrocyteDynamics::Calcium(a) => calcium(&of, a, network.config.dt)?,
    }
    description.watches.iter().try_for_each(|w| watch(network, &of, w))
}

fn leaky(of: &dyn Fn(&str) -> String, a: &Astrocyte, dt: f64) -> Result<(), SpecError> {
    if a.tau.is_nan() || a.tau < dt {
        let allowed = format!("at least dt ({dt} ms); infinite where only the host sets the output");
        return Err(SpecError::invalid(of("tau"), format!("{} ms", a.tau), allowed));
    }
    finite(&of("weight"), a.weight)?;
    finite(&of("bias"), a.bias)?;
    a.initial.map_or(Ok(()), |v| finite(&of("initial"), v))?;
    factor(&of("decay"), a.decay)
}

fn calcium(of: &dyn Fn(&str) -> String, a: &CalciumAstrocyte, dt: f64) -> Result<(), SpecError> {
    for (what, value) in [("tau_ip3", a.tau_ip3), ("ratio_er", a.ratio_er)] {
        positive(&of(what), value)?;
        finite(&of(what), value)?;
    }
    let concentrations = [
        ("calcium_total", a.calcium_total),
        ("kd_ip3_1", a.kd_ip3_1),
        ("kd_ip3_2", a.kd_ip3_2),
        ("kd_act", a.kd_act),
        ("kd_inh", a.kd_inh),
        ("km_serca", a.km_serca),
    ];
    // Tables have a binary point of their own within these.
    if let Some((what, value)) = concentrations.into_iter().find(|(_, c)| !(1e-3..=1e3).contains(c)) {
        return Err(SpecError::invalid(of(what), value, "0.001 to 1000 uM"));
    }
    let rates = [
        ("ip3_rest", a.ip3_rest, a.kd_ip3_1 * 12.0),
        ("calcium_initial", a.calcium_initial, a.calcium_total),
        ("h_initial", a.h_initial, 1.0),
        // Euler steps must not pass beyond what they move to.
        ("k_ip3r", a.k_ip3r, 0.1 / dt / (a.kd_inh * (a.kd_ip3_1 / a.kd_ip3_2).max(1.0) + a.calcium_total)),
        ("rate_ip3r", a.rate_ip3r, 0.1 / dt / (1.0 + a.ratio_er)),
        ("rate_leak", a.rate_leak, 0.1 / dt / (1.0 + a.ratio_er)),
        ("rate_serca", a.rate_serca, 0.1 / dt * a.km_serca.min(a.calcium_total)),
    ];
    for (what, value, most) in rates {
        if !(0.0..=most).contains(&value) {
            return Err(SpecError::invalid(of(what), value, format!("0 to {most} with dt {dt} ms")));
        }
    }
    finite(&of("delta_ip3"), a.delta_ip3)?;
    finite(&of("scale"), a.scale)?;
    if let CalciumOutput::SlowInwardCurrent { threshold } = a.output {
        finite(&of("threshold"), threshold)?;
    }
    finite(&of("bias"), a.bias)
}

fn watch(network: &Network, of: &dyn Fn(&str) -> String, watch: &Watch) -> Result<(), SpecError> {
    let size = match watch.source {
        Endpoint::Population(p) => network.populations().get(p.index()).map(crate::Population::size),
        Endpoint::Input(i) => network.inputs().get(i.index()).map(|i| i.shape.size()),
    };
    let Some(size) = size else {
        let allowed = "ids that this network returned";
        return Err(SpecError::invalid(of("a group"), "an id of another network", allowed));
    };
    let group = network.endpoint_name(watch.source);
    finite(&of(&format!("weight of '{group}'")), watch.weight)?;
    match &watch.members {
        Members::Fraction(f) if !(0.0..=1.0).contains(f) => {
            Err(SpecError::invalid(of(&format!("fraction of '{group}'")), f, "0 to 1"))
        }
        Members::Listed(units) => match units.iter().find(|&&u| u >= size) {
            Some(u) => {
                Err(SpecError::invalid(of(&format!("neuron of '{group}'")), u, format!("below its size, {size}")))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn stdp(network: &Network, name: &str, s: &Stdp) -> Result<(), SpecError> {
    let of = |what: &str| format!("{what} of {name}");
    for (what, value) in [("tau_plus", s.tau_plus), ("tau_minus", s.tau_minus), ("trace_increment", s.trace_increment)]
    {
        positive(&of(what), value)?;
        finite(&of(what), value)?;
    }
    finite(&of("w_min"), s.w_min)?;
    finite(&of("w_max"), s.w_max)?;
    if s.w_min >= s.w_max {
        return Err(SpecError::invalid(of("w_max"), s.w_max, format!("more than w_min ({})", s.w_min)));
    }
    factor(&of("rate_decay"), s.rate_decay)?;
    let mut rates = vec![("a_plus", s.a_plus), ("a_minus", s.a_minus)];
    if let Some(t) = &s.triplet {
        for (what, tau) in [("triplet tau_plus", t.tau_plus), ("triplet tau_minus", t.tau_minus)] {
            positive(&of(what), tau)?;
            finite(&of(what), tau)?;
        }
        rates.extend([("triplet a_plus", t.a_plus), ("triplet a_minus", t.a_minus)]);
    }
    s.gate.map_or(Ok(()), |g| gate(&of, g, network.config.dt))?;
    for (what, rate) in rates {
        let (number, astrocyte) = match rate {
            Rate::Constant(a) => (a, None),
            Rate::ModulatedBy(id) => (1.0, Some(id)),
            Rate::Scaled(a, id) => (a, Some(id)),
        };
        finite(&of(what), number)?;
        if astrocyte.is_some_and(|id| id.index() >= network.astrocytes().len()) {
            let allowed = "an id that this network returned";
            return Err(SpecError::invalid(of(what), "modulated by an astrocyte of another network", allowed));
        }
    }
    Ok(())
}

fn gate(of: &dyn Fn(&str) -> String, gate: CalciumGate, dt: f64) -> Result<(), SpecError> {
    finite(&of("gate tau"), gate.tau)?;
    if gate.tau < dt {
        return Err(SpecError::invalid(of("gate tau"), format!("{} ms", gate.tau), format!("at least dt ({dt} ms)")));
    }
    positive(&of("gate width"), gate.width)?;
    finite(&of("gate width"), gate.width)?;
    positive(&of("gate threshold"), gate.threshold)?;
    finite(&of("gate threshold"), gate.threshold)
}

fn filter(name: &str, f: SpikeFilter) -> Result<(), SpecError> {
    positive(&format!("tau of the filter of {name}"), f.tau)?;
    finite(&format!("tau of the filter of {name}"), f.tau)?;
    if !(0.0..1.0).contains(&f.cutoff) {
        return Err(SpecError::invalid(format!("cutoff of the filter of {name}"), f.cutoff, "0 to less than 1"));
    }
    Ok(())
}

fn factor(argument: &str, value: f64) -> Result<(), SpecError> {
    if value > 0.0 && value <= 1.0 {
        Ok(())
    } else {
        Err(SpecError::invalid(argument, value, "more than 0, at most 1"))
    }
}
