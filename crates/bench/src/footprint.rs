//! Memory of synapses, from a device's plan.

use limnos_engine::Plan;

/// How a plan's buffers that hold synapses begin: those of the CPU device, of a GPU by source, and of a GPU by target.
const SYNAPSES: [&str; 7] = ["synapses of ", "pieces ", "rows ", "targets ", "values ", "incoming", "weights"];

/// Bytes that the synapses of a planned network take, row starts and weights included.
pub fn synapse_bytes(plan: &Plan) -> u64 {
    let holds_synapses = |name: &str| SYNAPSES.iter().any(|prefix| name.starts_with(prefix));
    plan.memory().iter().filter(|(name, _)| holds_synapses(name)).map(|(_, bytes)| bytes).sum()
}
