//! How values are spread: weights before and after learning, rates.

use super::axes::{Axes, range};
use super::svg::{Anchor, INK, MUTED, PALETTE, Svg};
use crate::Result;
use crate::error::argument;

/// One panel of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram<'a> {
    /// What the values are, above the panel.
    pub name: String,
    /// The values.
    pub values: &'a [f64],
    /// Quantity and unit.
    pub unit: String,
    /// Range of the bins; `None`: from the smallest to the largest value.
    pub range: Option<[f64; 2]>,
    /// Number of bins, 1 to 1000.
    pub bins: usize,
    /// A stroke at this value: where all of them began.
    pub mark: Option<f64>,
}

/// Draws panels two in a row.
///
/// # Errors
/// No panel; a number of bins outside its range; a value that is not finite; an empty range.
pub fn histogram(title: &str, note: &str, panels: &[Histogram<'_>]) -> Result<Svg> {
    if panels.is_empty() {
        return Err(argument("panels", "empty", "at least one"));
    }
    panels.iter().try_for_each(check)?;
    let (columns, rows) = (panels.len().min(2) as f64, panels.len().div_ceil(2) as f64);
    let mut svg = Svg::new(60.0 + 400.0 * columns, 88.0 + 296.0 * rows);
    svg.bold(84.0, 34.0, 18.0, Anchor::Start, title);
    svg.text(84.0, 56.0, 13.0, Anchor::Start, MUTED, note);
    for (k, one) in panels.iter().enumerate() {
        panel(&mut svg, [84.0 + 400.0 * (k % 2) as f64, 118.0 + 296.0 * (k / 2) as f64], one);
    }
    Ok(svg)
}

fn check(panel: &Histogram<'_>) -> Result<()> {
    if !(1..=1000).contains(&panel.bins) {
        return Err(argument("bins", panel.bins, "1 to 1000"));
    }
    if let Some(k) = panel.values.iter().position(|v| !v.is_finite()) {
        return Err(argument("values", format!("{} at {k}", panel.values[k]), "finite numbers"));
    }
    match panel.range {
        Some([low, high]) if !(low.is_finite() && high.is_finite() && low < high) => {
            Err(argument("range", format!("{low} to {high}"), "a finite range from low to high"))
        }
        _ => Ok(()),
    }
}

fn panel(svg: &mut Svg, [left, top]: [f64; 2], panel: &Histogram<'_>) {
    let [low, high] = panel.range.unwrap_or_else(|| range(panel.values.iter().copied()));
    let width = (high - low) / panel.bins as f64;
    let mut bins = vec![0usize; panel.bins];
    panel.values.iter().for_each(|v| bins[(((v - low) / width).max(0.0) as usize).min(panel.bins - 1)] += 1);
    let share = |count: usize| 100.0 * count as f64 / panel.values.len().max(1) as f64;
    let most = bins.iter().map(|&n| share(n)).fold(1.0, f64::max);
    let margin = 0.025 * (high - low);
    let x = [low - margin, high + margin];
    let axes = Axes { left, top, width: 320.0, height: 190.0, x, y: [0.0, most * 1.05], log_x: false };
    axes.draw(svg, &panel.unit, "share, %");
    for (k, &count) in bins.iter().enumerate().filter(|(_, n)| **n > 0) {
        let edge = |k: usize| low + width * k as f64;
        axes.bar(svg, [edge(k), edge(k + 1)], share(count), PALETTE[0]);
    }
    if let Some(mark) = panel.mark {
        axes.line(svg, [(mark, 0.0), (mark, most)], PALETTE[1], 1.6);
    }
    let mean = panel.values.iter().sum::<f64>() / panel.values.len().max(1) as f64;
    svg.text(left, top - 26.0, 13.0, Anchor::Start, INK, &panel.name);
    svg.text(left, top - 9.0, 11.5, Anchor::Start, MUTED, &format!("{} values, mean {mean:.3}", panel.values.len()));
}
