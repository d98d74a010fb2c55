//! Weight matrices that reservoirs are made of. Every entry follows from the key, the number of the matrix and its place alone; rows hold what a unit hears.

use limnos_spec::Distribution;
use limnos_spec::rate::SparseMatrix;
use limnos_spec::rng::{self, Purpose};

use crate::Result;
use crate::error::argument;

/// The random numbers of one matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    pub(super) key: [u32; 2],
    pub(super) matrix: u32,
}

impl Draws {
    /// Uniform in (0, 1): number `k` of a row.
    fn uniform(self, row: usize, k: u32) -> f64 {
        let stream = rng::stream(Purpose::Target, self.matrix, 0);
        rng::unit(rng::philox([stream, row as u32, k / 4, 0], self.key)[(k % 4) as usize])
    }

    /// Uniform in `0..n`.
    fn below(self, row: usize, k: u32, n: usize) -> usize {
        ((self.uniform(row, k) * n as f64) as usize).min(n - 1)
    }

    /// The weight of entry `k` of a row.
    fn weight(self, of: &Distribution, row: usize, k: usize, index: usize) -> f64 {
        of.draw(rng::stream(Purpose::Weight, self.matrix, 0), row as u32, k as u32, index, self.key)
    }
}

/// Fills rows one after another.
struct Rows {
    rows: usize,
    columns: usize,
    row_start: Vec<usize>,
    column: Vec<u32>,
}

impl Rows {
    fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns, row_start: vec![0], column: Vec::new() }
    }

    fn end_row(&mut self) {
        self.row_start.push(self.column.len());
    }

    /// The matrix with weights drawn for its places.
    fn weighted(self, weights: &Distribution, draws: Draws) -> Result<SparseMatrix> {
        weights.validate("weights of a reservoir", self.column.len())?;
        let row = |i: usize| {
            let first = self.row_start[i];
            (first..self.row_start[i + 1]).map(move |k| (i, k - first, k))
        };
        let value = (0..self.rows).flat_map(row).map(|(i, k, index)| draws.weight(weights, i, k, index)).collect();
        Ok(SparseMatrix::new(self.rows, self.columns, self.row_start, self.column, value)?)
    }
}

/// Each place holds an entry with probability `connectivity`; gaps between entries are drawn, so the cost is that of the entries.
pub(super) fn random(
    (rows, columns): (usize, usize),
    connectivity: f64,
    weights: &Distribution,
    draws: Draws,
) -> Result<SparseMatrix> {
    if !(0.0..=1.0).contains(&connectivity) {
        return Err(argument("connectivity", connectivity, "a probability, 0 to 1"));
    }
    let mut out = Rows::new(rows, columns);
    let log_none = libm::log1p(-connectivity);
    for i in 0..rows {
        let (mut j, mut k) = (0.0, 0);
        loop {
            // Geometric: a connectivity of 1 leaves no gap, one of 0 an infinite one.
            j += libm::floor(libm::log(draws.uniform(i, k)) / log_none).abs();
            if j >= columns as f64 {
                break;
            }
            out.column.push(j as u32);
            j += 1.0;
            k += 1;
        }
        out.end_row();
    }
    out.weighted(weights, draws)
}

/// Each row holds `degree` entries at distinct places (Floyd's sampling).
pub(super) fn degree(
    (rows, columns): (usize, usize),
    degree: usize,
    weights: &Distribution,
    draws: Draws,
) -> Result<SparseMatrix> {
    let degree = degree.min(columns);
    let mut out = Rows::new(rows, columns);
    let mut row = Vec::with_capacity(degree);
    for i in 0..rows {
        row.clear();
        for (k, last) in (columns - degree..columns).enumerate() {
            let drawn = draws.below(i, k as u32, last + 1) as u32;
            let place = row.binary_search(&drawn);
            match place {
                Err(at) => row.insert(at, drawn),
                Ok(_) => row.push(last as u32),
            }
        }
        out.column.extend_from_slice(&row);
        out.end_row();
    }
    out.weighted(weights, draws)
}

/// Unit i hears unit i - 1.
pub(super) fn ring(units: usize) -> Result<SparseMatrix> {
    let entries: Vec<_> = (0..units).map(|i| (i, (i + units - 1) % units, 1.0)).collect();
    Ok(SparseMatrix::from_triplets(units, units, &entries)?)
}

/// The ring, and jumps of `weight` between units 0, `jump`, 2 `jump`, … in both directions, around the ring where `jump` divides it.
pub(super) fn cycle_with_jumps(units: usize, jump: usize, weight: f64) -> Result<SparseMatrix> {
    if jump < 2 || jump > units / 2 {
        return Err(argument("jump", jump, format!("2 to half of the {units} units")));
    }
    if !weight.is_finite() {
        return Err(argument("jump_weight", weight, "a finite number"));
    }
    let mut entries: Vec<_> = ring(units)?.triplets().collect();
    // Two jumps of half the ring are one.
    let around = units.is_multiple_of(jump) && units > 2 * jump;
    for from in (0..units).step_by(jump).filter(|from| around || from + jump < units) {
        let to = (from + jump) % units;
        entries.extend([(from, to, weight), (to, from, weight)]);
    }
    Ok(SparseMatrix::from_triplets(units, units, &entries)?)
}

/// Each unit hears `neighbours` around it on a ring, each of them with probability `rewiring` another unit instead.
pub(super) fn small_world(
    units: usize,
    neighbours: usize,
    rewiring: f64,
    weights: &Distribution,
    draws: Draws,
) -> Result<SparseMatrix> {
    if !neighbours.is_multiple_of(2) || neighbours == 0 || neighbours >= units {
        return Err(argument("neighbours", neighbours, format!("an even number, 2 to {}", units.saturating_sub(1))));
    }
    if !(0.0..=1.0).contains(&rewiring) {
        return Err(argument("rewiring", rewiring, "a probability, 0 to 1"));
    }
    let mut out = Rows::new(units, units);
    for i in 0..units {
        let lattice = (1..=neighbours / 2).flat_map(|d| [(i + d) % units, (i + units - d) % units]);
        let mut row: Vec<usize> = lattice.collect();
        let mut k = 0;
        for at in 0..row.len() {
            let moves = draws.uniform(i, k) < rewiring;
            k += 1;
            // With all other units taken there is nowhere to go.
            while moves && row.len() + 1 < units {
                let to = draws.below(i, k, units);
                k += 1;
                if to != i && !row.contains(&to) {
                    row[at] = to;
                    break;
                }
            }
        }
        row.sort_unstable();
        out.column.extend(row.iter().map(|&j| j as u32));
        out.end_row();
    }
    out.weighted(weights, draws)
}

/// A random orthogonal matrix: a random signed permutation, turned in random planes until it has the density.
pub(super) fn orthogonal(units: usize, density: f64, draws: Draws) -> Result<SparseMatrix> {
    if !(density > 0.0 && density <= 1.0) {
        return Err(argument("density", density, "above 0 and at most 1"));
    }
    let mut rows = signed_permutation(units, draws);
    let wanted = (density * (units * units) as f64) as usize;
    let mut entries = units;
    // A dense matrix needs about n log2(n) / 2 rotations; the bound ends where cancellation leaves holes.
    let most = 4 * units * (2 + units.ilog2() as usize);
    for turn in 0..most {
        if entries >= wanted || units < 2 {
            break;
        }
        let a = draws.below(units, 3 * turn as u32, units);
        let b = (a + 1 + draws.below(units, 3 * turn as u32 + 1, units - 1)) % units;
        let angle = std::f64::consts::TAU * draws.uniform(units, 3 * turn as u32 + 2);
        entries -= rows[a].len() + rows[b].len();
        (rows[a], rows[b]) = turned(&rows[a], &rows[b], angle);
        entries += rows[a].len() + rows[b].len();
    }
    let triplets: Vec<_> =
        rows.iter().enumerate().flat_map(|(i, row)| row.iter().map(move |&(j, v)| (i, j as usize, v))).collect();
    Ok(SparseMatrix::from_triplets(units, units, &triplets)?)
}

type Row = Vec<(u32, f64)>;

fn signed_permutation(units: usize, draws: Draws) -> Vec<Row> {
    let mut order: Vec<u32> = (0..units as u32).collect();
    for last in (1..units).rev() {
        order.swap(last, draws.below(units + 1, 2 * last as u32, last + 1));
    }
    let sign = |i: usize| if draws.uniform(units + 1, 2 * i as u32 + 1) < 0.5 { -1.0 } else { 1.0 };
    order.iter().enumerate().map(|(i, &j)| vec![(j, sign(i))]).collect()
}

/// Two rows after a rotation in their plane.
fn turned(a: &Row, b: &Row, angle: f64) -> (Row, Row) {
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let (mut x, mut y) = (Row::with_capacity(a.len() + b.len()), Row::with_capacity(a.len() + b.len()));
    let (mut i, mut k) = (0, 0);
    while i < a.len() || k < b.len() {
        let j = a.get(i).map_or(u32::MAX, |e| e.0).min(b.get(k).map_or(u32::MAX, |e| e.0));
        let take = |row: &Row, at: &mut usize| match row.get(*at) {
            Some(&(column, value)) if column == j => {
                *at += 1;
                value
            }
            _ => 0.0,
        };
        let (p, q) = (take(a, &mut i), take(b, &mut k));
        x.push((j, cos * p - sin * q));
        y.push((j, sin * p + cos * q));
    }
    (x, y)
}

/// Rings along which unit i keeps `1 - speed` and takes `speed` of unit i - 1.
pub(super) fn wave_ring(units: usize, rings: usize, speed: f64) -> Result<SparseMatrix> {
    let size = units / rings;
    let of_unit = |i: usize| {
        let (ring, at) = (i / size * size, i % size);
        [(i, i, 1.0 - speed), (i, ring + (at + size - 1) % size, speed)]
    };
    let entries: Vec<_> = (0..units).flat_map(of_unit).filter(|entry| entry.2 != 0.0).collect();
    Ok(SparseMatrix::from_triplets(units, units, &entries)?)
}

/// The first unit of each group hears all channels with weight 1.
pub(super) fn heads(units: usize, channels: usize, groups: usize) -> Result<SparseMatrix> {
    if groups == 0 || !units.is_multiple_of(groups) {
        return Err(argument("heads", groups, format!("a divisor of the {units} units")));
    }
    let of_head = |head: usize| (0..channels).map(move |channel| (head, channel, 1.0));
    let entries: Vec<_> = (0..units).step_by(units / groups).flat_map(of_head).collect();
    Ok(SparseMatrix::from_triplets(units, channels, &entries)?)
}

/// A block of columns in a wider matrix, which is empty elsewhere.
pub(super) fn at_columns(block: SparseMatrix, first: usize, columns: usize) -> Result<SparseMatrix> {
    let before = SparseMatrix::empty(block.rows(), first)?;
    let after = SparseMatrix::empty(block.rows(), columns - first - block.columns())?;
    Ok(SparseMatrix::side_by_side(&[&before, &block, &after])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: Draws = Draws { key: [7, 9], matrix: 3 };

    fn uniform() -> Distribution {
        Distribution::uniform(-1.0, 1.0)
    }

    #[test]
    fn random_matrices_have_their_density_and_weights() {
        let matrix = random((400, 300), 0.1, &uniform(), DRAWS).unwrap();
        // 12 000 places, four standard deviations of a binomial: 4 sqrt(120000 * 0.09).
        assert!((matrix.len() as f64 - 12_000.0).abs() < 416.0, "{}", matrix.len());
        let variance = matrix.value().iter().map(|v| v * v).sum::<f64>() / matrix.len() as f64;
        assert!((variance - 1.0 / 3.0).abs() < 0.02, "{variance}");
        assert_eq!(random((5, 4), 1.0, &uniform(), DRAWS).unwrap().len(), 20);
        assert!(random((5, 4), 0.0, &uniform(), DRAWS).unwrap().is_empty());
        assert_ne!(matrix, random((400, 300), 0.1, &uniform(), Draws { matrix: 4, ..DRAWS }).unwrap());
        assert!(random((5, 4), 1.5, &uniform(), DRAWS).unwrap_err().to_string().contains("connectivity"));
    }

    #[test]
    fn columns_of_a_random_matrix_are_hit_alike() {
        let matrix = degree((2000, 50), 5, &uniform(), DRAWS).unwrap();
        let mut hits = [0_usize; 50];
        matrix.column().iter().for_each(|&j| hits[j as usize] += 1);
        assert_eq!(matrix.len(), 10_000);
        // 200 expected; five standard deviations of 13.4.
        assert!(hits.iter().all(|&h| (133..=267).contains(&h)), "{hits:?}");
        assert_eq!(degree((3, 4), 9, &uniform(), DRAWS).unwrap().len(), 12);
    }

    #[test]
    fn rings_and_jumps() {
        assert_eq!(ring(3).unwrap().to_dense(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let jumps = cycle_with_jumps(6, 2, 0.5).unwrap();
        assert_eq!(jumps.row(0), (&[2, 4, 5][..], &[0.5, 0.5, 1.0][..]));
        assert_eq!(jumps.len(), 6 + 6);
        // Jumps of half the ring meet themselves.
        let halves = cycle_with_jumps(6, 3, 0.5).unwrap();
        assert_eq!(halves.row(0), (&[3, 5][..], &[0.5, 1.0][..]));
        // Without a jump over the end: 0-3 and 3-6 of 8 units.
        assert_eq!(cycle_with_jumps(8, 3, 0.5).unwrap().len(), 8 + 4);
        assert!(cycle_with_jumps(6, 4, 0.5).is_err() && cycle_with_jumps(6, 2, f64::NAN).is_err());
    }

    #[test]
    fn small_worlds_are_lattices_that_were_rewired() {
        let lattice = small_world(10, 4, 0.0, &uniform(), DRAWS).unwrap();
        assert_eq!(lattice.row(0).0, [1, 2, 8, 9]);
        let world = small_world(200, 6, 0.2, &uniform(), DRAWS).unwrap();
        let near = |i: usize, j: usize| (1..=3).any(|d| (i + d) % 200 == j || (j + d) % 200 == i);
        let far = world.triplets().filter(|&(i, j, _)| !near(i, j)).count();
        assert!(world.len() == 1200 && (180..=300).contains(&far), "{far}");
        assert!(world.triplets().all(|(i, j, _)| i != j));
        assert_eq!(small_world(5, 4, 1.0, &uniform(), DRAWS).unwrap().len(), 20);
        assert!(small_world(10, 3, 0.1, &uniform(), DRAWS).is_err());
    }

    #[test]
    fn orthogonal_matrices_keep_lengths() {
        for (units, density) in [(1, 1.0), (2, 1.0), (60, 0.1), (60, 1.0)] {
            let matrix = orthogonal(units, density, DRAWS).unwrap();
            let dense = matrix.to_dense();
            let dot =
                |a: usize, b: usize| -> f64 { (0..units).map(|j| dense[a * units + j] * dense[b * units + j]).sum() };
            let error = |a, b| (dot(a, b) - if a == b { 1.0 } else { 0.0 }).abs();
            let worst =
                (0..units).flat_map(|a| (0..units).map(move |b| (a, b))).map(|(a, b)| error(a, b)).fold(0.0, f64::max);
            assert!(worst < 1e-12, "{units}: {worst}");
            let found = matrix.len() as f64 / (units * units) as f64;
            assert!(found >= density * 0.99 && found < density + 0.05, "{units}: {found}");
        }
    }

    #[test]
    fn waves_shift() {
        let wave = wave_ring(6, 2, 1.0).unwrap();
        assert_eq!(
            wave.triplets().map(|(i, j, _)| (i, j)).collect::<Vec<_>>(),
            [(0, 2), (1, 0), (2, 1), (3, 5), (4, 3), (5, 4)]
        );
        assert_eq!(wave_ring(3, 1, 0.75).unwrap().row(1), (&[0, 1][..], &[0.75, 0.25][..]));
        assert_eq!(
            heads(6, 2, 2).unwrap().triplets().collect::<Vec<_>>(),
            [(0, 0, 1.0), (0, 1, 1.0), (3, 0, 1.0), (3, 1, 1.0)]
        );
    }
}
