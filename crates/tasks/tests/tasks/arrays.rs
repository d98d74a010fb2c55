//! Arrays that numpy and scipy wrote, arrays that we write, and damaged ones.

use std::path::{Path, PathBuf};

use limnos_tasks::{Error, Npy, NpyValues, Npz, Result, SplitMix64, read_npy, read_npz, write_npy};
use ndarray::{Array1, Array3, arr0, arr2};

use crate::support::{error_text, write};

/// A file of `tests/data`, which `arrays.py` there made.
fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn archives() -> [Npz; 2] {
    ["stored.npz", "deflated.npz"].map(|name| read_npz(stored(name)).unwrap())
}

/// 0 to 23, turned into something.
fn count<T>(of: impl Fn(f64) -> T) -> Vec<T> {
    (0..24).map(|i| of(f64::from(i))).collect()
}

#[test]
fn every_type_that_numpy_wrote() {
    for archive in archives() {
        let values = |name: &str| {
            let array = archive.get(name).unwrap();
            assert_eq!(array.shape, [2, 3, 4], "{name}");
            array.values
        };
        assert_eq!(values("f4"), NpyValues::F32(count(|x| (x / 8.0) as f32)));
        assert_eq!(values("f8"), NpyValues::F64(count(|x| x / 8.0 - 1.0)));
        assert_eq!(values("i2"), NpyValues::I16(count(|x| -x as i16)));
        assert_eq!(values("i4"), NpyValues::I32(count(|x| x as i32)));
        assert_eq!(values("i8"), NpyValues::I64(count(|x| x as i64)));
        assert_eq!(values("u1"), NpyValues::U8(count(|x| x as u8)));
        assert_eq!(values("truth"), NpyValues::U8(count(|x| u8::from(x % 2.0 == 0.0))));
        // Saved with the first dimension fastest; the order of its values is that of the others all the same.
        assert_eq!(values("fortran"), NpyValues::F64(count(|x| x / 8.0)));
        assert_eq!(archive.get("f8").unwrap().to_f64().unwrap()[23], 15.0 / 8.0);
        assert_eq!(archive.names().count(), 14);
    }
}

#[test]
fn shapes_from_none_to_empty() {
    for archive in archives() {
        let scalar = archive.get("scalar").unwrap();
        assert_eq!((scalar.shape.len(), scalar.to_f64().unwrap()), (0, vec![2.5]));
        let column = archive.get("row").unwrap().to_matrix().unwrap();
        assert_eq!(column, arr2(&[[0.0], [1.0], [2.0], [3.0], [4.0]]));
        assert_eq!(archive.get("empty").unwrap().to_matrix().unwrap().dim(), (0, 3));
    }
}

#[test]
fn a_sparse_matrix_of_scipy() {
    let archive = read_npz(stored("csr.npz")).unwrap();
    let get = |name: &str| archive.get(name).unwrap();
    assert_eq!(get("format").values, NpyValues::Text(vec!["csr".into()]));
    assert_eq!(get("shape").to_indices().unwrap(), [3, 3]);
    assert_eq!(get("indptr").to_indices().unwrap(), [0, 1, 1, 3]);
    assert_eq!(get("indices").to_indices().unwrap(), [1, 0, 2]);
    assert_eq!(get("data").to_f64().unwrap(), [1.5, -2.0, 4.0]);
}

#[test]
fn what_is_not_read_says_why() {
    let folder = stored("");
    let folder = Path::new(folder.to_str().unwrap().trim_end_matches('/'));
    let archive = read_npz(stored("stored.npz")).unwrap();
    let types = "one of <f4, <f8, <i2, <i4, <i8, |u1, |b1 or |Sn (convert it with `astype` and save it again)";
    for (name, expected) in [
        ("big", format!("@/stored.npz/big.npy: type \">f8\"; expected {types}")),
        ("complex", format!("@/stored.npz/complex.npy: type \"<c16\"; expected {types}")),
        ("text", format!("@/stored.npz/text.npy: type \"<U2\"; expected {types}")),
        (
            "none",
            "@/stored.npz: no array \"none\"; expected one of f4, f8, i2, i4, i8, u1, fortran, scalar, row, empty, truth, \
             big, complex, text"
                .into(),
        ),
    ] {
        assert_eq!(error_text(archive.get(name), folder), expected);
    }
    let cube = archive.get("i2").unwrap();
    assert_eq!(
        error_text(cube.to_matrix(), folder),
        "@/stored.npz/i2.npy: 3 dimensions (2 x 3 x 4); expected one or two"
    );
    assert_eq!(
        error_text(cube.to_indices(), folder),
        "@/stored.npz/i2.npy: -1 at value 1; expected whole numbers from 0 on"
    );
    let large = Npy { values: NpyValues::I64(vec![0, 1 << 53, (1 << 53) + 1]), ..cube.clone() };
    assert_eq!(
        error_text(large.to_f64(), folder),
        "@/stored.npz/i2.npy: 9007199254740993 at value 2; expected whole numbers within 2^53"
    );
    let csr = read_npz(stored("csr.npz")).unwrap();
    assert_eq!(
        error_text(csr.get("format").unwrap().to_f64(), folder),
        "@/csr.npz/format.npy: texts; expected numbers"
    );
    assert_eq!(
        error_text(csr.get("data").unwrap().to_indices(), folder),
        "@/csr.npz/data.npy: no whole numbers; expected integers"
    );
}

#[test]
fn what_we_write_we_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let cube = Array3::from_shape_vec((2, 3, 4), count(|x| x / 3.0)).unwrap();
    write_npy(&path, cube.view()).unwrap();
    let read = read_npy(&path).unwrap();
    assert_eq!((read.shape.as_slice(), read.to_f64().unwrap()), (&[2, 3, 4][..], count(|x| x / 3.0)));
    // Another order in memory is the same file.
    let bytes = std::fs::read(&path).unwrap();
    let turned = cube.view().permuted_axes([2, 1, 0]).as_standard_layout().into_owned().permuted_axes([2, 1, 0]);
    write_npy(&path, turned.view()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!((bytes.len() - 24 * 8) % 64, 0);
    let long: Array1<i64> = (0..10_000).map(|i| i * i).collect();
    write_npy(&path, long.view()).unwrap();
    assert_eq!(read_npy(&path).unwrap().values, NpyValues::I64(long.to_vec()));
    write_npy(&path, arr0(7_u8).view()).unwrap();
    assert_eq!(read_npy(&path).unwrap().shape, [0_usize; 0]);
}

#[test]
fn what_we_write_is_what_numpy_writes() {
    // The members of stored.npz are the files that numpy.save writes.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let archive = std::fs::read(stored("stored.npz")).unwrap();
    let contains = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        archive.windows(bytes.len()).any(|window| window == bytes)
    };
    write_npy(&path, Array3::from_shape_vec((2, 3, 4), count(|x| (x / 8.0) as f32)).unwrap().view()).unwrap();
    assert!(contains(&path));
    write_npy(&path, Array1::from_iter((0..5).map(f64::from)).view()).unwrap();
    assert!(contains(&path));
    write_npy(&path, Array1::from_iter((0..5).map(|i| f64::from(i) + 1.0)).view()).unwrap();
    assert!(!contains(&path));
}

#[test]
fn a_folder_that_is_not_there_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let refused = write_npy(folder.path().join("none/a.npy"), arr0(1.0).view());
    assert!(matches!(refused, Err(Error::Write { .. })), "{refused:?}");
    assert!(matches!(write_npy(folder.path().join(".."), arr0(1.0).view()), Err(Error::Write { .. })));
}

/// An npy file with that dictionary.
fn npy(text: &str, data: &[u8]) -> Vec<u8> {
    let length = (text.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), data].concat()
}

#[test]
fn malformed_files() {
    let folder = tempfile::tempdir().unwrap();
    let text = |bytes: &[u8]| error_text(read_npy(write(folder.path(), "a", bytes)), folder.path());
    let shape = |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}");
    let archive = |bytes: &[u8]| error_text(read_npz(write(folder.path(), "a", bytes)), folder.path());
    let whole = "a whole zip archive of npy files (fetch or save it again)";
    for (found, expected) in [
        (text(b""), "@/a: other first bytes than an npy file has; expected \\x93NUMPY at the start"),
        (text(b"PK\x03\x04 and more"), "@/a: other first bytes than an npy file has; expected \\x93NUMPY at the start"),
        (text(b"\x93NUMPY"), "@/a: a header that ends too early; expected a whole npy file (fetch or save it again)"),
        (text(b"\x93NUMPY\x09\x00\x10\x00"), "@/a: version 9; expected version 1, 2 or 3"),
        (text(b"\x93NUMPY\x03\x00\xff\xff\xff\xff"), "@/a: a header of 4294967295 bytes; expected at most 10000"),
        (
            text(&npy(&shape("(3,)"), &[])[..30]),
            "@/a: a header that ends too early; expected a whole npy file (fetch or save it again)",
        ),
        (
            text(&npy("{'descr': '<f8'}", &[])),
            "@/a: the header \"{'descr': '<f8'}\"; expected a dictionary of 'descr', 'fortran_order' and 'shape'",
        ),
        (text(&npy(&shape("(3,)"), &[0; 23])), "@/a: 23 bytes of data; expected 24 for 3 values of 8"),
        (text(&npy(&shape("(3, 1)"), &[0; 25])), "@/a: more than 24 bytes of data; expected 24 for 3 x 1 values of 8"),
        (
            text(&npy(&shape("(4294967296, 4294967296)"), &[0; 25])),
            "@/a: shape 4294967296 x 4294967296; expected a product that fits into memory",
        ),
        (
            text(&npy(&shape("(1000000000000,)"), &[0; 25])),
            "@/a: 25 bytes of data; expected 8000000000000 for 1000000000000 values of 8",
        ),
        (archive(b""), &format!("@/a: no directory at the end of the file; expected {whole}")),
        (archive(&[7; 99]), &format!("@/a: no directory at the end of the file; expected {whole}")),
    ] {
        assert_eq!(found, expected);
    }
}

/// Opens an archive and reads all that numpy wrote in a type that is read.
fn read_all(path: &Path) -> Result<f64> {
    let archive = read_npz(path)?;
    let arrays = ["f4", "f8", "fortran", "row"].map(|name| archive.get(name)?.to_f64());
    arrays.into_iter().try_fold(0.0, |sum, array| Ok(sum + array?.iter().sum::<f64>()))
}

#[test]
fn damaged_archives_are_refused_or_give_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["stored.npz", "deflated.npz"] {
        let good = std::fs::read(stored(name)).unwrap();
        let sum = read_all(&stored(name)).unwrap();
        for n in (0..good.len()).step_by(7) {
            assert!(read_all(&write(folder.path(), name, &good[..n])).is_err(), "{n} bytes");
        }
        let mut random = SplitMix64::new(3);
        let mut refused = 0;
        for _ in 0..500 {
            let mut bytes = good.clone();
            bytes[random.below(good.len())] ^= 1 + random.below(255) as u8;
            match read_all(&write(folder.path(), name, &bytes)) {
                Ok(found) => assert_eq!(found, sum),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 75, "{refused}");
    }
}

#[test]
fn damaged_arrays_do_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let good = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2)}", &[9; 48]);
    let mut random = SplitMix64::new(4);
    for i in 0..5 * (good.len() - 48) {
        let mut bytes = good.clone();
        bytes[i / 5] = random.below(256) as u8;
        let values = read_npy(write(folder.path(), "a", &bytes)).and_then(|a| Ok((a.to_f64()?, a.shape)));
        if let Ok((values, shape)) = values {
            assert_eq!(shape.iter().product::<usize>(), values.len());
        }
    }
}
