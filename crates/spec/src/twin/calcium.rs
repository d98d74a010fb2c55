//! One step of an astrocyte with calcium dynamics.
//!
//! Forward Euler on integers. What is not linear in the equations depends on one variable alone each, so it is a table made on the host, and a
//! value between two nodes is linear between them.

use crate::fixed::{mul_q31, trunc_decay};

/// Segments of a table; it has one node more.
pub const SEGMENTS: usize = 1 << SEGMENT_BITS;

/// Log2 of the segments of a table.
pub const SEGMENT_BITS: u32 = 12;

/// Every concentration is smaller than this: its table's first 12 bits choose a segment.
pub const CONCENTRATION_LIMIT: i32 = 1 << 29;

/// Bits of a concentration below those that choose a segment.
const WITHIN: u32 = 29 - SEGMENT_BITS;

/// The state of an astrocyte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calcium {
    /// IP3 less its value at rest.
    pub ip3: i32,
    /// Calcium in the cytosol.
    pub calcium: i32,
    /// Fraction of channels that calcium has not closed, Q0.31.
    pub h: i32,
}

/// The equations, as tables over concentrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalciumTables {
    /// Decay of IP3 to its value at rest, Q0.31.
    pub decay: i32,
    /// IP3 at rest.
    pub rest: i32,
    /// Over IP3, Q0.31: the cube of the fraction of channels that IP3 opens; the rate of h's rise.
    pub opened: Vec<i32>,
    /// Over IP3, Q0.31.
    pub rise: Vec<i32>,
    /// Over calcium: what goes through open channels in a step; what leaks in, less what is pumped out; the rate of h's fall (Q0.31); the output.
    pub channel: Vec<i32>,
    /// Over calcium.
    pub balance: Vec<i32>,
    /// Over calcium, Q0.31.
    pub fall: Vec<i32>,
    /// Over calcium, at the binary point of the output.
    pub output: Vec<i32>,
}

/// A table at a concentration.
#[inline]
#[must_use]
pub fn at(table: &[i32], concentration: i32) -> i32 {
    let k = (concentration >> WITHIN) as usize;
    let within = (concentration & ((1 << WITHIN) - 1)) << (31 - WITHIN);
    table[k] + mul_q31(table[k + 1] - table[k], within)
}

/// The state after a step in which the watched spikes add `watched` to IP3, and its output.
#[must_use]
pub fn step(s: Calcium, t: &CalciumTables, watched: i32) -> (Calcium, i32) {
    let ip3 = (t.rest + s.ip3).clamp(0, CONCENTRATION_LIMIT - 1);
    let cubed = mul_q31(mul_q31(s.h, s.h), s.h);
    let channel = mul_q31(mul_q31(at(&t.channel, s.calcium), at(&t.opened, ip3)), cubed);
    let (rise, fall) = (at(&t.rise, ip3), at(&t.fall, s.calcium));
    // Half of every range is free, so no sum wraps.
    let calcium = (s.calcium + channel + at(&t.balance, s.calcium)).clamp(0, CONCENTRATION_LIMIT - 1);
    let h = s.h + rise - mul_q31(rise, s.h) - mul_q31(fall, s.h);
    let ip3 = (trunc_decay(s.ip3, t.decay) + watched).clamp(-t.rest, CONCENTRATION_LIMIT - 1 - t.rest);
    (Calcium { ip3, calcium, h }, at(&t.output, calcium))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_linear_between_nodes() {
        let table: Vec<i32> = (0..=SEGMENTS as i32).map(|k| k * k).collect();
        let node = |k: i32| k << WITHIN;
        assert_eq!([at(&table, 0), at(&table, node(7)), at(&table, node(4095))], [0, 49, 4095 * 4095]);
        assert_eq!(at(&table, node(10) + (1 << (WITHIN - 1))), 111, "110.5, rounded up");
        assert_eq!(at(&table, CONCENTRATION_LIMIT - 1), 4096 * 4096, "the last node is never passed");
    }

    #[test]
    fn concentrations_stay_in_their_range() {
        let all = |v: i32| vec![v; SEGMENTS + 1];
        let tables = |balance: i32| CalciumTables {
            decay: 0,
            rest: 1000,
            opened: all(0),
            rise: all(0),
            channel: all(0),
            balance: all(balance),
            fall: all(1 << 30),
            output: (0..=SEGMENTS as i32).collect(),
        };
        let start = Calcium { ip3: 5, calcium: CONCENTRATION_LIMIT / 2, h: 1 << 30 };
        let (down, out) = step(start, &tables(-CONCENTRATION_LIMIT), -5000);
        assert_eq!((down, out), (Calcium { ip3: -1000, calcium: 0, h: 1 << 29 }, 0));
        let (up, out) = step(start, &tables(CONCENTRATION_LIMIT), CONCENTRATION_LIMIT);
        assert_eq!((up.ip3, up.calcium, out), (CONCENTRATION_LIMIT - 1001, CONCENTRATION_LIMIT - 1, 4096));
    }
}
