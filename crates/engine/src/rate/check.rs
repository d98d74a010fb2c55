//! Checks of what a rate reservoir is given, before a device sees it.

use limnos_spec::rate::{RateLayer, RateModel};

use super::Precision;
use super::real::Numbers;
use crate::EngineError;

/// An array's name with the names of its axes, and how long these are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) argument: &'a str,
    pub(super) axes: [(&'a str, usize); 3],
}

impl Wanted<'_> {
    fn needed(&self) -> String {
        let axes = self.axes.map(|(name, length)| format!("{length} {name}"));
        format!("[{}]", axes.join(", "))
    }

    /// Refuses another number of entries.
    pub(super) fn length(&self, found: usize) -> Result<(), EngineError> {
        let length = self.axes.iter().try_fold(1usize, |product, (_, n)| product.checked_mul(*n));
        if length == Some(found) {
            return Ok(());
        }
        Err(EngineError::Shape { argument: self.argument.into(), needed: self.needed(), found: vec![found] })
    }

    /// Refuses another number of entries, and numbers that the device cannot hold.
    pub(super) fn values(&self, values: Numbers<'_>, precision: Precision) -> Result<(), EngineError> {
        self.length(values.len())?;
        let Some(bad) = first_beyond(values, precision) else { return Ok(()) };
        let [_, (step, steps), (column, columns)] = self.axes;
        let place = format!(
            "{}, sample {}, {step} {}, {column} {},",
            self.argument,
            bad / (steps * columns),
            bad / columns % steps,
            bad % columns
        );
        Err(EngineError::invalid(place, values.get(bad), allowed(precision)))
    }
}

const fn allowed(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "finite numbers of single precision",
        Precision::F64 => "finite numbers",
    }
}

fn first_beyond(values: Numbers<'_>, precision: Precision) -> Option<usize> {
    match (values, precision) {
        (Numbers::F64(values), Precision::F32) => {
            values.iter().position(|v| v.is_nan() || v.abs() > f64::from(f32::MAX))
        }
        _ => values.not_finite(),
    }
}

/// Refuses models that single precision cannot hold.
pub(super) fn representable(model: &RateModel, precision: Precision) -> Result<(), EngineError> {
    let layers = model.layers().iter().enumerate();
    layers.filter(|_| precision == Precision::F32).try_for_each(|(k, layer)| layer_representable(k, layer))
}

fn layer_representable(k: usize, layer: &RateLayer) -> Result<(), EngineError> {
    let noise = [layer.noise];
    let parts: [(&str, &[f64]); 4] =
        [("weights", layer.weights.value()), ("gain", &layer.gain), ("bias", &layer.bias), ("noise", &noise)];
    for (name, values) in parts {
        if let Some(i) = first_beyond(Numbers::F64(values), Precision::F32) {
            let argument = format!("{name} of layer {k}, entry {i},");
            return Err(EngineError::invalid(
                argument,
                values[i],
                "numbers of single precision; rescale, or take Precision::F64",
            ));
        }
    }
    Ok(())
}

/// Refuses models of different shapes, and none.
pub(super) fn alike(models: &[RateModel]) -> Result<(), EngineError> {
    let shape = |m: &RateModel| (m.inputs(), m.feedback(), m.units());
    let Some(first) = models.first() else {
        return Err(EngineError::invalid("models of an ensemble", "an empty list", "1 or more models"));
    };
    match models.iter().position(|m| shape(m) != shape(first)) {
        None => Ok(()),
        Some(k) => Err(differs(&format!("model {k} of an ensemble"), &models[k], first)),
    }
}

pub(super) fn differs(argument: &str, found: &RateModel, needed: &RateModel) -> EngineError {
    let text = |m: &RateModel| format!("{} inputs, {} feedback, {} units", m.inputs(), m.feedback(), m.units());
    EngineError::invalid(argument, text(found), text(needed))
}
