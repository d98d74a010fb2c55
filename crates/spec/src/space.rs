//! How many neurons there are, and where they stand.

use std::sync::Arc;

use glam::Vec3;

/// A three-dimensional grid of neurons at integer positions (unit: one grid step, read as mm where a velocity is used).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid3 {
    /// Neurons along x.
    pub x: usize,
    /// Neurons along y.
    pub y: usize,
    /// Neurons along z.
    pub z: usize,
}

impl Grid3 {
    /// A grid of `x * y * z` neurons.
    #[must_use]
    pub const fn new(x: usize, y: usize, z: usize) -> Self {
        Self { x, y, z }
    }

    /// The position of the `index`-th place; x runs slowest.
    #[must_use]
    pub fn position(&self, index: usize) -> Vec3 {
        let (x, rest) = (index / (self.y * self.z), index % (self.y * self.z));
        Vec3::new(x as f32, (rest / self.z) as f32, (rest % self.z) as f32)
    }
}

/// The size of a population or input, with positions where distances matter.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// So many neurons, nowhere in particular.
    Count(usize),
    /// A grid.
    Grid(Grid3),
    /// Given positions, one a neuron.
    Positions(Arc<[Vec3]>),
}

impl Shape {
    /// How many neurons.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Count(n) => *n,
            Self::Grid(g) => g.x.saturating_mul(g.y).saturating_mul(g.z),
            Self::Positions(p) => p.len(),
        }
    }
}

impl From<usize> for Shape {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<Grid3> for Shape {
    fn from(grid: Grid3) -> Self {
        Self::Grid(grid)
    }
}

impl From<Vec<Vec3>> for Shape {
    fn from(positions: Vec<Vec3>) -> Self {
        Self::Positions(positions.into())
    }
}
