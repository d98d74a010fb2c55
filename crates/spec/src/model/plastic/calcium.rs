//! An astrocyte's calcium, compiled: the nonlinear parts of its equations as tables.

use super::bits_below;
use crate::fixed::{q31, to_fixed};
use crate::plasticity::{CalciumAstrocyte, CalciumOutput};
use crate::twin::calcium::{CONCENTRATION_LIMIT, Calcium, CalciumTables, SEGMENT_BITS, SEGMENTS};
use crate::twin::stdp::WEIGHT_LIMIT;

/// The calcium dynamics of an astrocyte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalciumModel {
    /// State before step 0.
    pub initial: Calcium,
    /// The equations.
    pub tables: CalciumTables,
}

/// The dynamics with the binary point of the output, if one holds it, and the binary point of IP3.
pub(super) fn compile(a: &CalciumAstrocyte, dt: f64) -> (Option<(CalciumModel, u32)>, u32) {
    let ip3_bits = concentration_bits((24.0 * a.kd_ip3_1).max(2.0 * a.ip3_rest));
    let bits = concentration_bits(a.calcium_total);
    let held = |x: f64, bits: u32| to_fixed(x, bits).expect("the bits should hold what is below their limit");
    let over_ip3 = |f: &dyn Fn(f64) -> f64| table(ip3_bits, |ip3| q31(f(ip3)));
    let over = |f: &dyn Fn(f64) -> i32| table(bits, f);
    let output = |ca: f64| a.bias + a.scale * output(a.output, ca);
    let most = (0..=SEGMENTS).map(|k| output(node(bits, k)).abs()).fold(0.0, f64::max);
    let tables = |output_bits: u32| CalciumTables {
        decay: q31(libm::exp(-dt / a.tau_ip3)),
        rest: held(a.ip3_rest, ip3_bits),
        opened: over_ip3(&|ip3| cube(ip3 / (ip3 + a.kd_ip3_1))),
        rise: over_ip3(&|ip3| dt * a.k_ip3r * a.kd_inh * (ip3 + a.kd_ip3_1) / (ip3 + a.kd_ip3_2)),
        channel: over(&|ca| held(dt * a.rate_ip3r * cube(ca / (ca + a.kd_act)) * gradient(a, ca), bits)),
        balance: over(&|ca| {
            let pump = a.rate_serca * ca * ca / (a.km_serca * a.km_serca + ca * ca);
            held(dt * (a.rate_leak * gradient(a, ca) - pump), bits)
        }),
        fall: over(&|ca| q31(dt * a.k_ip3r * ca)),
        output: over(&|ca| held(output(ca), output_bits)),
    };
    let below = |c: i32| c.min(CONCENTRATION_LIMIT - 1);
    let initial = Calcium { ip3: 0, calcium: below(held(a.calcium_initial, bits)), h: q31(a.h_initial) };
    let output_bits = bits_below(most, WEIGHT_LIMIT, 24);
    (output_bits.map(|bits| (CalciumModel { initial, tables: tables(bits) }, bits)), ip3_bits)
}

/// ratio_er (Ca_er - Ca).
fn gradient(a: &CalciumAstrocyte, ca: f64) -> f64 {
    a.calcium_total - ca * (1.0 + a.ratio_er)
}

fn cube(x: f64) -> f64 {
    x * x * x
}

fn output(output: CalciumOutput, ca: f64) -> f64 {
    match output {
        CalciumOutput::Calcium => ca,
        CalciumOutput::SlowInwardCurrent { threshold } => libm::log(((ca - threshold) * 1000.0).max(1.0)),
    }
}

/// Fractional bits of a concentration that may reach `most`, uM.
fn concentration_bits(most: f64) -> u32 {
    let bits = bits_below(most * (1.0 - f64::EPSILON), CONCENTRATION_LIMIT, 40);
    bits.expect("concentrations should have been checked to be below 2^29")
}

/// The concentration at a node of a table.
fn node(bits: u32, k: usize) -> f64 {
    (k << (29 - SEGMENT_BITS)) as f64 / (1u64 << bits) as f64
}

fn table(bits: u32, f: impl Fn(f64) -> i32) -> Vec<i32> {
    (0..=SEGMENTS).map(|k| f(node(bits, k))).collect()
}
