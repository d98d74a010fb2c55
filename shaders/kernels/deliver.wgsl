// Adds the weights of the rows of all spiking sources to the ring of delay slots, for one shard of the synapses.
// One workgroup: one spike; its invocations share the synapses of the row. Integer sums do not care about order.
// Twin: limnos_spec::twin::device::deliver.
import package::common::layout;
import package::parts::synapses;

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

fn row_word(at: u32) -> u32 {
    return rows[at];
}

fn target_word(at: u32) -> u32 {
    return targets[at];
}

fn value_word(at: u32) -> u32 {
    return values[at];
}

fn gather(at: u32, amount: i32) {
    atomicAdd(&ring[at], amount);
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
            deliver_row(pieces[k], row, stage.now % geometry.ring_slots, local, WG);
        }
    }
}
