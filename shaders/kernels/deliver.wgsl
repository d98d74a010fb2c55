// Adds the weights of the rows of all spiking sources to the ring of delay slots, for one shard of the synapses.
// One workgroup: one spike; its invocations share the synapses of the row. Integer sums do not care about order.
// Twin: limnos_spec::twin::device::deliver.
import package::common::layout;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> geometry: Geometry;
@group(0) @binding(1) var<storage, read> stage: Stage;
// Number of spikes (emptied already: the stage has it), then sources.
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read> pieces: array<Piece>;
// For each block of 64 sources the first and the end of the pieces that may hold it; then the row starts of all pieces.
@group(0) @binding(4) var<storage, read> rows: array<u32>;
// Two targets a word, or one where the piece is wide.
@group(0) @binding(5) var<storage, read> targets: array<u32>;
// Two mantissas of 16 bits a word; four delays a word. Both share a table: a piece knows where its own start.
@group(0) @binding(6) var<storage, read> values: array<u32>;
@group(0) @binding(7) var<storage, read_write> ring: array<atomic<i32>>;

fn target_of(p: Piece, j: u32) -> u32 {
    if (p.flags & WIDE_TARGETS) != 0u {
        return p.first_target + targets[p.targets + j];
    }
    return p.first_target + ((targets[p.targets + (j >> 1u)] >> ((j & 1u) * 16u)) & 0xffffu);
}

fn weight_of(p: Piece, j: u32) -> i32 {
    if (p.flags & WEIGHT_TABLE) == 0u {
        return p.weight;
    }
    let pair = bitcast<i32>(values[p.weights + (j >> 1u)]);
    return ((pair << ((1u - (j & 1u)) * 16u)) >> 16u) << p.shift;
}

fn delay_of(p: Piece, j: u32) -> u32 {
    if (p.flags & DELAY_TABLE) == 0u {
        return p.delay;
    }
    return (values[p.delays + (j >> 2u)] >> ((j & 3u) * 8u)) & 0xffu;
}

fn deliver_row(p: Piece, row: u32, local: u32) {
    let due = stage.now % geometry.ring_slots;
    let end = rows[p.rows + row + 1u];
    for (var j = rows[p.rows + row] + local; j < end; j += WG) {
        let weight = weight_of(p, j);
        let slot = (due + delay_of(p, j)) % geometry.ring_slots;
        let receptor = select(0u, 1u, weight < 0i && geometry.receptors == 2u);
        atomicAdd(&ring[(slot * geometry.receptors + receptor) * geometry.cells + target_of(p, j)], weight);
    }
}

@compute @workgroup_size(WG)
fn deliver(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let spike = group.y * MAX_GROUPS + group.x;
    if spike >= stage.count {
        return;
    }
    let source = list[1u + spike];
    let block = 2u * (source / ALIGN);
    for (var k = rows[block]; k < rows[block + 1u]; k += 1u) {
        let row = source - pieces[k].first_source;
        if row < pieces[k].sources {
            deliver_row(pieces[k], row, local);
        }
    }
}
