// Rows of synapses by source. A part: it uses the binding `geometry` of the kernel that imports it, and of that kernel
// the functions `row_word(at)`, `target_word(at)`, `value_word(at)`, which read its tables, and `gather(at, amount)`,
// which adds to the ring `[slot][receptor][cell]`.
// Twin: limnos_spec::twin::device::deliver.
import package::common::layout;

// The cell that synapse j of a piece leads to. Two targets a word, or one where the piece is wide.
fn target_of(p: Piece, j: u32) -> u32 {
    if (p.flags & WIDE_TARGETS) != 0u {
        return p.first_target + target_word(p.targets + j);
    }
    return p.first_target + ((target_word(p.targets + (j >> 1u)) >> ((j & 1u) * 16u)) & 0xffffu);
}

// Its weight: two mantissas of 16 bits a word, or the weight of all.
fn weight_of(p: Piece, j: u32) -> i32 {
    if (p.flags & WEIGHT_TABLE) == 0u {
        return p.weight;
    }
    let pair = bitcast<i32>(value_word(p.weights + (j >> 1u)));
    return ((pair << ((1u - (j & 1u)) * 16u)) >> 16u) << p.shift;
}

// Its delay: four a word, or the delay of all.
fn delay_of(p: Piece, j: u32) -> u32 {
    if (p.flags & DELAY_TABLE) == 0u {
        return p.delay;
    }
    return (value_word(p.delays + (j >> 2u)) >> ((j & 3u) * 8u)) & 0xffu;
}

// Adds every `stride`-th synapse of a row from `first` on to the ring, whose slot of this step is `due`.
fn deliver_row(p: Piece, row: u32, due: u32, first: u32, stride: u32) {
    let end = row_word(p.rows + row + 1u);
    for (var j = row_word(p.rows + row) + first; j < end; j += stride) {
        let weight = weight_of(p, j);
        // No delay is longer than the ring.
        let ahead = due + delay_of(p, j);
        let slot = ahead - select(0u, geometry.ring_slots, ahead >= geometry.ring_slots);
        let receptor = select(0u, 1u, weight < 0i && geometry.receptors == 2u);
        gather((slot * geometry.receptors + receptor) * geometry.cells + target_of(p, j), weight);
    }
}
