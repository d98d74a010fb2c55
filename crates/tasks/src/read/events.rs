//! Event files of N-MNIST (.bin, .bs2): 5 bytes an event.
//!
//! Byte 0 is x, byte 1 is y; of the 24 bits that follow, big-endian, the first is the polarity (1 = ON, brighter) and the
//! other 23 are the time in microseconds. Source: G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor, "Converting static image
//! datasets to spiking neuromorphic datasets using saccades", Frontiers in Neuroscience 9:437, 2015.

use std::path::Path;

use crate::Result;
use crate::error::events;
use crate::read::source::read_bytes;

/// Width and height of the sensor's window, in pixels.
pub const NMNIST_SIDE: u32 = 34;

/// Channels of one recording: two polarities of each pixel.
pub const NMNIST_CHANNELS: u32 = 2 * NMNIST_SIDE * NMNIST_SIDE;

/// Bytes of one event.
const EVENT_BYTES: usize = 5;

/// One change of brightness at one pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event {
    /// Time since the start of the recording, microseconds, below 2²³.
    pub t_us: u32,
    /// Column, from the left.
    pub x: u8,
    /// Row, from the top.
    pub y: u8,
    /// Whether the pixel became brighter (ON) or darker (OFF).
    pub on: bool,
}

impl Event {
    fn of(bytes: &[u8]) -> Self {
        Self {
            t_us: u32::from_be_bytes([0, bytes[2] & 0x7f, bytes[3], bytes[4]]),
            x: bytes[0],
            y: bytes[1],
            on: bytes[2] & 0x80 != 0,
        }
    }

    /// Whether it lies on the sensor.
    pub(crate) fn in_range(self) -> bool {
        u32::from(self.x) < NMNIST_SIDE && u32::from(self.y) < NMNIST_SIDE
    }
}

/// Reads the events of one N-MNIST file, in the order of the file.
///
/// # Errors
/// If the file cannot be read, is empty, has a length that is no multiple of 5, or has an event off the 34 x 34 pixels.
pub fn read_events(path: impl AsRef<Path>) -> Result<Vec<Event>> {
    let path = path.as_ref();
    parse(path, &read_bytes(path)?)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Event>> {
    if bytes.is_empty() {
        return Err(events(path, "0 bytes", "at least one event of 5 bytes"));
    }
    if !bytes.len().is_multiple_of(EVENT_BYTES) {
        return Err(events(path, format!("{} bytes", bytes.len()), "a multiple of 5, the bytes of an event"));
    }
    let all: Vec<Event> = bytes.chunks_exact(EVENT_BYTES).map(Event::of).collect();
    match all.iter().position(|e| !e.in_range()) {
        Some(i) => {
            let found = format!("event {i} at x = {}, y = {}", all[i].x, all[i].y);
            Err(events(path, found, format!("x and y below {NMNIST_SIDE}")))
        }
        None => Ok(all),
    }
}
