//! The end of a step of a batch: the twin of `kernels/tick.wgsl`.

use super::layout::Clock;

/// Moves the clock on.
pub const fn tick(clock: &mut Clock) {
    clock.step += 1;
}
