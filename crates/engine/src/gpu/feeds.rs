//! Feeds of all inputs (or all populations) in one buffer, rewritten where their sizes change.

use std::sync::Arc;

use bytemuck::Pod;

use super::buffers::Buffers;
use super::plan::{BufferPlan, Limits};
use crate::EngineError;

/// What each member is fed, one after another in a buffer.
#[derive(Debug)]
pub(super) struct Feeds<T> {
    buffer: &'static str,
    members: Vec<Option<Arc<[T]>>>,
    capacity: u64,
}

impl<T: Pod> Feeds<T> {
    /// No feed for any of `members`.
    pub(super) fn new(buffer: &'static str, members: usize) -> Self {
        Self { buffer, members: vec![None; members], capacity: 0 }
    }

    /// Feeds a member. True if the buffer is another one now, so that it must be bound again.
    pub(super) fn set(
        &mut self,
        buffers: &mut Buffers,
        limits: &Limits,
        member: usize,
        words: Option<Arc<[T]>>,
    ) -> Result<bool, EngineError> {
        let length = |words: &Option<Arc<[T]>>| words.as_ref().map_or(0, |words| words.len());
        let (before, after) = (length(&self.members[member]), length(&words));
        let total = (self.words() - before + after) as u64;
        let plan = BufferPlan::words(self.buffer, total);
        limits.check(&plan)?;
        let grows = total > self.capacity;
        if grows {
            buffers.add(&plan)?;
            self.capacity = plan.bytes / 4;
        }
        self.members[member] = words;
        if before == after && !grows {
            self.write(buffers, member)?;
        } else {
            (0..self.members.len()).try_for_each(|member| self.write(buffers, member))?;
        }
        Ok(grows)
    }

    fn words(&self) -> usize {
        self.members.iter().flatten().map(|words| words.len()).sum()
    }

    fn write(&self, buffers: &Buffers, member: usize) -> Result<(), EngineError> {
        match &self.members[member] {
            Some(words) => buffers.write(self.buffer, self.offset(member), words),
            None => Ok(()),
        }
    }

    /// The first word of a member's feed.
    pub(super) fn offset(&self, member: usize) -> usize {
        self.members[..member].iter().flatten().map(|words| words.len()).sum()
    }
}
