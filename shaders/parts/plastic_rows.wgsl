// Pieces of plastic and filtered projections, their rows and targets. A part: it uses `learning` (uniform) and `plastic_synapses` (words, read
// only: for each block of 64 units the first and the end of the pieces that may hold it, then pieces, then their tables) of the kernel
// that imports it. Twin: limnos_spec::twin::device::plastic_shard.
import package::common::learning;

// The first and the end of the pieces that a unit of the unit space may be in, as source, filter or target.
fn pieces_of(unit: u32) -> vec2<u32> {
    let block = 2u * (unit / 64u);
    return vec2<u32>(plastic_synapses[block], plastic_synapses[block + 1u]);
}

fn plastic_piece(k: u32) -> PlasticPiece {
    let at = 2u * (learning.units / 64u) + k * PIECE_WORDS;
    return PlasticPiece(
        plastic_synapses[at], plastic_synapses[at + 1u], plastic_synapses[at + 2u], plastic_synapses[at + 3u],
        plastic_synapses[at + 4u], plastic_synapses[at + 5u], plastic_synapses[at + 6u], plastic_synapses[at + 7u],
        plastic_synapses[at + 8u], plastic_synapses[at + 9u], plastic_synapses[at + 10u], plastic_synapses[at + 11u],
        plastic_synapses[at + 12u], plastic_synapses[at + 13u], plastic_synapses[at + 14u], plastic_synapses[at + 15u],
        plastic_synapses[at + 16u], plastic_synapses[at + 17u], plastic_synapses[at + 18u], plastic_synapses[at + 19u],
    );
}

// The synapses of a row, counted within the piece: the first and the end.
fn plastic_row(p: PlasticPiece, row: u32) -> vec2<u32> {
    return vec2<u32>(plastic_synapses[p.rows + row], plastic_synapses[p.rows + row + 1u]);
}

// The target of a synapse of the piece, counted within its population.
fn plastic_target(p: PlasticPiece, j: u32) -> u32 {
    if (p.flags & PIECE_WIDE) != 0u {
        return plastic_synapses[p.targets + j];
    }
    return (plastic_synapses[p.targets + (j >> 1u)] >> ((j & 1u) * 16u)) & 0xffffu;
}
