//! Delivery of plastic and filtered projections of one shard: the twin of `kernels/learn_deliver.wgsl`.

use super::layout::{Geometry, Stage};
use super::learning::{PIECE_FILTERED, PlasticPiece, Tables, is_late};
use super::plastic_shard::{Shard, row_of};
use crate::twin::deliver::slot;
use crate::twin::stdp::{delivered, graded};

/// Adds what the units of a stage deliver to the ring `[slot][receptor][cell]`: what is known only once neurons have spiked (`late`), or what
/// was known before.
pub fn learn_deliver(
    late: bool,
    geometry: &Geometry,
    stage: &Stage,
    list: &[u32],
    (tables, shard): (&Tables<'_>, &Shard<'_>),
    (weights, learner): (&[i32], &[i32]),
    ring: &mut [i32],
) {
    let (cells, receptors) = (geometry.cells as usize, geometry.receptors as usize);
    for &unit in &list[1..=stage.count as usize] {
        for p in shard.pieces_of(unit as usize) {
            let Some(row) = row_of(&p, unit as usize, p.group_unit) else { continue };
            if is_late(&tables.line(p.line as usize)) != late {
                continue;
            }
            let x = value(tables, learner, &p, row);
            for j in shard.row(&p, row) {
                let weight = weights[p.weights as usize + j];
                let amount = x.map_or(delivered(weight, p.shift), |x| graded(weight, x, p.shift));
                let slot = slot(stage.now, shard.delay(&p, j), geometry.ring_slots) as usize;
                let receptor = usize::from(amount < 0 && receptors == 2);
                let at = (slot * receptors + receptor) * cells + p.target_cell as usize + shard.target(&p, j);
                ring[at] = ring[at].wrapping_add(amount);
            }
        }
    }
}

/// The value of a row's filter; `None` without one.
fn value(tables: &Tables<'_>, learner: &[i32], p: &PlasticPiece, row: usize) -> Option<i32> {
    if p.flags & PIECE_FILTERED == 0 {
        return None;
    }
    let filter = tables.filter((p.group - tables.learning.lines) as usize);
    let unit = p.source as usize + row;
    let fired = tables.has_event(learner, p.line_unit as usize + unit);
    Some(tables.filter_value(learner, &filter, unit, fired))
}
