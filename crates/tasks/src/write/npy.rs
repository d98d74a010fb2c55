//! npy files of an array.

use std::path::Path;

use ndarray::{ArrayView, Dimension};

use crate::Result;
use crate::write::whole::write_whole;

/// A number that an npy file holds.
pub trait NpyElement: Copy + sealed::Little {}

/// What [`NpyElement`] needs and others should not implement.
mod sealed {
    /// A number with its name in an npy file and its little-endian bytes.
    pub trait Little {
        /// Type and byte order.
        const DESCR: &'static str;
        /// Appends the bytes.
        fn append(self, bytes: &mut Vec<u8>);
    }
}

macro_rules! element {
    ($($number:ty = $descr:literal),*) => {$(
        impl sealed::Little for $number {
            const DESCR: &'static str = $descr;
            fn append(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }
        }
        impl NpyElement for $number {}
    )*};
}

element!(f32 = "<f4", f64 = "<f8", i16 = "<i2", i32 = "<i4", i64 = "<i8", u8 = "|u1");

/// Writes an array of any number of dimensions as an npy file of version 1, the last dimension fastest. The file is
/// written whole or not at all: a file that was there before stays as it is until the new one is complete.
///
/// # Errors
/// If the operating system could not write it.
pub fn write_npy<T: NpyElement, D: Dimension>(path: impl AsRef<Path>, array: ArrayView<'_, T, D>) -> Result<()> {
    /// Values between two writes.
    const CHUNK: usize = 4096;
    write_whole(path.as_ref(), |writer| {
        let mut bytes = header(T::DESCR, array.shape());
        for (i, &value) in array.iter().enumerate() {
            value.append(&mut bytes);
            if i % CHUNK == CHUNK - 1 {
                writer.write_all(&bytes)?;
                bytes.clear();
            }
        }
        writer.write_all(&bytes)
    })
}

/// Magic, version and dictionary, filled up with blanks to a multiple of 64 bytes.
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    /// Magic, version and length.
    const START: usize = 10;
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    // A tuple of one ends with a comma, a longer one may not.
    let sizes = if shape.len() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let blanks = 63 - (START + text.len()) % 64;
    text.push_str(&" ".repeat(blanks));
    text.push('\n');
    let length = u16::try_from(text.len()).expect("an array should have less than a thousand dimensions");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}
