//! The neurons that a neuron may be connected with, numbered without itself where that is forbidden.

/// The possible partners of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partners {
    size: u32,
    without_self: bool,
}

impl Partners {
    pub(super) const fn new(size: u32, without_self: bool) -> Self {
        Self { size, without_self }
    }

    /// How many there are for each row.
    pub(super) const fn count(self) -> u32 {
        self.size.saturating_sub(self.without_self as u32)
    }

    /// The neuron at `place` of the partners of `row`.
    #[inline(always)]
    pub(super) const fn neuron(self, row: u32, place: u32) -> u32 {
        place + (self.without_self && place >= row) as u32
    }
}
