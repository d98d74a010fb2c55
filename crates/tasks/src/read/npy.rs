//! npy files: one array of numbers, as numpy saves it.

use std::path::{Path, PathBuf};

use ndarray::{Array, Array2, IxDyn, ShapeBuilder};

use crate::error::npy;
use crate::read::npy_header::{Header, read_header};
use crate::read::source::Source;
use crate::{Error, Result};

/// The types that are read, for errors.
const TYPES: &str = "one of <f4, <f8, <i2, <i4, <i8, |u1, |b1 or |Sn (convert it with `astype` and save it again)";

/// Whole numbers up to this are exact in an f64.
const MAX_WHOLE: i64 = 1 << 53;

/// An array of any number of dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Npy {
    /// The file, and for a member of an archive its name after that; for errors.
    pub path: PathBuf,
    /// The dimensions, slowest first; none is a single value.
    pub shape: Vec<usize>,
    /// The values, the last dimension fastest; as many as the product of `shape`.
    pub values: NpyValues,
}

/// The values of an array, of the type in the file.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq)]
pub enum NpyValues {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 16-bit integers.
    I16(Vec<i16>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// Bytes; also truth values, as 0 and 1.
    U8(Vec<u8>),
    /// Texts of bytes, without the zeros that fill them up.
    Text(Vec<String>),
}

/// Reads an npy file, plain or gzip: little-endian floats and integers, in either order of dimensions. Floats that are
/// not finite are read as they are.
///
/// # Errors
/// If the file cannot be read, is no npy file, has another type, or has not exactly the values that its header
/// announces. Memory follows the data, so a header that lies costs nothing.
pub fn read_npy(path: impl AsRef<Path>) -> Result<Npy> {
    parse(&mut Source::open(path.as_ref())?)
}

/// Header, then exactly the values it announces.
pub(crate) fn parse(source: &mut Source<'_>) -> Result<Npy> {
    let header = read_header(source)?;
    let width = width(&header.descr).ok_or_else(|| npy(&source.path, format!("type {:?}", header.descr), TYPES))?;
    let shape = product_text(&header.shape);
    let size = header.shape.iter().try_fold(width, |product, &d| product.checked_mul(d));
    let size = size.filter(|&size| isize::try_from(size).is_ok());
    let size = size.ok_or_else(|| npy(&source.path, format!("shape {shape}"), "a product that fits into memory"))?;
    let data = source.read_up_to((size as u64).saturating_add(1))?;
    let expected = || format!("{size} for {shape} values of {width}");
    match data.len() {
        n if n < size => Err(npy(&source.path, format!("{n} bytes of data"), expected())),
        n if n > size => Err(npy(&source.path, format!("more than {size} bytes of data"), expected())),
        _ => Ok(Npy { path: source.path.clone(), values: values(&header, &data), shape: header.shape }),
    }
}

/// Bytes of a value, for the types that are read.
fn width(descr: &str) -> Option<usize> {
    match descr {
        "<f4" | "<i4" => Some(4),
        "<f8" | "<i8" => Some(8),
        "<i2" => Some(2),
        "|u1" | "<u1" | "|b1" => Some(1),
        _ => descr.strip_prefix("|S")?.parse().ok().filter(|&n| n > 0),
    }
}

fn values(header: &Header, data: &[u8]) -> NpyValues {
    match header.descr.as_str() {
        "<f4" => NpyValues::F32(numbers(header, data, f32::from_le_bytes)),
        "<f8" => NpyValues::F64(numbers(header, data, f64::from_le_bytes)),
        "<i2" => NpyValues::I16(numbers(header, data, i16::from_le_bytes)),
        "<i4" => NpyValues::I32(numbers(header, data, i32::from_le_bytes)),
        "<i8" => NpyValues::I64(numbers(header, data, i64::from_le_bytes)),
        "|b1" => NpyValues::U8(numbers(header, data, |[byte]| u8::from(byte != 0))),
        text if text.starts_with("|S") => NpyValues::Text(texts(header, data)),
        _ => NpyValues::U8(numbers(header, data, |[byte]| byte)),
    }
}

fn numbers<T: Clone, const N: usize>(header: &Header, data: &[u8], of: fn([u8; N]) -> T) -> Vec<T> {
    let (values, _) = data.as_chunks::<N>();
    in_c_order(header, values.iter().map(|&bytes| of(bytes)).collect())
}

fn texts(header: &Header, data: &[u8]) -> Vec<String> {
    let width = width(&header.descr).expect("the type should have been checked");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
    in_c_order(header, data.chunks_exact(width).map(text).collect())
}

/// The values with the last dimension fastest.
fn in_c_order<T: Clone>(header: &Header, values: Vec<T>) -> Vec<T> {
    if !header.fortran_order || header.shape.len() < 2 {
        return values;
    }
    let array = Array::from_shape_vec(IxDyn(&header.shape).f(), values);
    array.expect("the values should be as many as the shape says").iter().cloned().collect()
}

impl Npy {
    /// The values as f64, the last dimension fastest.
    ///
    /// # Errors
    /// If they are texts, or whole numbers beyond 2⁵³, which an f64 does not hold exactly.
    pub fn to_f64(&self) -> Result<Vec<f64>> {
        match &self.values {
            NpyValues::F32(values) => Ok(values.iter().map(|&x| f64::from(x)).collect()),
            NpyValues::F64(values) => Ok(values.clone()),
            NpyValues::I16(values) => Ok(values.iter().map(|&x| f64::from(x)).collect()),
            NpyValues::I32(values) => Ok(values.iter().map(|&x| f64::from(x)).collect()),
            NpyValues::U8(values) => Ok(values.iter().map(|&x| f64::from(x)).collect()),
            NpyValues::I64(values) => match values.iter().position(|x| !(-MAX_WHOLE..=MAX_WHOLE).contains(x)) {
                Some(i) => Err(self.error(format!("{} at value {i}", values[i]), "whole numbers within 2^53")),
                None => Ok(values.iter().map(|&x| x as f64).collect()),
            },
            NpyValues::Text(_) => Err(self.error("texts", "numbers")),
        }
    }

    /// The values as whole numbers from 0 on, such as the indices of a sparse matrix.
    ///
    /// # Errors
    /// If they are floats or texts, or if one is negative.
    pub fn to_indices(&self) -> Result<Vec<usize>> {
        match &self.values {
            NpyValues::U8(values) => Ok(values.iter().map(|&x| usize::from(x)).collect()),
            NpyValues::I16(values) => self.indices(values),
            NpyValues::I32(values) => self.indices(values),
            NpyValues::I64(values) => self.indices(values),
            _ => Err(self.error("no whole numbers", "integers")),
        }
    }

    fn indices<T: Copy + TryInto<usize> + std::fmt::Display>(&self, values: &[T]) -> Result<Vec<usize>> {
        let index = |(i, &x): (usize, &T)| {
            x.try_into().map_err(|_| self.error(format!("{x} at value {i}"), "whole numbers from 0 on"))
        };
        values.iter().enumerate().map(index).collect()
    }

    /// The array as a matrix; one dimension is a column.
    ///
    /// # Errors
    /// As [`Npy::to_f64`], and if there are no or more than two dimensions.
    pub fn to_matrix(&self) -> Result<Array2<f64>> {
        let shape = match *self.shape.as_slice() {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => {
                let found = format!("{} dimensions ({})", self.shape.len(), product_text(&self.shape));
                return Err(self.error(found, "one or two"));
            }
        };
        let array = Array2::from_shape_vec(shape, self.to_f64()?);
        Ok(array.expect("the values should be as many as the shape says"))
    }

    fn error(&self, found: impl ToString, expected: impl ToString) -> Error {
        npy(&self.path, found, expected)
    }
}

/// `3 x 4`; the middle of a long list is left out.
fn product_text(shape: &[usize]) -> String {
    const SHOWN: usize = 8;
    if shape.is_empty() {
        return "()".into();
    }
    let shown: Vec<String> = shape.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if shape.len() > SHOWN { format!(" x {} more", shape.len() - SHOWN) } else { String::new() };
    shown.join(" x ") + &more
}
