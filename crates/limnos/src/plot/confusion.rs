//! The confusion matrix as a picture: which class was taken for which.

use ndarray::Array2;

use super::svg::{Anchor, INK, MUTED, Svg, mix};
use crate::Result;
use crate::error::argument;

const CELL: f64 = 46.0;
const LEFT: f64 = 112.0;
const TOP: f64 = 96.0;
const WHITE: [u8; 3] = [250, 251, 253];
const RIGHT_COLOUR: [u8; 3] = [22, 98, 163];
const WRONG_COLOUR: [u8; 3] = [206, 72, 32];

/// Shares of rows: hits from 0 to 1, and misses up to the largest of them.
struct Scale {
    shares: Array2<f64>,
    worst: f64,
}

impl Scale {
    fn new(counts: &Array2<u64>) -> Self {
        let shares =
            Array2::from_shape_fn(counts.dim(), |(i, j)| counts[[i, j]] as f64 / counts.row(i).sum().max(1) as f64);
        let misses = shares.indexed_iter().filter(|((i, j), _)| i != j).map(|(_, &s)| s);
        // A scale that ends at a round number, and is not empty where nothing was missed.
        let worst = (misses.fold(0.0, f64::max) * 20.0).ceil().max(1.0) / 20.0;
        Self { shares, worst }
    }

    /// The colour of a cell, and whether white text reads on it.
    fn colour(&self, i: usize, j: usize) -> (String, bool) {
        let share = self.shares[[i, j]];
        let (to, t) = if i == j { (RIGHT_COLOUR, share) } else { (WRONG_COLOUR, share / self.worst) };
        (mix(WHITE, to, t), t > 0.55)
    }
}

/// The picture of `counts` (rows: true class, columns: predicted class; see [`crate::tasks::confusion_matrix`]), with the share of hits.
///
/// # Errors
/// Another number of names than rows or columns.
pub fn confusion_matrix(counts: &Array2<u64>, classes: &[String], title: &str) -> Result<Svg> {
    if counts.dim() != (classes.len(), classes.len()) {
        let found = format!("{} names for {} x {} counts", classes.len(), counts.nrows(), counts.ncols());
        return Err(argument("classes", found, "one name for each row and each column"));
    }
    let scale = Scale::new(counts);
    let side = CELL * classes.len() as f64;
    let mut svg = Svg::new(LEFT + side + 150.0, TOP + side + 76.0);
    svg.bold(LEFT, 34.0, 18.0, Anchor::Start, "Which class was taken for which");
    let (right, all) = (counts.diag().sum(), counts.sum());
    let share = 100.0 * right as f64 / all.max(1) as f64;
    svg.text(
        LEFT,
        58.0,
        13.0,
        Anchor::Start,
        MUTED,
        &format!("{title}: {right} of {all} test samples right, {share:.2} %"),
    );
    for ((i, j), &count) in counts.indexed_iter() {
        cell(&mut svg, &scale, i, j, count);
    }
    axes(&mut svg, classes, side);
    bar(&mut svg, side, 0.0, RIGHT_COLOUR, 1.0, "right");
    bar(&mut svg, side, side / 2.0 + 14.0, WRONG_COLOUR, scale.worst, "taken for another");
    Ok(svg)
}

fn cell(svg: &mut Svg, scale: &Scale, i: usize, j: usize, count: u64) {
    let (x, y) = (LEFT + CELL * j as f64, TOP + CELL * i as f64);
    let (colour, dark) = scale.colour(i, j);
    svg.rect(x + 1.0, y + 1.0, CELL - 2.0, CELL - 2.0, &colour);
    if count > 0 {
        let fill = if dark { "#ffffff" } else { INK };
        svg.text(x + CELL / 2.0, y + CELL / 2.0 + 5.0, 13.0, Anchor::Middle, fill, &count.to_string());
    }
}

fn axes(svg: &mut Svg, classes: &[String], side: f64) {
    let slanted = classes.iter().any(|name| name.len() > 3);
    for (k, name) in classes.iter().enumerate() {
        let middle = CELL * (k as f64 + 0.5);
        svg.text(LEFT - 10.0, TOP + middle + 4.5, 13.0, Anchor::End, INK, name);
        let size = if slanted { 10.5 } else { 13.0 };
        // Long names share the line below in two rows.
        let drop = if slanted && k % 2 == 1 { 14.0 } else { 0.0 };
        svg.text(LEFT + middle, TOP + side + 20.0 + drop, size, Anchor::Middle, INK, name);
    }
    svg.text(LEFT + side / 2.0, TOP + side + 58.0, 13.0, Anchor::Middle, MUTED, "predicted class");
    svg.upright(26.0, TOP + side / 2.0, 13.0, "true class");
}

/// A colour scale from 0 to `end`, half as high as the matrix.
fn bar(svg: &mut Svg, side: f64, below: f64, colour: [u8; 3], end: f64, name: &str) {
    let (x, y, height) = (LEFT + side + 28.0, TOP + below + 22.0, side / 2.0 - 40.0);
    svg.text(x, y - 10.0, 11.5, Anchor::Start, MUTED, name);
    svg.gradient(x, y, 14.0, height, [&mix(WHITE, colour, 1.0), &mix(WHITE, colour, 0.0)]);
    for t in [0.0, 0.5, 1.0] {
        let text = format!("{} %", (1000.0 * end * t).round() / 10.0);
        svg.text(x + 21.0, y + height * (1.0 - t) + 4.0, 11.5, Anchor::Start, INK, &text);
    }
}
