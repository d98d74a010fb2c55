// Steps astrocytes on what they watched in the step just ended, records their outputs, and decays rates. One workgroup: one astrocyte; its
// invocations share the words of spikes; those of the first also take the rates.
// Ivanov, Michmizos: "Increasing liquid state machine performance with edge-of-chaos dynamics organized by astrocyte-modulated plasticity" (2021).
// Twin: limnos_spec::twin::device::astrocyte_step.
import package::common::layout;
import package::parts::astrocyte;

override WG: u32 = 64u;

@group(0) @binding(0) var<uniform> learning: Learning;
// Already moved on: the step is the one before.
@group(0) @binding(1) var<storage, read> clock: Clock;
@group(0) @binding(2) var<storage, read> plastic_tables: array<u32>;
// 32 cells a word; 32 channels a word.
@group(0) @binding(3) var<storage, read> spikes: array<u32>;
@group(0) @binding(4) var<storage, read> channel_spikes: array<u32>;
@group(0) @binding(5) var<storage, read_write> learner: array<i32>;
// [step][astrocyte]
@group(0) @binding(6) var<storage, read_write> course: array<i32>;

var<workgroup> watched: atomic<i32>;

fn held(i: u32) -> i32 {
    return learner[i];
}

fn hold(i: u32, value: i32) {
    learner[i] = value;
}

fn spike_word(i: u32) -> u32 {
    return spikes[i];
}

fn channel_word(i: u32) -> u32 {
    return channel_spikes[i];
}

@compute @workgroup_size(WG)
fn astrocyte_step(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let astrocyte = group_index(group, groups);
    if astrocyte == 0u {
        for (var k = local; k < learning.rates; k += WG) {
            end_rate(k);
        }
    }
    if astrocyte < learning.astrocytes {
        atomicAdd(&watched, watched_part(astrocyte_entry(astrocyte), local, WG));
    }
    workgroupBarrier();
    if local == 0u && astrocyte < learning.astrocytes {
        let output = end_astrocyte(astrocyte_entry(astrocyte), atomicLoad(&watched));
        let recorded = clock.step - 1u - clock.origin;
        if recorded < learning.course {
            course[recorded * learning.astrocytes + astrocyte] = output;
        }
    }
}
