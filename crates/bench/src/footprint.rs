//! Memory of synapses, from a device's plan.

use limnos_engine::Plan;

/// How a plan's buffers that hold synapses begin: those of the CPU device (with the index by target and the weights of plastic ones), of a GPU by
/// source, by target, and of plastic ones.
const SYNAPSES: [&str; 10] = [
    "synapses of ",
    "columns of ",
    "pieces ",
    "rows ",
    "targets ",
    "values ",
    "incoming",
    "weights",
    "plastic_synapses",
    "plastic_weights",
];

/// Bytes that the synapses of a planned network take, row starts and weights included.
pub fn synapse_bytes(plan: &Plan) -> u64 {
    let holds_synapses = |name: &str| SYNAPSES.iter().any(|prefix| name.starts_with(prefix));
    plan.memory().iter().filter(|(name, _)| holds_synapses(name)).map(|(_, bytes)| bytes).sum()
}
