//! Sparse matrices as rows of ascending columns (CSR), in f64.

use crate::SpecError;

/// A sparse matrix: row `i` holds the columns `column[row_start[i]..row_start[i + 1]]`, ascending, each once, with finite values.
/// A value may be 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseMatrix {
    rows: usize,
    columns: usize,
    row_start: Vec<usize>,
    column: Vec<u32>,
    value: Vec<f64>,
}

impl SparseMatrix {
    /// A matrix from its parts.
    ///
    /// # Errors
    /// [`SpecError::Length`] where the parts do not fit each other, [`SpecError::Invalid`] for a column that is out of range or out of
    /// order or a value that is not finite, with its place; [`SpecError::TooMany`] for 2^32 rows or columns.
    pub fn new(
        rows: usize,
        columns: usize,
        row_start: Vec<usize>,
        column: Vec<u32>,
        value: Vec<f64>,
    ) -> Result<Self, SpecError> {
        check_sizes(rows, columns)?;
        let length = |argument: &str, needed, found| match needed == found {
            true => Ok(()),
            false => Err(SpecError::Length { argument: format!("{argument} of a sparse matrix"), needed, found }),
        };
        length("row_start", rows + 1, row_start.len())?;
        length("value", column.len(), value.len())?;
        check_row_start(&row_start, column.len())?;
        let matrix = Self { rows, columns, row_start, column, value };
        (0..rows).try_for_each(|i| matrix.check_row(i))?;
        Ok(matrix)
    }

    /// A matrix without entries.
    ///
    /// # Errors
    /// [`SpecError::TooMany`] for 2^32 rows or columns.
    pub fn empty(rows: usize, columns: usize) -> Result<Self, SpecError> {
        check_sizes(rows, columns)?;
        Ok(Self { rows, columns, row_start: vec![0; rows + 1], column: Vec::new(), value: Vec::new() })
    }

    /// A matrix from `(row, column, value)` in any order; values of one place are added in the order given.
    ///
    /// # Errors
    /// As [`SparseMatrix::new`].
    pub fn from_triplets(rows: usize, columns: usize, triplets: &[(usize, usize, f64)]) -> Result<Self, SpecError> {
        check_sizes(rows, columns)?;
        if let Some(&(i, j, _)) = triplets.iter().find(|(i, j, _)| *i >= rows || *j >= columns) {
            let allowed = format!("rows below {rows} and columns below {columns}");
            return Err(SpecError::invalid("place of a triplet", format!("({i}, {j})"), allowed));
        }
        let mut order: Vec<usize> = (0..triplets.len()).collect();
        order.sort_by_key(|&k| (triplets[k].0, triplets[k].1));
        let mut matrix = Self::empty(rows, columns)?;
        let mut last = None;
        for (i, j, v) in order.into_iter().map(|k| triplets[k]) {
            if last == Some((i, j)) {
                *matrix.value.last_mut().expect("the entry of the same place should have been pushed") += v;
            } else {
                matrix.column.push(j as u32);
                matrix.value.push(v);
                matrix.row_start[i + 1] += 1;
                last = Some((i, j));
            }
        }
        for i in 0..rows {
            matrix.row_start[i + 1] += matrix.row_start[i];
        }
        (0..rows).try_for_each(|i| matrix.check_row(i))?;
        Ok(matrix)
    }

    /// The entries of a dense matrix in row order that are not 0.
    ///
    /// # Errors
    /// As [`SparseMatrix::new`].
    pub fn from_dense(rows: usize, columns: usize, values: &[f64]) -> Result<Self, SpecError> {
        if rows.checked_mul(columns) != Some(values.len()) {
            let argument = format!("a dense matrix of {rows} x {columns}");
            return Err(SpecError::Length { argument, needed: rows.saturating_mul(columns), found: values.len() });
        }
        check_sizes(rows, columns)?;
        let mut matrix = Self::empty(rows, columns)?;
        for i in 0..rows {
            let row = &values[i * columns..(i + 1) * columns];
            for (j, &v) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
                matrix.column.push(j as u32);
                matrix.value.push(v);
            }
            matrix.row_start[i + 1] = matrix.column.len();
            matrix.check_row(i)?;
        }
        Ok(matrix)
    }

    /// Matrices of equal height side by side, from left to right.
    ///
    /// # Errors
    /// [`SpecError::Length`] for one of another height; [`SpecError::TooMany`] for 2^32 columns.
    pub fn side_by_side(parts: &[&Self]) -> Result<Self, SpecError> {
        let rows = parts.first().map_or(0, |m| m.rows);
        if let Some((k, other)) = parts.iter().enumerate().find(|(_, m)| m.rows != rows) {
            let argument = format!("matrix {k} of those side by side (its rows)");
            return Err(SpecError::Length { argument, needed: rows, found: other.rows });
        }
        let columns = parts.iter().map(|m| m.columns).sum();
        let mut all = Self::empty(rows, columns)?;
        let entries = parts.iter().map(|m| m.len()).sum();
        (all.column, all.value) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
        for i in 0..rows {
            let mut first = 0;
            for part in parts {
                let (column, value) = part.row(i);
                all.column.extend(column.iter().map(|&j| j + first));
                all.value.extend_from_slice(value);
                first += part.columns as u32;
            }
            all.row_start[i + 1] = all.column.len();
        }
        Ok(all)
    }

    /// Rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.column.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.column.is_empty()
    }

    /// Where each row starts; one more entry than rows.
    #[must_use]
    pub fn row_start(&self) -> &[usize] {
        &self.row_start
    }

    /// The column of each entry.
    #[must_use]
    pub fn column(&self) -> &[u32] {
        &self.column
    }

    /// The value of each entry.
    #[must_use]
    pub fn value(&self) -> &[f64] {
        &self.value
    }

    /// Columns and values of row `i`.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let range = self.row_start[i]..self.row_start[i + 1];
        (&self.column[range.clone()], &self.value[range])
    }

    /// All entries as `(row, column, value)`, row by row.
    pub fn triplets(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        (0..self.rows).flat_map(move |i| {
            let (column, value) = self.row(i);
            column.iter().zip(value).map(move |(&j, &v)| (i, j as usize, v))
        })
    }

    /// The dense matrix, row by row.
    #[must_use]
    pub fn to_dense(&self) -> Vec<f64> {
        let mut dense = vec![0.0; self.rows * self.columns];
        self.triplets().for_each(|(i, j, v)| dense[i * self.columns + j] = v);
        dense
    }

    /// `y = A x`; each sum goes through its row from left to right.
    ///
    /// # Panics
    /// If `x` does not have `columns` entries or `y` not `rows`.
    pub fn multiply(&self, x: &[f64], y: &mut [f64]) {
        assert!(x.len() == self.columns && y.len() == self.rows, "vectors of A x should have its columns and rows");
        for (i, out) in y.iter_mut().enumerate() {
            let (column, value) = self.row(i);
            *out = column.iter().zip(value).map(|(&j, v)| v * x[j as usize]).sum();
        }
    }

    /// The same places with other values.
    ///
    /// # Errors
    /// [`SpecError::Length`] for another number of values than entries; [`SpecError::Invalid`] for one that is not finite.
    pub fn with_values(&self, value: Vec<f64>) -> Result<Self, SpecError> {
        Self::new(self.rows, self.columns, self.row_start.clone(), self.column.clone(), value)
    }

    /// Every value times `factor`.
    ///
    /// # Errors
    /// [`SpecError::Invalid`] where a product is not finite.
    pub fn scaled(self, factor: f64) -> Result<Self, SpecError> {
        self.mapped("factor", |_, _, v| v * factor)
    }

    /// Column `j` times `factors[j]`.
    ///
    /// # Errors
    /// [`SpecError::Length`] for another number of factors than columns; [`SpecError::Invalid`] where a product is not finite.
    pub fn scaled_columns(self, factors: &[f64]) -> Result<Self, SpecError> {
        let (needed, found) = (self.columns, factors.len());
        if needed != found {
            return Err(SpecError::Length { argument: "factors of columns".into(), needed, found });
        }
        self.mapped("factors of columns", |_, j, v| v * factors[j])
    }

    /// Row `i` times `factors[i]`.
    ///
    /// # Errors
    /// [`SpecError::Length`] for another number of factors than rows; [`SpecError::Invalid`] where a product is not finite.
    pub fn scaled_rows(self, factors: &[f64]) -> Result<Self, SpecError> {
        let (needed, found) = (self.rows, factors.len());
        if needed != found {
            return Err(SpecError::Length { argument: "factors of rows".into(), needed, found });
        }
        self.mapped("factors of rows", |i, _, v| v * factors[i])
    }

    fn mapped(mut self, argument: &str, f: impl Fn(usize, usize, f64) -> f64) -> Result<Self, SpecError> {
        for i in 0..self.rows {
            for k in self.row_start[i]..self.row_start[i + 1] {
                let j = self.column[k] as usize;
                let scaled = f(i, j, self.value[k]);
                if !scaled.is_finite() {
                    let what = format!("{argument}, times {} in row {i}, column {j},", self.value[k]);
                    return Err(SpecError::invalid(what, scaled, "factors whose products are finite"));
                }
                self.value[k] = scaled;
            }
        }
        Ok(self)
    }

    fn check_row(&self, i: usize) -> Result<(), SpecError> {
        let (column, value) = self.row(i);
        let wrong = |k: usize| k > 0 && column[k] <= column[k - 1] || column[k] as usize >= self.columns;
        if let Some(k) = (0..column.len()).find(|&k| wrong(k)) {
            let allowed = format!("columns below {}, ascending, each once", self.columns);
            return Err(SpecError::invalid(format!("entry {k} of row {i} of a sparse matrix"), column[k], allowed));
        }
        match value.iter().position(|v| !v.is_finite()) {
            Some(k) => {
                let what = format!("the value in row {i}, column {} of a sparse matrix", column[k]);
                Err(SpecError::invalid(what, value[k], "finite numbers"))
            }
            None => Ok(()),
        }
    }
}

fn check_sizes(rows: usize, columns: usize) -> Result<(), SpecError> {
    match [("rows", rows), ("columns", columns)].into_iter().find(|(_, n)| *n > u32::MAX as usize) {
        None => Ok(()),
        Some((name, n)) => Err(SpecError::TooMany {
            what: format!("{name} of a sparse matrix"),
            needed: n as u64,
            allowed: u64::from(u32::MAX),
        }),
    }
}

fn check_row_start(row_start: &[usize], entries: usize) -> Result<(), SpecError> {
    let first_and_last = (row_start[0], row_start[row_start.len() - 1]);
    if first_and_last != (0, entries) || !row_start.is_sorted() {
        let value = format!("from {} to {}, sorted: {}", row_start[0], first_and_last.1, row_start.is_sorted());
        let allowed = format!("ascending from 0 to the number of entries, {entries}");
        return Err(SpecError::invalid("row_start of a sparse matrix", value, allowed));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> SparseMatrix {
        SparseMatrix::from_dense(2, 3, &[0.0, 2.0, -1.0, 4.0, 0.0, 0.0]).unwrap()
    }

    #[test]
    fn the_same_matrix_from_parts_triplets_and_dense() {
        let parts = SparseMatrix::new(2, 3, vec![0, 2, 3], vec![1, 2, 0], vec![2.0, -1.0, 4.0]).unwrap();
        let triplets = [(1, 0, 3.0), (0, 2, -1.0), (0, 1, 2.0), (1, 0, 1.0)];
        assert_eq!(parts, example());
        assert_eq!(SparseMatrix::from_triplets(2, 3, &triplets).unwrap(), example());
        assert_eq!(example().to_dense(), [0.0, 2.0, -1.0, 4.0, 0.0, 0.0]);
        assert_eq!(example().triplets().collect::<Vec<_>>(), [(0, 1, 2.0), (0, 2, -1.0), (1, 0, 4.0)]);
    }

    #[test]
    fn products_and_scales() {
        let mut y = [0.0; 2];
        example().multiply(&[1.0, 10.0, 100.0], &mut y);
        assert_eq!(y, [-80.0, 4.0]);
        assert_eq!(example().scaled(0.5).unwrap().value(), [1.0, -0.5, 2.0]);
        assert_eq!(example().scaled_columns(&[1.0, 2.0, 3.0]).unwrap().value(), [4.0, -3.0, 4.0]);
        assert_eq!(example().scaled_rows(&[1.0, 2.0]).unwrap().value(), [2.0, -1.0, 8.0]);
    }

    #[test]
    fn side_by_side_keeps_rows() {
        let both = SparseMatrix::side_by_side(&[&example(), &SparseMatrix::empty(2, 1).unwrap(), &example()]).unwrap();
        assert_eq!((both.rows(), both.columns()), (2, 7));
        assert_eq!(both.row(0), (&[1, 2, 5, 6][..], &[2.0, -1.0, 2.0, -1.0][..]));
        let other = SparseMatrix::empty(3, 1).unwrap();
        let error = SparseMatrix::side_by_side(&[&example(), &other]).unwrap_err();
        assert_eq!(error.to_string(), "matrix 1 of those side by side (its rows) has 3 entries; needed: 2");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let new = |row_start: &[usize], column: &[u32], value: &[f64]| {
            SparseMatrix::new(2, 3, row_start.to_vec(), column.to_vec(), value.to_vec()).unwrap_err().to_string()
        };
        assert_eq!(new(&[0, 1], &[0], &[1.0]), "row_start of a sparse matrix has 2 entries; needed: 3");
        assert_eq!(new(&[0, 0, 1], &[0], &[]), "value of a sparse matrix has 0 entries; needed: 1");
        assert_eq!(
            new(&[0, 2, 1], &[0], &[1.0]),
            "row_start of a sparse matrix is from 0 to 1, sorted: false; allowed: ascending from 0 to the number of entries, 1"
        );
        let order = "allowed: columns below 3, ascending, each once";
        assert_eq!(new(&[0, 1, 2], &[0, 3], &[1.0; 2]), format!("entry 0 of row 1 of a sparse matrix is 3; {order}"));
        assert_eq!(new(&[0, 2, 2], &[1, 1], &[1.0; 2]), format!("entry 1 of row 0 of a sparse matrix is 1; {order}"));
        assert_eq!(
            new(&[0, 0, 1], &[2], &[f64::NAN]),
            "the value in row 1, column 2 of a sparse matrix is NaN; allowed: finite numbers"
        );
        let triplet = SparseMatrix::from_triplets(2, 3, &[(2, 0, 1.0)]).unwrap_err().to_string();
        assert_eq!(triplet, "place of a triplet is (2, 0); allowed: rows below 2 and columns below 3");
        assert!(SparseMatrix::from_dense(2, 3, &[0.0; 5]).is_err());
        assert!(example().scaled(f64::INFINITY).unwrap_err().to_string().contains("row 0, column 1"));
        assert!(example().scaled_columns(&[1.0]).is_err() && example().scaled_rows(&[1.0]).is_err());
        assert!(example().with_values(vec![1.0, f64::INFINITY, 2.0]).is_err());
    }
}
