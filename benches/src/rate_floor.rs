//! The least time that the bytes and operations of a rate reservoir's run need on this processor.

use limnos_bench::workload::{W4, W4Outcome};

use crate::floor::Floor;
use crate::machine;

/// Operations of an entry: a product and a sum.
const ENTRY: f64 = 2.0;
/// Operations of a unit: gain, bias, leak and keep, and a hyperbolic tangent by an exponential series (19) and a division (counted as 4).
const UNIT: f64 = 5.0 + 19.0 + 4.0;
/// Bytes of constants of a unit, and its state once read and once written.
const UNIT_BYTES: f64 = 4.0 * 4.0 + 2.0 * 4.0;
/// Bytes of an entry's weight, and of its column in 16 bits, or in 32 where there are more units than those tell apart.
const WEIGHT_BYTES: f64 = 4.0;

/// The time for a run in f32 with so many threads; deliveries stand for states gathered by an index. Takes about a second, to measure the machine.
#[must_use]
pub fn floor(workload: &W4, outcome: &W4Outcome, threads: usize) -> Floor {
    let (units, steps) = (workload.n as f64, workload.steps as f64);
    let column_bytes = if workload.n < 1 << 16 { 2.0 } else { 4.0 };
    let table = outcome.recurrent as f64 * (WEIGHT_BYTES + column_bytes) + units * (UNIT_BYTES + WEIGHT_BYTES);
    let table_s = steps * table / machine::bandwidth(table as usize, threads);
    let kept = if workload.keep_states { 4.0 * units * steps } else { 0.0 };
    let kept_s = kept / machine::bandwidth((kept as usize).clamp(1 << 16, 1 << 28), threads);
    let entries = (outcome.recurrent + outcome.input) as f64;
    let operations_s = steps * (entries * ENTRY + units * UNIT) / machine::operations(threads);
    let gathers_s = steps * outcome.recurrent as f64 / machine::gathers(workload.n, threads);
    Floor::new(table_s + kept_s, operations_s, gathers_s, 0.0, (steps * table + kept) / (table_s + kept_s))
}
