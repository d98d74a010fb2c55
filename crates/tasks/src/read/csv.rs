//! Tables of numbers with an optional column of labels.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Trim};
use ndarray::Array2;

use crate::error::{self, argument};
use crate::read::source::Source;
use crate::{About, Dataset, Error, Result};

/// Where a table keeps its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelColumn {
    /// There are none.
    #[default]
    None,
    /// In the first column.
    First,
    /// In the last column.
    Last,
    /// In this column, counted from 0.
    Index(usize),
}

impl LabelColumn {
    /// Which of `width` columns it is.
    fn index(self, width: usize) -> Option<usize> {
        match self {
            Self::None => None,
            Self::First => Some(0),
            Self::Last => width.checked_sub(1),
            Self::Index(i) => Some(i),
        }
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// Whether the first line holds names.
    pub header: bool,
    /// Where the labels are.
    pub labels: LabelColumn,
    /// What separates the cells; a comma by default.
    pub delimiter: u8,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { header: false, labels: LabelColumn::None, delimiter: b',' }
    }
}

/// A table as read.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvTable {
    /// Rows x columns, the column of labels left out.
    pub features: Array2<f32>,
    /// One label a row, if a column of labels was named.
    pub labels: Option<Vec<u32>>,
    /// The names in the first line, if there are, the column of labels left out.
    pub header: Option<Vec<String>>,
}

impl CsvTable {
    /// A data set of `classes` classes with values from 0 to `full_scale`.
    ///
    /// # Errors
    /// If no column of labels was named, and as [`Dataset::new`].
    pub fn into_dataset(self, classes: u32, full_scale: f32, about: About) -> Result<Dataset> {
        let labels = self.labels.ok_or_else(|| argument("labels", "LabelColumn::None", "First, Last or Index(i)"))?;
        Dataset::new(self.features, labels, classes, full_scale, about)
    }
}

/// Reads a table of finite numbers, plain or gzip. Spaces around cells and empty lines are passed over.
///
/// # Errors
/// If the file cannot be read or decompressed, if a cell is not a finite number, if a label is not a whole number from 0
/// on, if a line has another number of cells than the first, if there is no such column of labels, or no number at all.
pub fn read_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<CsvTable> {
    parse(Source::open(path.as_ref())?, options)
}

/// What has been read so far.
struct Rows {
    path: PathBuf,
    options: CsvOptions,
    /// The line being read, from 1.
    line: u64,
    header: Option<Vec<String>>,
    label_column: Option<usize>,
    width: usize,
    values: Vec<f32>,
    labels: Vec<u32>,
    count: usize,
}

/// Reads all rows of a source. Lines are cut here and not by the csv reader, whose line numbers pass over empty lines.
pub(crate) fn parse(mut source: Source<'_>, options: &CsvOptions) -> Result<CsvTable> {
    let mut rows = Rows::new(source.path.clone(), *options);
    let mut lines = BufReader::new(std::mem::replace(&mut source.reader, Box::new(io::empty())));
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).map_err(|e| source.error(e))? == 0 {
            return rows.finish();
        }
        rows.line += 1;
        rows.take_line(if rows.line == 1 { without_mark(&line) } else { &line })?;
    }
}

/// The first line without the byte order mark that some editors put there.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

impl Rows {
    fn new(path: PathBuf, options: CsvOptions) -> Self {
        let (values, labels) = (Vec::new(), Vec::new());
        Self { path, options, line: 0, header: None, label_column: None, width: 0, values, labels, count: 0 }
    }

    /// Takes one line: the header, a row of numbers, or nothing.
    fn take_line(&mut self, line: &[u8]) -> Result<()> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .delimiter(self.options.delimiter)
            .from_reader(line);
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|e| self.error(e, "a line of numbers"))? {
            if is_blank(&record) {
                continue;
            }
            if self.options.header && self.header.is_none() {
                self.header = Some(texts(&record));
            } else {
                self.push(&record)?;
            }
        }
        Ok(())
    }

    /// Takes the shape of the table from its header or its first row of numbers.
    fn start(&mut self, record: &ByteRecord) -> Result<()> {
        self.width = self.header.as_ref().map_or(record.len(), Vec::len);
        self.label_column = self.options.labels.index(self.width);
        match self.label_column {
            Some(c) if c >= self.width => {
                let columns = format!("{} columns", self.width);
                Err(self.error(columns, format!("a column of labels at index {c}")))
            }
            Some(_) if self.width == 1 => Err(self.error("a column of labels alone", "numbers beside it")),
            _ => Ok(()),
        }
    }

    /// Takes one row.
    fn push(&mut self, record: &ByteRecord) -> Result<()> {
        if self.count == 0 {
            self.start(record)?;
        }
        if record.len() != self.width {
            return Err(self.error(cells(record.len()), format!("{}, as in the first line", self.width)));
        }
        for (column, cell) in record.iter().enumerate() {
            if Some(column) == self.label_column {
                self.labels.push(self.label(column, cell)?);
            } else {
                self.values.push(self.number(column, cell)?);
            }
        }
        self.count += 1;
        Ok(())
    }

    fn number(&self, column: usize, cell: &[u8]) -> Result<f32> {
        let number: Option<f32> = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
        number.filter(|x| x.is_finite()).ok_or_else(|| self.error(cell_text(column, cell), "a finite number"))
    }

    fn label(&self, column: usize, cell: &[u8]) -> Result<u32> {
        let label = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
        label.ok_or_else(|| self.error(cell_text(column, cell), "a label: a whole number from 0 on"))
    }

    fn error(&self, found: impl ToString, expected: impl ToString) -> Error {
        error::csv(&self.path, self.line, found, expected)
    }

    fn finish(self) -> Result<CsvTable> {
        if self.count == 0 {
            return Err(error::csv(&self.path, self.line + 1, "no row of numbers", "at least one"));
        }
        let labelled = self.label_column;
        let columns = self.width - usize::from(labelled.is_some());
        let features = Array2::from_shape_vec((self.count, columns), self.values);
        Ok(CsvTable {
            features: features.expect("every row should have been checked for its length"),
            labels: labelled.map(|_| self.labels),
            header: self.header.map(|names| without(names, labelled)),
        })
    }
}

/// All names but that of the column of labels.
fn without(mut names: Vec<String>, column: Option<usize>) -> Vec<String> {
    if let Some(c) = column {
        names.remove(c);
    }
    names
}

/// Whether a line has nothing but spaces.
fn is_blank(record: &ByteRecord) -> bool {
    record.len() == 1 && record[0].is_empty()
}

fn texts(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
}

fn cells(n: usize) -> String {
    if n == 1 { "1 cell".into() } else { format!("{n} cells") }
}

/// `"abc" in column 3`, columns counted from 1, long cells cut.
fn cell_text(column: usize, cell: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = String::from_utf8_lossy(cell);
    let cut: String = text.chars().take(SHOWN).collect();
    let dots = if cut.len() < text.len() { "..." } else { "" };
    format!("{:?} in column {}", cut + dots, column + 1)
}
