// Entries of the tables that a network learns with. A part: it uses `learning` (uniform) and `plastic_tables` (words, read only) of the
// kernel that imports it. Twin: limnos_spec::twin::device::learning.
import package::common::learning;

fn table_word(i: u32) -> u32 {
    return plastic_tables[i];
}

fn table_int(i: u32) -> i32 {
    return bitcast<i32>(plastic_tables[i]);
}

// The group of a unit: a line, or a filter behind the lines.
fn group_of(unit: u32) -> u32 {
    return table_word(learning.blocks + unit / 64u);
}

fn line_entry(i: u32) -> LineEntry {
    let at = learning.line_table + i * LINE_WORDS;
    return LineEntry(
        table_word(at), table_word(at + 1u), table_word(at + 2u),
        table_word(at + 3u), table_word(at + 4u), table_word(at + 5u),
    );
}

// Whether the events of a line are known only once neurons have spiked.
fn is_late(line: LineEntry) -> bool {
    return line.delay == 0u && (line.flags & FROM_INPUT) == 0u;
}

fn filter_entry(i: u32) -> FilterEntry {
    let at = learning.filter_table + i * FILTER_WORDS;
    return FilterEntry(
        table_word(at), table_int(at + 1u), table_int(at + 2u), table_word(at + 3u), table_word(at + 4u),
    );
}

fn trace_entry(i: u32) -> TraceEntry {
    let at = learning.trace_table + i * TRACE_WORDS;
    return TraceEntry(
        table_word(at), table_int(at + 1u), table_int(at + 2u), table_word(at + 3u), table_word(at + 4u),
    );
}

fn change_entry(i: u32) -> ChangeEntry {
    let at = learning.change_table + i * CHANGE_WORDS;
    return ChangeEntry(
        table_word(at), table_word(at + 1u), table_word(at + 2u), table_word(at + 3u), table_word(at + 4u),
        table_word(at + 5u), table_word(at + 6u), table_word(at + 7u), table_int(at + 8u), table_word(at + 9u),
        table_word(at + 10u), table_word(at + 11u), table_int(at + 12u), table_word(at + 13u),
    );
}

fn rate_entry(i: u32) -> RateEntry {
    let at = learning.rate_table + i * RATE_WORDS;
    return RateEntry(table_word(at), table_int(at + 1u));
}

fn gate_entry(i: u32) -> GateEntry {
    let at = learning.gate_table + i * GATE_WORDS;
    return GateEntry(table_word(at), table_int(at + 1u), table_int(at + 2u));
}

fn rule_entry(i: u32) -> RuleEntry {
    let at = learning.rule_table + i * RULE_WORDS;
    return RuleEntry(
        table_word(at), table_word(at + 1u), table_word(at + 2u), table_word(at + 3u), table_word(at + 4u),
        table_int(at + 5u), table_int(at + 6u), table_int(at + 7u), table_int(at + 8u), table_word(at + 9u),
        table_word(at + 10u), table_word(at + 11u), table_word(at + 12u), table_word(at + 13u), table_word(at + 14u),
        table_word(at + 15u), table_word(at + 16u), table_word(at + 17u), table_int(at + 18u),
    );
}

fn astrocyte_entry(i: u32) -> AstrocyteEntry {
    let at = learning.astrocyte_table + i * ASTROCYTE_WORDS;
    return AstrocyteEntry(
        table_word(at), table_int(at + 1u), table_int(at + 2u), table_word(at + 3u), table_word(at + 4u),
        table_word(at + 5u), table_int(at + 6u), table_int(at + 7u),
    );
}

fn watch_entry(i: u32) -> WatchEntry {
    let at = learning.watch_table + i * WATCH_WORDS;
    return WatchEntry(table_word(at), table_word(at + 1u), table_word(at + 2u), table_word(at + 3u));
}
