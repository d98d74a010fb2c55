//! Indirect arguments of a delivery: the twin of `kernels/prepare.wgsl`.

use super::layout::{Clock, MAX_GROUPS, Stage};

/// Turns the number of spikes into arguments, empties the list unless it is to `keep` it and, with `tick`, ends the step.
pub const fn prepare(tick: bool, keep: bool, clock: &mut Clock, list: &mut [u32], stage: &mut Stage) {
    let count = list[0];
    if !keep {
        list[0] = 0;
    }
    stage.x = if count < MAX_GROUPS { count } else { MAX_GROUPS };
    stage.y = count.div_ceil(MAX_GROUPS);
    stage.z = 1;
    stage.count = count;
    stage.now = clock.step;
    if tick {
        clock.step += 1;
    }
}
