// Changes of weights in a step: rows of sources with their event, columns of targets that spiked. A part: beside what
// `parts/changes` and `parts/plastic_rows` use, the kernel that imports it defines
//   fn weight(j: u32) -> i32            word j of the weights,
//   fn set_weight(j: u32, value: i32)   sets it.
//
// A row takes `pre` of each target, and `post` of its source where the target spiked in the same step, so that both meet in one sum. A column
// takes `post` of each source, which is 0 for sources with their event: so no two invocations write to one weight.
// Twin: limnos_spec::twin::device::stdp.
import package::parts::changes;
import package::parts::plastic_rows;

fn changed(rule: RuleEntry, high: bool, old: i32, a: i32, b: i32) -> i32 {
    let lower = select(rule.low, rule.low_high, high);
    let upper = select(rule.high, rule.high_high, high);
    if (rule.flags & MULTIPLICATIVE) != 0u {
        return multiplicative(old, a, b, lower, upper);
    }
    return additive(old, a, b, lower, upper);
}

// Changes every `stride`th synapse of the row of a source with its event, from the `local`th on.
fn change_plastic_row(p: PlasticPiece, rule: RuleEntry, row: u32, local: u32, stride: u32) {
    let source = p.source + row;
    let high = source >= rule.split;
    let triplet = (rule.flags & TRIPLET) != 0u;
    let gate = select(rule.gate, rule.gate_high, high);
    let post = event_change(change_entry(rule.post), source);
    let pre_at = change_entry(select(rule.pre, rule.pre_high, high)).at;
    var slow_source = 0i;
    var triplet_post = 0i;
    var triplet_pre_at = 0u;
    var slow_at = 0u;
    if triplet {
        slow_source = held(trace_entry(rule.source_trace).at + source);
        triplet_post = event_change(change_entry(rule.triplet_post), source);
        triplet_pre_at = change_entry(select(rule.triplet_pre, rule.triplet_pre_high, high)).at;
        slow_at = trace_entry(rule.target_trace).at;
    }
    let synapses = plastic_row(p, row);
    for (var j = synapses.x + local; j < synapses.y; j += stride) {
        let t = plastic_target(p, j);
        var a = held(pre_at + t);
        if triplet {
            a = with_triplet(a, held(triplet_pre_at + t), slow_source, rule.source_bits, rule.limit);
        }
        var b = 0i;
        if has_event(p.target_unit + t) && is_open(gate, t) {
            b = post;
            if triplet {
                b = with_triplet(b, triplet_post, held(slow_at + t), rule.target_bits, rule.limit);
            }
        }
        set_weight(p.weights + j, changed(rule, high, weight(p.weights + j), a, b));
    }
}

// Changes every `stride`th synapse of the column of a target that spiked, from the `local`th on.
fn change_plastic_column(p: PlasticPiece, rule: RuleEntry, t: u32, local: u32, stride: u32) {
    let triplet = (rule.flags & TRIPLET) != 0u;
    let open = is_open(rule.gate, t);
    let open_high = is_open(rule.gate_high, t);
    let post_at = change_entry(rule.post).at;
    var slow = 0i;
    var triplet_at = 0u;
    if triplet {
        slow = held(trace_entry(rule.target_trace).at + t);
        triplet_at = change_entry(rule.triplet_post).at;
    }
    let end = synapse_word(p.columns + t + 1u);
    for (var k = synapse_word(p.columns + t) + local; k < end; k += stride) {
        let source = synapse_word(p.entries + 2u * k);
        let high = source >= rule.split;
        var change = held(post_at + source);
        if triplet {
            change = with_triplet(change, held(triplet_at + source), slow, rule.target_bits, rule.limit);
        }
        // A change of 0 leaves the weight as it is; it may be one that a row changes at this moment.
        if change != 0i && select(open, open_high, high) {
            let j = p.weights + synapse_word(p.entries + 2u * k + 1u);
            set_weight(j, changed(rule, high, weight(j), change, 0i));
        }
    }
}

// Changes all that the event of a unit of a line changes: its rows as a source, its columns as a target.
fn change_unit(unit: u32, local: u32, stride: u32) {
    let pieces = pieces_of(unit);
    for (var k = pieces.x; k < pieces.y; k += 1u) {
        let p = plastic_piece(k);
        if p.rule == NO_RULE {
            continue;
        }
        let row = unit - p.line_unit - p.source;
        let target_unit = unit - p.target_unit;
        if row < p.sources {
            change_plastic_row(p, rule_entry(p.rule), row, local, stride);
        }
        if target_unit < p.target_count {
            change_plastic_column(p, rule_entry(p.rule), target_unit, local, stride);
        }
    }
}
