//! One quantity over two parameters, as colours: where accuracy or branching is high.

use ndarray::Array2;

use super::axes::number;
use super::svg::{Anchor, INK, MUTED, Svg, mix};
use crate::Result;
use crate::error::argument;

/// What a diagram shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    /// Title, bold.
    pub title: String,
    /// A line below it.
    pub note: String,
    /// Name and unit of the parameter from left to right, and its values: one a column.
    pub x: (String, Vec<f64>),
    /// Name and unit of the parameter from bottom to top, and its values: one a row, the first at the bottom.
    pub y: (String, Vec<f64>),
    /// Name and unit of what is shown.
    pub value_name: String,
    /// What is shown, y x x. A value that is not finite is left blank.
    pub values: Array2<f64>,
}

const LEFT: f64 = 96.0;
const TOP: f64 = 84.0;
const SIDE: f64 = 400.0;
/// From low to high, dark to light in print too (after the map "cividis": Nunez, Anderton, Renslow 2018).
const SCALE: [[u8; 3]; 3] = [[0, 34, 78], [124, 123, 120], [254, 232, 56]];

fn colour(t: f64) -> String {
    if t < 0.5 { mix(SCALE[0], SCALE[1], 2.0 * t) } else { mix(SCALE[1], SCALE[2], 2.0 * t - 1.0) }
}

/// Draws the diagram.
///
/// # Errors
/// Another number of values than pairs of parameters; none at all.
pub fn phase_diagram(about: &Diagram) -> Result<Svg> {
    let (rows, columns) = (about.y.1.len(), about.x.1.len());
    if about.values.dim() != (rows, columns) || about.values.is_empty() {
        let found = format!("{} x {}", about.values.nrows(), about.values.ncols());
        return Err(argument(
            "values",
            found,
            format!("a row for each of {rows} y and a column for each of {columns} x, at least one"),
        ));
    }
    let finite = about.values.iter().copied().filter(|v| v.is_finite());
    let [low, high] = finite.fold([f64::INFINITY, f64::NEG_INFINITY], |[l, h], v| [l.min(v), h.max(v)]);
    let mut svg = Svg::new(LEFT + SIDE + 130.0, TOP + SIDE + 60.0);
    svg.bold(LEFT, 32.0, 18.0, Anchor::Start, &about.title);
    svg.text(LEFT, 54.0, 13.0, Anchor::Start, MUTED, &about.note);
    let (w, h) = (SIDE / columns as f64, SIDE / rows as f64);
    for ((i, j), &value) in about.values.indexed_iter().filter(|(_, v)| v.is_finite()) {
        let t = if high > low { (value - low) / (high - low) } else { 0.5 };
        svg.rect(LEFT + w * j as f64, TOP + SIDE - h * (i + 1) as f64, w + 0.2, h + 0.2, &colour(t));
    }
    svg.frame(LEFT, TOP, SIDE, SIDE);
    // About six names on an axis are read easily.
    for (j, &x) in about.x.1.iter().enumerate().step_by(columns.div_ceil(6)) {
        svg.text(LEFT + w * (j as f64 + 0.5), TOP + SIDE + 18.0, 11.5, Anchor::Middle, INK, &number(x));
    }
    for (i, &y) in about.y.1.iter().enumerate().step_by(rows.div_ceil(6)) {
        svg.text(LEFT - 8.0, TOP + SIDE - h * (i as f64 + 0.5) + 4.0, 11.5, Anchor::End, INK, &number(y));
    }
    svg.text(LEFT + SIDE / 2.0, TOP + SIDE + 40.0, 12.5, Anchor::Middle, MUTED, &about.x.0);
    svg.upright(LEFT - 58.0, TOP + SIDE / 2.0, 12.5, &about.y.0);
    if low.is_finite() {
        bar(&mut svg, &about.value_name, [low, high]);
    }
    Ok(svg)
}

/// The colour scale at the right.
fn bar(svg: &mut Svg, name: &str, [low, high]: [f64; 2]) {
    let (x, height) = (LEFT + SIDE + 26.0, SIDE / 2.0);
    svg.gradient(x, TOP, 14.0, height / 2.0, [&colour(1.0), &colour(0.5)]);
    svg.gradient(x, TOP + height / 2.0, 14.0, height / 2.0, [&colour(0.5), &colour(0.0)]);
    for t in [0.0, 0.5, 1.0] {
        let value = low + (high - low) * t;
        svg.text(x + 20.0, TOP + height * (1.0 - t) + 4.0, 11.5, Anchor::Start, INK, &format!("{value:.3}"));
    }
    svg.text(x, TOP - 10.0, 11.5, Anchor::Start, MUTED, name);
}
