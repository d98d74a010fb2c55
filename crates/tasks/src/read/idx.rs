//! idx files, the form of MNIST: 00 00, a type code, the number of dimensions, big-endian u32 dimensions, then the data.
//!
//! Source of the form: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".

use std::path::Path;

use ndarray::Array2;

use crate::Result;
use crate::error::{self, idx};
use crate::read::source::Source;

/// The type code of unsigned bytes, the one that is read.
const UNSIGNED_BYTE: u8 = 0x08;

/// An array of bytes of any number of dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// The dimensions, slowest first.
    pub dims: Vec<usize>,
    /// The values, the last dimension fastest; as many as the product of `dims`.
    pub data: Vec<u8>,
}

/// Reads an idx file of unsigned bytes, plain or gzip.
///
/// # Errors
/// If the file cannot be read or decompressed, if its header is not of an idx file of bytes, or if its data are not as
/// many as the header says. Memory follows the data, so a header that lies costs nothing.
pub fn read_idx(path: impl AsRef<Path>) -> Result<Idx> {
    parse(&mut Source::open(path.as_ref())?)
}

/// Reads an idx file of three dimensions as images x pixels (rows of an image one after another), scale 0 to 255.
///
/// # Errors
/// As [`read_idx`]; if there are not three dimensions, no image, or no pixel.
pub fn read_idx_images(path: impl AsRef<Path>) -> Result<Array2<f32>> {
    let path = path.as_ref();
    let Idx { dims, data } = read_idx(path)?;
    let &[images, rows, columns] = dims.as_slice() else {
        return Err(idx(path, format!("dimensions {}", product_text(&dims)), "three: images x rows x columns"));
    };
    if data.is_empty() {
        return Err(idx(path, format!("dimensions {}", product_text(&dims)), "at least one image and one pixel"));
    }
    let values = data.into_iter().map(f32::from).collect();
    let array = Array2::from_shape_vec((images, rows * columns), values);
    Ok(array.expect("the data should be as many as the dimensions say"))
}

/// Reads an idx file of one dimension as labels below `classes`.
///
/// # Errors
/// As [`read_idx`]; if there is not one dimension, no label, or a label of `classes` or more.
pub fn read_idx_labels(path: impl AsRef<Path>, classes: u32) -> Result<Vec<u32>> {
    let path = path.as_ref();
    let Idx { dims, data } = read_idx(path)?;
    if dims.len() != 1 {
        return Err(idx(path, format!("dimensions {}", product_text(&dims)), "one: labels"));
    }
    if data.is_empty() {
        return Err(idx(path, "no labels", "at least one"));
    }
    if let Some(i) = data.iter().position(|&label| u32::from(label) >= classes) {
        let expected = format!("a label below {classes}");
        return Err(error::labels(path, i + 1, format!("label {}", data[i]), expected));
    }
    Ok(data.into_iter().map(u32::from).collect())
}

/// Header, then exactly the data it announces.
fn parse(source: &mut Source<'_>) -> Result<Idx> {
    let dims = parse_header(source)?;
    let size = checked_product(&dims).ok_or_else(|| {
        idx(&source.path, format!("dimensions {}", product_text(&dims)), "a product that fits into memory")
    })?;
    // One byte more than announced, so that trailing data are seen and the checksum of gzip is reached.
    let data = source.read_up_to((size as u64).saturating_add(1))?;
    let expected = || format!("{size} ({})", product_text(&dims));
    match data.len() {
        n if n < size => Err(idx(&source.path, format!("{n} bytes of data"), expected())),
        n if n > size => Err(idx(&source.path, format!("more than {size} bytes of data"), expected())),
        _ => Ok(Idx { dims, data }),
    }
}

/// The dimensions.
fn parse_header(source: &mut Source<'_>) -> Result<Vec<usize>> {
    let magic = source.read_up_to(4)?;
    let &[zero, zero_too, kind, dimensions] = magic.as_slice() else {
        return Err(idx(&source.path, format!("{} bytes", magic.len()), "a header of at least 8 bytes"));
    };
    if (zero, zero_too) != (0, 0) {
        return Err(idx(&source.path, format!("first bytes {zero:02x} {zero_too:02x}"), "00 00, as idx files begin"));
    }
    if kind != UNSIGNED_BYTE {
        return Err(idx(&source.path, format!("type code {kind:#04x}{}", type_name(kind)), "0x08, unsigned bytes"));
    }
    if dimensions == 0 {
        return Err(idx(&source.path, "no dimensions", "1 to 255"));
    }
    let wanted = 4 * usize::from(dimensions);
    let bytes = source.read_up_to(wanted as u64)?;
    if bytes.len() < wanted {
        let expected = format!("{} for its {dimensions} dimensions", 4 + wanted);
        return Err(idx(&source.path, format!("a header of {} bytes", 4 + bytes.len()), expected));
    }
    Ok(bytes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect())
}

/// The other type codes of the form, for the error.
fn type_name(kind: u8) -> &'static str {
    match kind {
        0x09 => " (signed bytes)",
        0x0b => " (16-bit integers)",
        0x0c => " (32-bit integers)",
        0x0d => " (32-bit floats)",
        0x0e => " (64-bit floats)",
        _ => " (unknown)",
    }
}

fn checked_product(dims: &[usize]) -> Option<usize> {
    let size = dims.iter().try_fold(1_usize, |product, &d| product.checked_mul(d))?;
    (size <= isize::MAX as usize).then_some(size)
}

/// `60000 x 28 x 28`; the middle of a long list is left out.
fn product_text(dims: &[usize]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = dims.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if dims.len() > SHOWN { format!(" x {} more", dims.len() - SHOWN) } else { String::new() };
    shown.join(" x ") + &more
}
