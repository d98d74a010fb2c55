// What plastic and filtered projections deliver. A part: beside what `parts/learner` and `parts/plastic_rows` use, the kernel that imports it
// defines
//   fn weight(j: u32) -> i32                         word j of the weights,
//   fn receive(cell: u32, delay: u32, amount: i32)   adds to the input of a cell, so many steps from now.
// Twin: limnos_spec::twin::device::learn_deliver.
import package::parts::learner;
import package::parts::plastic_rows;

fn plastic_delay(p: PlasticPiece, j: u32) -> u32 {
    if (p.flags & PIECE_DELAYS) == 0u {
        return p.delay;
    }
    return (synapse_word(p.delays + (j >> 2u)) >> ((j & 3u) * 8u)) & 0xffu;
}

// Delivers every `stride`th synapse of a row from the `local`th on.
fn deliver_plastic_row(p: PlasticPiece, row: u32, local: u32, stride: u32) {
    let graded_row = (p.flags & PIECE_FILTERED) != 0u;
    var x = 0i;
    if graded_row {
        let unit = p.source + row;
        x = filter_value(filter_entry(p.group - learning.lines), unit, has_event(p.line_unit + unit));
    }
    let synapses = plastic_row(p, row);
    for (var j = synapses.x + local; j < synapses.y; j += stride) {
        let w = weight(p.weights + j);
        var amount: i32;
        if graded_row {
            amount = graded(w, x, p.shift);
        } else {
            amount = delivered(w, p.shift);
        }
        receive(p.target_cell + plastic_target(p, j), plastic_delay(p, j), amount);
    }
}

// Delivers the pieces of a unit that has its event, or of a filter that is not 0: those that are known early, or late.
fn deliver_unit(unit: u32, late: bool, local: u32, stride: u32) {
    let pieces = pieces_of(unit);
    for (var k = pieces.x; k < pieces.y; k += 1u) {
        let p = plastic_piece(k);
        let row = unit - p.group_unit - p.source;
        if row < p.sources && is_late(line_entry(p.line)) == late {
            deliver_plastic_row(p, row, local, stride);
        }
    }
}
