// Pieces of plastic and filtered projections, their rows and targets. A part: it uses `learning` (uniform) of the kernel that imports it, which
// defines
//   fn synapse_word(i: u32) -> u32   a word of the shard: for each block of 64 units the first and the end of the pieces that may hold it,
//                                    then pieces, then their tables.
// Twin: limnos_spec::twin::device::plastic_shard.
import package::common::learning;

// The first and the end of the pieces that a unit of the unit space may be in, as source, filter or target.
fn pieces_of(unit: u32) -> vec2<u32> {
    let block = 2u * (unit / 64u);
    return vec2<u32>(synapse_word(block), synapse_word(block + 1u));
}

fn plastic_piece(k: u32) -> PlasticPiece {
    let at = 2u * (learning.units / 64u) + k * PIECE_WORDS;
    return PlasticPiece(
        synapse_word(at), synapse_word(at + 1u), synapse_word(at + 2u), synapse_word(at + 3u),
        synapse_word(at + 4u), synapse_word(at + 5u), synapse_word(at + 6u), synapse_word(at + 7u),
        synapse_word(at + 8u), synapse_word(at + 9u), synapse_word(at + 10u), synapse_word(at + 11u),
        synapse_word(at + 12u), synapse_word(at + 13u), synapse_word(at + 14u), synapse_word(at + 15u),
        synapse_word(at + 16u), synapse_word(at + 17u), synapse_word(at + 18u), synapse_word(at + 19u),
    );
}

// The synapses of a row, counted within the piece: the first and the end.
fn plastic_row(p: PlasticPiece, row: u32) -> vec2<u32> {
    return vec2<u32>(synapse_word(p.rows + row), synapse_word(p.rows + row + 1u));
}

// The target of a synapse of the piece, counted within its population.
fn plastic_target(p: PlasticPiece, j: u32) -> u32 {
    if (p.flags & PIECE_WIDE) != 0u {
        return synapse_word(p.targets + j);
    }
    return (synapse_word(p.targets + (j >> 1u)) >> ((j & 1u) * 16u)) & 0xffffu;
}
