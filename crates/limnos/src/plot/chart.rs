//! Curves and points over one quantity: forecasts, membrane traces, memory-capacity curves, phase portraits, spectra.

use super::axes::{Axes, range};
use super::svg::{Anchor, INK, MUTED, PALETTE, Svg};
use crate::Result;
use crate::error::argument;

/// What a chart says beside its curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Title, bold.
    pub title: String,
    /// A line below it: what was measured, and how.
    pub note: String,
    /// Quantity and unit from left to right.
    pub x_name: String,
    /// Quantity and unit from bottom to top.
    pub y_name: String,
    /// Range from left to right; `None`: what the curves need.
    pub x: Option<[f64; 2]>,
    /// Range from bottom to top; `None`: what the curves need.
    pub y: Option<[f64; 2]>,
    /// Whether x is logarithmic; then all x are above 0.
    pub log_x: bool,
    /// Size of the panel, points.
    pub size: [f64; 2],
    /// Upright lines at these x, with a name each: where training ended, where a forecast failed.
    pub marks: Vec<(f64, String)>,
}

impl Default for Chart {
    fn default() -> Self {
        Self {
            title: String::new(),
            note: String::new(),
            x_name: String::new(),
            y_name: String::new(),
            x: None,
            y: None,
            log_x: false,
            size: [640.0, 320.0],
            marks: Vec::new(),
        }
    }
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A line through its points.
    Line,
    /// A line of dashes.
    Dashes,
    /// A square at each point, with its spread where it has one, and a line between.
    Points,
    /// A small disc at each point, and no line.
    Dots,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend; where all names are empty there is none.
    pub name: String,
    /// Points in order. A value that is not finite makes a gap.
    pub points: Vec<(f64, f64)>,
    /// Half the length of the stroke through each point (a standard deviation); empty for none.
    pub spread: Vec<f64>,
    /// How it is drawn.
    pub mark: Mark,
}

impl Series {
    /// A line.
    pub fn line(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), spread: Vec::new(), mark: Mark::Line }
    }

    /// A line of dashes.
    pub fn dashes(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { mark: Mark::Dashes, ..Self::line(name, points) }
    }

    /// Measured points `(x, mean, standard deviation)`, with lines between.
    pub fn measured(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let (points, spread) = points.into_iter().map(|(x, y, sd)| ((x, y), sd)).unzip();
        Self { name: name.into(), points, spread, mark: Mark::Points }
    }

    /// Discs.
    pub fn dots(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { mark: Mark::Dots, ..Self::line(name, points) }
    }

    /// Values from bottom to top, with their spread.
    fn heights(&self) -> impl Iterator<Item = f64> + '_ {
        let spread = |k: usize| self.spread.get(k).copied().filter(|s| s.is_finite()).unwrap_or(0.0);
        self.points.iter().enumerate().flat_map(move |(k, p)| [p.1 - spread(k), p.1 + spread(k)])
    }

    fn draw(&self, svg: &mut Svg, axes: &Axes, colour: &str) {
        let points = self.points.iter().copied();
        match self.mark {
            Mark::Line => axes.line(svg, points, colour, 1.6),
            Mark::Dashes => axes.dashed(svg, points, colour, 1.6),
            Mark::Dots => {
                points.filter(finite).for_each(|(x, y)| svg.disc(axes.at_x(x), axes.at_y(y), 2.2, colour));
            }
            Mark::Points => {
                axes.line(svg, points.clone(), colour, 1.2);
                let spread = |k: usize| self.spread.get(k).copied().filter(|s| s.is_finite());
                points.enumerate().filter(|(_, p)| finite(p)).for_each(|(k, p)| axes.point(svg, p, spread(k), colour));
            }
        }
    }
}

fn finite(p: &(f64, f64)) -> bool {
    p.0.is_finite() && p.1.is_finite()
}

const LEFT: f64 = 84.0;
const TOP: f64 = 96.0;

/// Draws curves over one quantity.
///
/// # Errors
/// No series; a range that is empty or not finite; an x of 0 or less on a logarithmic scale.
pub fn chart(chart: &Chart, series: &[Series]) -> Result<Svg> {
    let axes = axes(chart, series)?;
    let [width, height] = chart.size;
    let mut svg = Svg::new(LEFT + width + 36.0, TOP + height + 56.0);
    svg.bold(LEFT, 32.0, 18.0, Anchor::Start, &chart.title);
    svg.text(LEFT, 54.0, 13.0, Anchor::Start, MUTED, &chart.note);
    legend(&mut svg, series, 78.0);
    axes.draw(&mut svg, &chart.x_name, &chart.y_name);
    for (x, name) in &chart.marks {
        axes.dashed(&mut svg, [(*x, axes.y[0]), (*x, axes.y[1])], MUTED, 1.0);
        svg.text(axes.at_x(*x) + 5.0, TOP + 14.0, 11.5, Anchor::Start, MUTED, name);
    }
    for (k, one) in series.iter().enumerate() {
        one.draw(&mut svg, &axes, PALETTE[k % PALETTE.len()]);
    }
    Ok(svg)
}

fn axes(chart: &Chart, series: &[Series]) -> Result<Axes> {
    if series.is_empty() {
        return Err(argument("series", "empty", "at least one"));
    }
    let xs = || series.iter().flat_map(|s| s.points.iter().map(|p| p.0)).filter(|x| x.is_finite());
    if chart.log_x && xs().chain(chart.x.into_iter().flatten()).any(|x| x <= 0.0) {
        return Err(argument("log_x", "true with an x of 0 or less", "values above 0, or a linear scale"));
    }
    let spanned = |values: &mut dyn Iterator<Item = f64>| {
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| [low.min(v), high.max(v)])
    };
    let x = chart.x.unwrap_or_else(|| match spanned(&mut xs()) {
        [low, high] if chart.log_x && low.is_finite() => [low / 1.2, high * 1.2],
        [low, high] if low < high => [low, high],
        _ => range(xs()),
    });
    let y = chart.y.unwrap_or_else(|| range(series.iter().flat_map(Series::heights)));
    for (name, ends) in [("x", x), ("y", y)] {
        if !(ends[0].is_finite() && ends[1].is_finite() && ends[0] < ends[1]) {
            return Err(argument(name, format!("{} to {}", ends[0], ends[1]), "a finite range from low to high"));
        }
    }
    let [width, height] = chart.size;
    Ok(Axes { left: LEFT, top: TOP, width, height, x, y, log_x: chart.log_x })
}

/// Names beside a stroke of their colour, on one line.
fn legend(svg: &mut Svg, series: &[Series], y: f64) {
    let mut x = LEFT;
    for (k, one) in series.iter().enumerate().filter(|(_, s)| !s.name.is_empty()) {
        let (stroke, colour) = (format!("M{x:.1} {:.1}h18", y - 4.0), PALETTE[k % PALETTE.len()]);
        match one.mark {
            Mark::Line => svg.path(&stroke, colour, 2.0),
            Mark::Dashes => svg.dashed(&stroke, colour, 2.0),
            Mark::Points => svg.rect(x + 6.0, y - 7.0, 6.0, 6.0, colour),
            Mark::Dots => svg.disc(x + 9.0, y - 4.0, 2.6, colour),
        }
        svg.text(x + 24.0, y, 12.5, Anchor::Start, INK, &one.name);
        // Letters of this size are some 7 points wide.
        x += 48.0 + 7.0 * one.name.chars().count() as f64;
    }
}

/// One quantity against another in a square: attractors, two dimensions of a state.
///
/// # Errors
/// As [`chart`].
pub fn phase_portrait(about: &Chart, series: &[Series]) -> Result<Svg> {
    chart(&Chart { size: [420.0, 420.0], ..about.clone() }, series)
}

/// Eigenvalues `(real part, imaginary part)` of a recurrent matrix in the plane, with the unit circle.
///
/// # Errors
/// An eigenvalue that is not finite; none at all.
pub fn spectrum(title: &str, eigenvalues: &[(f64, f64)]) -> Result<Svg> {
    if let Some(k) = eigenvalues.iter().position(|v| !finite(v)) {
        return Err(argument("eigenvalues", format!("{:?} at {k}", eigenvalues[k]), "finite numbers"));
    }
    if eigenvalues.is_empty() {
        return Err(argument("eigenvalues", "empty", "at least one"));
    }
    let radius = eigenvalues.iter().map(|v| v.0.hypot(v.1)).fold(0.0, f64::max);
    let end = radius.max(1.0) * 1.1;
    let circle = (0..=360).map(|k| f64::from(k).to_radians().sin_cos()).map(|(sin, cos)| (cos, sin));
    let about = Chart {
        title: title.into(),
        note: format!("{} eigenvalues, spectral radius {radius:.4}", eigenvalues.len()),
        x_name: "real part".into(),
        y_name: "imaginary part".into(),
        x: Some([-end, end]),
        y: Some([-end, end]),
        size: [420.0, 420.0],
        ..Chart::default()
    };
    chart(&about, &[Series::dots("eigenvalues", eigenvalues.iter().copied()), Series::dashes("unit circle", circle)])
}
