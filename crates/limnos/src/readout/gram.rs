//! A Gram matrix accumulated from panels of rows.
//!
//! The upper triangle is held as tiles of fixed size. Each tile is summed over the panels in their order by one task at
//! a time, so the bits depend neither on the number of threads nor, for integers, on the panels.

use std::ops::Range;

use ndarray::{Array2, ArrayRef2};
use rayon::prelude::*;

use super::solve;

/// Rows and columns of a tile.
const TILE: usize = 128;

#[derive(Clone, Debug)]
struct Tile {
    rows: Range<usize>,
    columns: Range<usize>,
    values: Array2<f64>,
}

impl Tile {
    fn new(i: usize, j: usize, size: usize) -> Self {
        let span = |k: usize| k * TILE..size.min((k + 1) * TILE);
        let (rows, columns) = (span(i), span(j));
        Self { values: Array2::zeros((rows.len(), columns.len())), rows, columns }
    }
}

/// The sum of `panel^T panel` over all panels added.
#[derive(Clone, Debug)]
pub(super) struct Gram {
    size: usize,
    tiles: Vec<Tile>,
}

impl Gram {
    /// Zero, of `size` x `size`.
    pub fn new(size: usize) -> Self {
        let count = size.div_ceil(TILE);
        let tiles = (0..count).flat_map(|i| (i..count).map(move |j| Tile::new(i, j, size))).collect();
        Self { size, tiles }
    }

    /// Adds `panel^T panel`, for a contiguous panel of `size` columns.
    pub fn add(&mut self, panel: &ArrayRef2<f64>) {
        self.tiles
            .par_iter_mut()
            .for_each(|tile| solve::add_gram_tile(panel, tile.rows.clone(), tile.columns.clone(), &mut tile.values));
    }

    /// The whole symmetric matrix.
    pub fn dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros((self.size, self.size));
        for tile in &self.tiles {
            for ((i, j), &value) in tile.values.indexed_iter() {
                let (i, j) = (tile.rows.start + i, tile.columns.start + j);
                if i <= j {
                    dense[(i, j)] = value;
                    dense[(j, i)] = value;
                }
            }
        }
        dense
    }
}
