//! A table of malformed files: bytes, and the text of the refusal.

use std::path::Path;

use limnos_tasks::{
    CsvOptions, LabelColumn, Result, read_csv, read_events, read_idx, read_idx_images, read_idx_labels, read_wav,
};

use crate::sound::wav;
use crate::support::{error_text, event, gzip, idx, write};

/// A reader that forgets what it read.
type Read = fn(&Path) -> Result<()>;

/// File name, bytes, reader, text with `@` for the folder.
type Case = (&'static str, Vec<u8>, Read, &'static str);

fn any_idx(path: &Path) -> Result<()> {
    read_idx(path).map(drop)
}

fn images(path: &Path) -> Result<()> {
    read_idx_images(path).map(drop)
}

fn labels(path: &Path) -> Result<()> {
    read_idx_labels(path, 10).map(drop)
}

fn table(path: &Path) -> Result<()> {
    read_csv(path, &CsvOptions::default()).map(drop)
}

fn labelled(path: &Path) -> Result<()> {
    read_csv(path, &CsvOptions { labels: LabelColumn::Last, ..CsvOptions::default() }).map(drop)
}

fn third_column(path: &Path) -> Result<()> {
    read_csv(path, &CsvOptions { labels: LabelColumn::Index(2), ..CsvOptions::default() }).map(drop)
}

fn named(path: &Path) -> Result<()> {
    read_csv(path, &CsvOptions { header: true, ..CsvOptions::default() }).map(drop)
}

fn events(path: &Path) -> Result<()> {
    read_events(path).map(drop)
}

fn sound(path: &Path) -> Result<()> {
    read_wav(path).map(drop)
}

/// A gzip file with its end cut off.
fn cut(bytes: &[u8], by: usize) -> Vec<u8> {
    let whole = gzip(bytes);
    whole[..whole.len() - by].to_vec()
}

/// A gzip file whose checksum is wrong.
fn wrong_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut whole = gzip(bytes);
    let at = whole.len() - 8;
    whole[at] ^= 1;
    whole
}

fn gzip_cases() -> Vec<Case> {
    let good = idx(&[4, 2, 2], &[7; 16]);
    vec![
        (
            "cut.gz",
            cut(&good, 12),
            any_idx,
            "@/cut.gz: the compressed data end too early; expected a whole gzip file (fetch it again)",
        ),
        (
            "no-trailer.gz",
            cut(&good, 8),
            any_idx,
            "@/no-trailer.gz: the compressed data end too early; expected a whole gzip file (fetch it again)",
        ),
        (
            "magic-alone.gz",
            vec![0x1f, 0x8b],
            any_idx,
            "@/magic-alone.gz: the compressed data end too early; expected a whole gzip file (fetch it again)",
        ),
        (
            "checksum.gz",
            wrong_checksum(&good),
            any_idx,
            "@/checksum.gz: the compressed data are damaged (corrupt gzip stream does not have a matching checksum); \
             expected a whole gzip file (fetch it again)",
        ),
        (
            "deflate.gz",
            [&gzip(&good)[..10], &[0xff; 20]].concat(),
            any_idx,
            "@/deflate.gz: the compressed data are damaged (corrupt deflate stream); expected a whole gzip file (fetch it again)",
        ),
        (
            "garbage-after.gz",
            [gzip(&good), b"garbage after".to_vec()].concat(),
            any_idx,
            "@/garbage-after.gz: the compressed data are damaged (invalid gzip header); expected a whole gzip file (fetch it again)",
        ),
        (
            "cut.csv.gz",
            cut(b"1,2\n3,4\n5,6\n", 9),
            table,
            "@/cut.csv.gz: the compressed data end too early; expected a whole gzip file (fetch it again)",
        ),
    ]
}

fn idx_cases() -> Vec<Case> {
    vec![
        ("empty", vec![], any_idx, "@/empty: 0 bytes; expected a header of at least 8 bytes"),
        ("short", vec![0, 0, 8], any_idx, "@/short: 3 bytes; expected a header of at least 8 bytes"),
        ("png", b"\x89PNG\r\n\x1a\n".to_vec(), any_idx, "@/png: first bytes 89 50; expected 00 00, as idx files begin"),
        (
            "floats",
            vec![0, 0, 13, 1, 0, 0, 0, 0],
            any_idx,
            "@/floats: type code 0x0d (32-bit floats); expected 0x08, unsigned bytes",
        ),
        (
            "unknown",
            vec![0, 0, 3, 1, 0, 0, 0, 0],
            any_idx,
            "@/unknown: type code 0x03 (unknown); expected 0x08, unsigned bytes",
        ),
        ("scalar", vec![0, 0, 8, 0, 5], any_idx, "@/scalar: no dimensions; expected 1 to 255"),
        (
            "header",
            idx(&[2, 2, 2], &[])[..14].to_vec(),
            any_idx,
            "@/header: a header of 14 bytes; expected 16 for its 3 dimensions",
        ),
        ("fewer", idx(&[3, 2, 2], &[1; 11]), any_idx, "@/fewer: 11 bytes of data; expected 12 (3 x 2 x 2)"),
        (
            "fewer.gz",
            gzip(&idx(&[3, 2, 2], &[1; 11])),
            any_idx,
            "@/fewer.gz: 11 bytes of data; expected 12 (3 x 2 x 2)",
        ),
        (
            "trailing",
            idx(&[3, 2, 2], &[1; 13]),
            any_idx,
            "@/trailing: more than 12 bytes of data; expected 12 (3 x 2 x 2)",
        ),
        (
            "trailing.gz",
            gzip(&idx(&[3, 2, 2], &[1; 13])),
            any_idx,
            "@/trailing.gz: more than 12 bytes of data; expected 12 (3 x 2 x 2)",
        ),
        (
            "overflow",
            idx(&[u32::MAX; 3], &[1; 9]),
            any_idx,
            "@/overflow: dimensions 4294967295 x 4294967295 x 4294967295; expected a product that fits into memory",
        ),
        (
            "long",
            idx(&[u32::MAX; 255], &[]),
            any_idx,
            "@/long: dimensions 4294967295 x 4294967295 x 4294967295 x 4294967295 x 4294967295 x 4294967295 x \
             4294967295 x 4294967295 x 247 more; expected a product that fits into memory",
        ),
        (
            "huge",
            idx(&[0x7fff_ffff, 0xffff_fff0], &[1; 9]),
            any_idx,
            "@/huge: 9 bytes of data; expected 9223371998200070160 (2147483647 x 4294967280)",
        ),
        (
            "huge.gz",
            gzip(&idx(&[0x7fff_ffff, 0xffff_fff0], &[1; 9])),
            any_idx,
            "@/huge.gz: 9 bytes of data; expected 9223371998200070160 (2147483647 x 4294967280)",
        ),
        ("flat", idx(&[4, 4], &[1; 16]), images, "@/flat: dimensions 4 x 4; expected three: images x rows x columns"),
        (
            "no-images",
            idx(&[0, 28, 28], &[]),
            images,
            "@/no-images: dimensions 0 x 28 x 28; expected at least one image and one pixel",
        ),
        (
            "no-pixels",
            idx(&[4_000_000_000, 0, 4_000_000_000], &[]),
            images,
            "@/no-pixels: dimensions 4000000000 x 0 x 4000000000; expected at least one image and one pixel",
        ),
        ("square", idx(&[2, 2], &[1; 4]), labels, "@/square: dimensions 2 x 2; expected one: labels"),
        ("no-labels", idx(&[0], &[]), labels, "@/no-labels: no labels; expected at least one"),
        ("eleven", idx(&[3], &[1, 9, 10]), labels, "@/eleven, line 3: label 10; expected a label below 10"),
    ]
}

fn csv_cases() -> Vec<Case> {
    vec![
        ("empty.csv", vec![], table, "@/empty.csv, line 1: no row of numbers; expected at least one"),
        ("blank.csv", b"\n\n\n".to_vec(), table, "@/blank.csv, line 4: no row of numbers; expected at least one"),
        ("header.csv", b"a,b\n".to_vec(), named, "@/header.csv, line 2: no row of numbers; expected at least one"),
        (
            "word.csv",
            b"1,2\n3,abc\n".to_vec(),
            table,
            "@/word.csv, line 2: \"abc\" in column 2; expected a finite number",
        ),
        (
            "header-unsaid.csv",
            b"a,b\n1,2\n".to_vec(),
            table,
            "@/header-unsaid.csv, line 1: \"a\" in column 1; expected a finite number",
        ),
        ("gap.csv", b"1,2\n3,\n".to_vec(), table, "@/gap.csv, line 2: \"\" in column 2; expected a finite number"),
        ("nan.csv", b"1,NaN\n".to_vec(), table, "@/nan.csv, line 1: \"NaN\" in column 2; expected a finite number"),
        ("inf.csv", b"1,1e39\n".to_vec(), table, "@/inf.csv, line 1: \"1e39\" in column 2; expected a finite number"),
        (
            "bytes.csv",
            b"1,\xff\xfe\n".to_vec(),
            table,
            "@/bytes.csv, line 1: \"\u{fffd}\u{fffd}\" in column 2; expected a finite number",
        ),
        (
            "long.csv",
            [b"1,".to_vec(), vec![b'x'; 1000]].concat(),
            table,
            "@/long.csv, line 1: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" in column 2; expected a finite number",
        ),
        (
            "ragged.csv",
            b"1,2,3\n4,5,6\n7\n".to_vec(),
            table,
            "@/ragged.csv, line 3: 1 cell; expected 3, as in the first line",
        ),
        ("wide.csv", b"a,b\n1,2,3\n".to_vec(), named, "@/wide.csv, line 2: 3 cells; expected 2, as in the first line"),
        (
            "after-blank.csv",
            b"1,2\n\n\n3,x\n".to_vec(),
            table,
            "@/after-blank.csv, line 4: \"x\" in column 2; expected a finite number",
        ),
        (
            "fraction.csv",
            b"1,2.5\n".to_vec(),
            labelled,
            "@/fraction.csv, line 1: \"2.5\" in column 2; expected a label: a whole number from 0 on",
        ),
        (
            "negative.csv",
            b"1,-1\n".to_vec(),
            labelled,
            "@/negative.csv, line 1: \"-1\" in column 2; expected a label: a whole number from 0 on",
        ),
        (
            "two.csv",
            b"1,2\n".to_vec(),
            third_column,
            "@/two.csv, line 1: 2 columns; expected a column of labels at index 2",
        ),
        (
            "alone.csv",
            b"1\n2\n".to_vec(),
            labelled,
            "@/alone.csv, line 1: a column of labels alone; expected numbers beside it",
        ),
    ]
}

fn event_cases() -> Vec<Case> {
    let good = event(33, 33, true, 8_388_607);
    vec![
        ("none.bin", vec![], events, "@/none.bin: 0 bytes; expected at least one event of 5 bytes"),
        ("seven.bin", vec![0; 7], events, "@/seven.bin: 7 bytes; expected a multiple of 5, the bytes of an event"),
        (
            "x.bs2",
            [good, event(34, 0, true, 1)].concat(),
            events,
            "@/x.bs2: event 1 at x = 34, y = 0; expected x and y below 34",
        ),
        (
            "y.bs2",
            event(0, 240, false, 1).to_vec(),
            events,
            "@/y.bs2: event 0 at x = 0, y = 240; expected x and y below 34",
        ),
    ]
}

fn wav_cases() -> Vec<Case> {
    let good = wav(1, 1, 8000, 16, &[0, 1, 2, 3]);
    let beyond = wav(3, 1, 8000, 32, &[0.5_f32.to_le_bytes(), 1.5_f32.to_le_bytes()].concat());
    let nan = wav(3, 1, 8000, 32, &f32::NAN.to_le_bytes());
    vec![
        (
            "none.wav",
            vec![],
            sound,
            "@/none.wav: the header ends too early; expected a mono wav file of 8, 16, 24 or 32-bit integers or 32-bit floats",
        ),
        (
            "text.wav",
            b"not a sound file at all".to_vec(),
            sound,
            "@/text.wav: a damaged header (no RIFF tag found); expected a mono wav file of 8, 16, 24 or 32-bit integers \
             or 32-bit floats",
        ),
        (
            "adpcm.wav",
            wav(2, 1, 8000, 16, &[0, 0]),
            sound,
            "@/adpcm.wav: a form that is not supported; expected a mono wav file of 8, 16, 24 or 32-bit integers or \
             32-bit floats",
        ),
        (
            "stereo.wav",
            wav(1, 2, 8000, 16, &[0; 8]),
            sound,
            "@/stereo.wav: 2 channels; expected 1 (mix them down first)",
        ),
        ("rate.wav", wav(1, 1, 0, 16, &[0; 8]), sound, "@/rate.wav: a sample rate of 0 Hz; expected a positive one"),
        ("silent.wav", wav(1, 1, 8000, 16, &[]), sound, "@/silent.wav: no samples; expected at least one"),
        (
            "cut.wav",
            good[..good.len() - 1].to_vec(),
            sound,
            "@/cut.wav: the sound ends after 1 samples; expected 2, as in its header",
        ),
        (
            "beyond.wav",
            beyond,
            sound,
            "@/beyond.wav: 1.5 at sample 1; expected values in -1 to 1 (normalise the sound first)",
        ),
        ("nan.wav", nan, sound, "@/nan.wav: NaN at sample 0; expected values in -1 to 1 (normalise the sound first)"),
    ]
}

#[test]
fn every_malformed_file_is_refused_with_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [gzip_cases(), idx_cases(), csv_cases(), event_cases(), wav_cases()].concat();
    assert_eq!(cases.len(), 58);
    for (name, bytes, read, text) in cases {
        let path = write(folder.path(), name, &bytes);
        assert_eq!(error_text(read(&path), folder.path()), text);
    }
}

#[test]
fn a_missing_file_and_a_folder_are_refused_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    for read in [any_idx as Read, images, labels, table, events, sound] {
        let text = error_text(read(&folder.path().join("gone")), folder.path());
        assert_eq!(text, "@/gone: there is no such file; expected a file that can be read");
        let text = error_text(read(folder.path()), folder.path());
        assert_eq!(text, "@: this is a folder; expected a file that can be read");
    }
}

#[test]
fn well_formed_files_are_read() {
    // The control of the table above: the same builders give files that are accepted.
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| write(folder.path(), name, bytes);
    let bytes = idx(&[2, 1, 2], &[0, 1, 2, 255]);
    for path in [file("plain", &bytes), file("packed.gz", &gzip(&bytes)), file("plain.gz", &bytes)] {
        assert_eq!(read_idx_images(path).unwrap(), ndarray::arr2(&[[0.0, 1.0], [2.0, 255.0]]));
    }
    let cube = read_idx(file("cube", &idx(&[1, 2, 1, 2], &[1, 2, 3, 4]))).unwrap();
    assert_eq!((cube.dims, cube.data), (vec![1, 2, 1, 2], vec![1, 2, 3, 4]));
    let two =
        read_events(file("e.bin", &[event(33, 1, true, 8_388_607), event(0, 33, false, 65_536)].concat())).unwrap();
    assert_eq!((two[0].x, two[0].y, two[0].on, two[0].t_us), (33, 1, true, 8_388_607));
    assert_eq!((two[1].x, two[1].y, two[1].on, two[1].t_us), (0, 33, false, 65_536));
    let options = CsvOptions { header: true, labels: LabelColumn::First, delimiter: b';' };
    let table = read_csv(file("t.csv", b"\xef\xbb\xbfkind;a;b\r\n \r\n 3 ; -1.5;2e1\r\n0;4; 5"), &options).unwrap();
    assert_eq!(table.features, ndarray::arr2(&[[-1.5, 20.0], [4.0, 5.0]]));
    assert_eq!(table.labels, Some(vec![3, 0]));
    assert_eq!(table.header, Some(vec!["a".to_owned(), "b".to_owned()]));
}
