//! Binning: events of a sensor to spikes of a step grid.

use crate::error::argument;
use crate::read::events::{NMNIST_CHANNELS, NMNIST_SIDE};
use crate::{Event, Result, SpikeTrain};

/// N-MNIST events to spikes: step = time / `dt_us`, channel = (polarity x 34 + y) 34 + x with polarity 1 = ON.
///
/// Events of one channel within a step are one spike. Events after the window are left out: that is what a window shorter
/// than the recording asks for ([`EventBinning::covers`] tells).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct EventBinning {
    /// Length of a step, microseconds.
    pub dt_us: u32,
    /// Length of the window, in steps. Recordings last up to 336 ms.
    pub steps: u32,
}

impl Default for EventBinning {
    fn default() -> Self {
        Self { dt_us: 1000, steps: 340 }
    }
}

impl EventBinning {
    /// The spikes of one recording, over 2312 channels.
    ///
    /// # Errors
    /// If `dt_us` or `steps` is 0, or if an event is off the 34 x 34 pixels.
    pub fn encode(&self, events: &[Event]) -> Result<SpikeTrain> {
        self.check()?;
        if let Some(i) = events.iter().position(|e| !e.in_range()) {
            let found = format!("x = {}, y = {} at index {i}", events[i].x, events[i].y);
            return Err(argument("events", found, format!("x and y below {NMNIST_SIDE}")));
        }
        let spikes = events.iter().map(|e| (e.t_us / self.dt_us, channel(*e)));
        let inside = spikes.filter(|spike| spike.0 < self.steps).collect();
        SpikeTrain::from_unsorted(self.steps, NMNIST_CHANNELS, inside)
    }

    /// Whether the window holds all of a recording.
    #[must_use]
    pub fn covers(&self, events: &[Event]) -> bool {
        let end = u64::from(self.dt_us) * u64::from(self.steps);
        events.iter().all(|e| u64::from(e.t_us) < end)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("dt_us", self.dt_us), ("steps", self.steps)] {
            if value == 0 {
                return Err(argument(name, 0, "at least 1"));
            }
        }
        Ok(())
    }
}

/// The channel of an event on the sensor.
fn channel(e: Event) -> u32 {
    (u32::from(e.on) * NMNIST_SIDE + u32::from(e.y)) * NMNIST_SIDE + u32::from(e.x)
}
