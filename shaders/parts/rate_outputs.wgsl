// The outputs y = W features + b of one sample by a whole workgroup. A part: it uses the binding `shape`, the binding `readout` ([member][output][features,
// then b]) and the overrides WG and TEAM of the kernel that imports it, which defines
//   fn put_output(output: u32, k: u32, lane: u32, value: f32).
// TEAM invocations add the products of one output, each every TEAM-th, then in pairs. Twin: limnos_spec::twin::device::rate.
import package::common::rate;
import package::parts::rate_features;

var<workgroup> products: array<f32, WG>;

// Every invocation calls it, and all of them have read the features when it returns.
fn read_out(first: u32, end: u32, k: u32, lane: u32, local: u32) {
    let member = lane / shape.per_member;
    let own = local % TEAM;
    for (var block = first; block < end; block += WG / TEAM) {
        let output = block + local / TEAM;
        var sum = 0f;
        if output < end {
            let row = (member * shape.outputs + output) * (shape.features + 1u);
            for (var i = own; i < shape.features; i += TEAM) {
                sum = fma(readout[row + i], feature(i, k, lane), sum);
            }
            if own == 0u {
                sum += readout[row + shape.features];
            }
        }
        products[local] = sum;
        workgroupBarrier();
        for (var half = TEAM / 2u; half > 0u; half /= 2u) {
            if own < half {
                products[local] += products[local + half];
            }
            workgroupBarrier();
        }
        if own == 0u && output < end {
            put_output(output, k, lane, products[local]);
        }
    }
}
