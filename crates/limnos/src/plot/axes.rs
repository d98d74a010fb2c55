//! A rectangle with scales, and the lines, points and bars in it.

use std::fmt::Write;

use super::svg::{Anchor, INK, MUTED, RULE, Svg};

/// A rectangle of the picture that stands for ranges of two quantities.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
    /// Left edge, points.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// From left to right.
    pub x: [f64; 2],
    /// From bottom to top.
    pub y: [f64; 2],
    /// Whether x is logarithmic.
    pub log_x: bool,
}

impl Axes {
    /// A chart's place with one panel: room for a title above, names of axes at the left and below.
    #[must_use]
    pub const fn single(x: [f64; 2], y: [f64; 2]) -> Self {
        Self { left: 84.0, top: 84.0, width: 560.0, height: 320.0, x, y, log_x: false }
    }

    /// Place of a value from left to right; values outside stand at the edge.
    #[must_use]
    pub fn at_x(&self, x: f64) -> f64 {
        let [from, to] = self.x;
        let share = if self.log_x { (x / from).ln() / (to / from).ln() } else { (x - from) / (to - from) };
        self.left + self.width * share.clamp(0.0, 1.0)
    }

    /// Place of a value from top to bottom.
    #[must_use]
    pub fn at_y(&self, y: f64) -> f64 {
        let [from, to] = self.y;
        self.top + self.height * (1.0 - ((y - from) / (to - from)).clamp(0.0, 1.0))
    }

    /// The frame, ticks at round values, names.
    pub fn draw(&self, svg: &mut Svg, x_name: &str, y_name: &str) {
        let bottom = self.top + self.height;
        for y in ticks(self.y, 5.0) {
            let at = self.at_y(y);
            svg.path(&format!("M{:.1} {at:.1}h{:.1}", self.left, self.width), RULE, 0.7);
            svg.text(self.left - 8.0, at + 4.0, 11.5, Anchor::End, INK, &number(y));
        }
        let xs = if self.log_x { log_ticks(self.x) } else { ticks(self.x, 5.0) };
        for x in xs {
            let at = self.at_x(x);
            svg.path(&format!("M{at:.1} {bottom:.1}v4"), MUTED, 1.0);
            svg.text(at, bottom + 18.0, 11.5, Anchor::Middle, INK, &number(x));
        }
        svg.frame(self.left, self.top, self.width, self.height);
        svg.text(self.left + self.width / 2.0, bottom + 38.0, 12.5, Anchor::Middle, MUTED, x_name);
        svg.upright(self.left - 52.0, self.top + self.height / 2.0, 12.5, y_name);
    }

    /// A line through points; it has a gap where a value is not finite.
    pub fn line(&self, svg: &mut Svg, points: impl IntoIterator<Item = (f64, f64)>, colour: &str, width: f64) {
        svg.path(&self.through(points), colour, width);
    }

    /// The same in dashes.
    pub fn dashed(&self, svg: &mut Svg, points: impl IntoIterator<Item = (f64, f64)>, colour: &str, width: f64) {
        svg.dashed(&self.through(points), colour, width);
    }

    fn through(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let (mut path, mut start) = (String::new(), "M");
        for (x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                start = "M";
                continue;
            }
            write!(path, "{start}{:.1} {:.1}", self.at_x(x), self.at_y(y))
                .expect("writing to a string should not fail");
            start = "L";
        }
        path
    }

    /// A level line across.
    pub fn level(&self, svg: &mut Svg, y: f64, colour: &str) {
        self.line(svg, [(self.x[0], y), (self.x[1], y)], colour, 1.0);
    }

    /// A point, with a stroke of this half length where there is one.
    pub fn point(&self, svg: &mut Svg, (x, y): (f64, f64), half: Option<f64>, colour: &str) {
        if let Some(half) = half {
            self.line(svg, [(x, y - half), (x, y + half)], colour, 1.4);
        }
        svg.rect(self.at_x(x) - 3.0, self.at_y(y) - 3.0, 6.0, 6.0, colour);
    }

    /// A bar from the bottom.
    pub fn bar(&self, svg: &mut Svg, [from, to]: [f64; 2], y: f64, colour: &str) {
        let (x, top) = (self.at_x(from), self.at_y(y));
        svg.rect(x, top, (self.at_x(to) - x - 0.5).max(0.5), self.top + self.height - top, colour);
    }
}

/// Round values in a range, about so many.
pub(super) fn ticks([from, to]: [f64; 2], count: f64) -> Vec<f64> {
    let step = step(to - from, count);
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

/// A round distance between about `count` ticks on this length.
pub(super) fn step(length: f64, count: f64) -> f64 {
    let rough = (length / count).max(f64::MIN_POSITIVE);
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|s| s * power).find(|&s| s >= rough * 0.999).unwrap_or(rough)
}

/// 1, 2 and 5 times the powers of ten in a range.
fn log_ticks([from, to]: [f64; 2]) -> Vec<f64> {
    let powers = from.log10().floor() as i32..=to.log10().ceil() as i32;
    let all = powers.flat_map(|p| [1.0, 2.0, 5.0].map(|s| s * 10f64.powi(p)));
    all.filter(|x| (from * 0.999..=to * 1.001).contains(x)).collect()
}

/// Without the noise of the last bits.
pub(super) fn number(x: f64) -> String {
    let rounded = (x * 1e9).round() / 1e9;
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// A range that holds all finite values, with a margin; 0 to 1 where there are none.
#[must_use]
pub fn range(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let ends = [f64::INFINITY, f64::NEG_INFINITY];
    let finite = values.into_iter().filter(|v| v.is_finite());
    let [low, high] = finite.fold(ends, |[low, high], v| [low.min(v), high.max(v)]);
    if !(low.is_finite() && high.is_finite()) {
        return [0.0, 1.0];
    }
    let margin = ((high - low) * 0.06).max(high.abs() * 0.02).max(1e-6);
    [low - margin, high + margin]
}
