//! A Gram matrix accumulated from panels of rows, and its solution in place.
//!
//! The lower triangle alone is held, as tiles of fixed size. Each tile is summed over the panels in their order by one
//! task at a time, so the bits depend neither on the number of threads nor, for integers, on the panels.

use ndarray::Array2;
use rayon::prelude::*;

use super::{panel::Panel, solve};

/// Rows and columns of a tile: what the processor multiplies fastest, and a matrix of 5000 still has 800 of them.
pub(super) const TILE: usize = 128;

/// Part of a triangle, column after column.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    /// First row of the matrix, and number of rows.
    pub row: usize,
    pub rows: usize,
    /// First column of the matrix, and number of columns.
    pub column: usize,
    pub columns: usize,
    pub values: Vec<f64>,
}

impl Tile {
    fn new(i: usize, j: usize, size: usize) -> Self {
        let length = |k: usize| TILE.min(size - k * TILE);
        let (rows, columns) = (length(i), length(j));
        Self { row: i * TILE, rows, column: j * TILE, columns, values: vec![0.0; rows * columns] }
    }
}

/// The sum of `panel^T panel` over all panels added: a symmetric matrix.
#[derive(Clone, Debug, Default)]
pub(super) struct Gram {
    size: usize,
    /// Column after column of tiles, each from the diagonal down.
    tiles: Vec<Tile>,
}

impl Gram {
    /// Zero, of `size` x `size`.
    pub fn new(size: usize) -> Self {
        let count = size.div_ceil(TILE);
        Self { size, tiles: (0..count).flat_map(|j| (j..count).map(move |i| Tile::new(i, j, size))).collect() }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// Rows (and columns) of tiles.
    pub fn count(&self) -> usize {
        self.size.div_ceil(TILE)
    }

    /// Where the tiles of a column of tiles begin.
    pub fn start(&self, j: usize) -> usize {
        j * self.count() - j * j.saturating_sub(1) / 2
    }

    /// A column of tiles, from the diagonal down.
    pub fn column(&self, j: usize) -> &[Tile] {
        &self.tiles[self.start(j)..self.start(j + 1)]
    }

    pub fn tiles_mut(&mut self) -> &mut [Tile] {
        &mut self.tiles
    }

    /// Adds `panel^T panel`.
    pub fn add(&mut self, panel: &Panel) {
        self.tiles.par_iter_mut().for_each(|tile| {
            let (left, right) = (panel.columns(tile.row, tile.rows), panel.columns(tile.column, tile.columns));
            solve::add_gram_tile(left, right, &mut tile.values);
        });
    }

    /// Adds to each entry what a function of its row and column gives; a tile on the diagonal asks for both orders.
    pub fn add_entries(&mut self, entry: impl Fn(usize, usize) -> f64 + Sync) {
        self.tiles.par_iter_mut().for_each(|tile| {
            for (j, values) in (tile.column..).zip(tile.values.chunks_exact_mut(tile.rows)) {
                (tile.row..).zip(values).for_each(|(i, value)| *value += entry(i, j));
            }
        });
    }

    /// The entry of a row and a column in any order.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let (i, j) = (i.max(j), i.min(j));
        let tile = &self.tiles[self.start(j / TILE) + i / TILE - j / TILE];
        tile.values[(j % TILE) * tile.rows + i % TILE]
    }

    /// The matrix of the rows and columns `kept` (ascending), each entry mapped with its row and column, the row the
    /// larger. Tiles are given up as soon as they are read.
    pub fn condense(mut self, kept: &[usize], map: impl Fn(usize, usize, f64) -> f64 + Sync) -> Self {
        let mut small = Self::new(0);
        small.size = kept.len();
        for j in 0..kept.len().div_ceil(TILE) {
            let fill = |i: usize| {
                let mut tile = Tile::new(i, j, kept.len());
                self.copy_kept(&mut tile, kept, &map);
                tile
            };
            let column: Vec<Tile> = (j..small.count()).into_par_iter().map(fill).collect();
            small.tiles.extend(column);
            let done = self.start(kept[small.size.min((j + 1) * TILE) - 1] / TILE);
            self.tiles[..done].iter_mut().for_each(|tile| tile.values = Vec::new());
        }
        small
    }

    fn copy_kept(&self, tile: &mut Tile, kept: &[usize], map: &impl Fn(usize, usize, f64) -> f64) {
        for (column, out) in kept[tile.column..].iter().zip(tile.values.chunks_exact_mut(tile.rows)) {
            for (row, out) in kept[tile.row..].iter().zip(out) {
                let (i, j) = (*row.max(column), *row.min(column));
                *out = map(i, j, self.get(i, j));
            }
        }
    }

    /// The whole symmetric matrix.
    pub fn dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros((self.size, self.size));
        for tile in &self.tiles {
            for (j, values) in (tile.column..).zip(tile.values.chunks_exact(tile.rows)) {
                for (i, &value) in (tile.row..).zip(values).filter(|(i, _)| *i >= j) {
                    dense[(i, j)] = value;
                    dense[(j, i)] = value;
                }
            }
        }
        dense
    }
}
