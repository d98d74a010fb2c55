//! Delivery of spikes to accumulators: the twin of `kernels/deliver.wgsl`.

/// Adds one weight to each target of a row. `accumulators` are those of one slot and receptor.
#[inline(always)]
pub fn same_weight(accumulators: &mut [i32], targets: &[u16], weight: i32) {
    for &target in targets {
        let sum = &mut accumulators[usize::from(target)];
        *sum = sum.wrapping_add(weight);
    }
}

/// Adds each synapse's weight `mantissa << shift` to its target, inhibitory weights to the second half of `accumulators` if there
/// are two receptors.
#[inline(always)]
pub fn each_weight(accumulators: &mut [i32], inhibitory: usize, targets: &[u16], mantissas: &[i16], shift: u32) {
    for (&target, &mantissa) in targets.iter().zip(mantissas) {
        let weight = i32::from(mantissa) << shift;
        let sum = &mut accumulators[usize::from(target) + if weight < 0 { inhibitory } else { 0 }];
        *sum = sum.wrapping_add(weight);
    }
}

/// The slot of the delay ring in which input of step `step + delay` gathers.
#[inline(always)]
#[must_use]
pub const fn slot(step: u32, delay: u32, slots: u32) -> u32 {
    (step % slots + delay) % slots
}
