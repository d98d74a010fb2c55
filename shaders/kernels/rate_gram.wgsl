// Adds the products of all pairs of columns [features | targets] over the rows (a step of a sample each) of a piece of a run. One workgroup: 32 by 32
// products of a member's samples, of which an invocation has 4 by 4; those below the diagonal are left out. Sums of 16 rows are added up, so that the error
// grows with a sixteenth of the rows. Twin: limnos_spec::twin::device::rate_gram.
import package::common::rate;
import package::parts::rate_features;

const TILE: u32 = 32u;
const DEPTH: u32 = 16u;
const WIDE: u32 = 4u;

@group(0) @binding(0) var<uniform> shape: RateShape;
@group(0) @binding(1) var<uniform> rows: RateRows;
// Keys of members, first units of layers, lengths of samples.
@group(0) @binding(2) var<storage, read> table: array<u32>;
// Inputs by step.
@group(0) @binding(3) var<storage, read> drive: array<f32>;
// States by step.
@group(0) @binding(4) var<storage, read> record: array<f32>;
// Targets by step.
@group(0) @binding(5) var<storage, read> targets: array<f32>;
// [member][column][column], of the upper triangle.
@group(0) @binding(6) var<storage, read_write> gram: array<f32>;

// [row][column]
var<workgroup> left: array<f32, 512>;
var<workgroup> right: array<f32, 512>;

fn input_of(channel: u32, k: u32, lane: u32) -> f32 {
    return drive[place(shape.interleaved, shape.samples, k, shape.inputs, channel, lane)];
}

fn state_of(index: u32, k: u32, lane: u32) -> f32 {
    return record[place(shape.interleaved, shape.samples, k, shape.units, index, lane)];
}

// A column in row `row` of the piece; 0 beyond the end of the sample.
fn value(column: u32, row: u32, member: u32) -> f32 {
    let k = rows.first + row / shape.per_member;
    let lane = member * shape.per_member + row % shape.per_member;
    if k >= rows.end || column >= rows.columns || rows.row + k >= table[shape.lengths_at + lane] {
        return 0f;
    }
    if column < shape.features {
        return feature(column, k, lane);
    }
    return targets[place(shape.interleaved, shape.samples, k, rows.targets, column - shape.features, lane)];
}

@compute @workgroup_size(64)
fn rate_gram(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if tile.x < tile.y {
        return;
    }
    let down = local / 8u;
    let along = local % 8u;
    var total = array<vec4<f32>, 4>();
    let count = (rows.end - rows.first) * shape.per_member;
    for (var row = 0u; row < count; row += DEPTH) {
        for (var k = 0u; k < DEPTH; k += 2u) {
            let from_row = row + k + local / TILE;
            let at = (k + local / TILE) * TILE + local % TILE;
            left[at] = value(tile.y * TILE + local % TILE, from_row, tile.z);
            right[at] = value(tile.x * TILE + local % TILE, from_row, tile.z);
        }
        workgroupBarrier();
        var part = array<vec4<f32>, 4>();
        for (var k = 0u; k < DEPTH; k += 1u) {
            let a = k * TILE + WIDE * down;
            let b = k * TILE + WIDE * along;
            let other = vec4<f32>(right[b], right[b + 1u], right[b + 2u], right[b + 3u]);
            part[0] = fma(vec4<f32>(left[a]), other, part[0]);
            part[1] = fma(vec4<f32>(left[a + 1u]), other, part[1]);
            part[2] = fma(vec4<f32>(left[a + 2u]), other, part[2]);
            part[3] = fma(vec4<f32>(left[a + 3u]), other, part[3]);
        }
        total[0] += part[0];
        total[1] += part[1];
        total[2] += part[2];
        total[3] += part[3];
        workgroupBarrier();
    }
    for (var i = 0u; i < WIDE; i += 1u) {
        for (var j = 0u; j < WIDE; j += 1u) {
            let first = tile.y * TILE + WIDE * down + i;
            let second = tile.x * TILE + WIDE * along + j;
            if first <= second && second < rows.columns {
                gram[(tile.z * rows.columns + first) * rows.columns + second] += total[i][j];
            }
        }
    }
}
