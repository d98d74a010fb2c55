//! A picture in SVG, in the making: a few shapes and texts, written whole or not at all.

use std::fmt::Write;
use std::path::Path;

use crate::Result;
use crate::file::write_whole;

/// Colours that also the colour-blind tell apart (Okabe & Ito, "Color universal design", 2008), in the order in which curves take them.
pub const PALETTE: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
/// Text and axes.
pub const INK: &str = "#1f2430";
/// What should stand back.
pub const MUTED: &str = "#687083";
/// Hairlines.
pub const RULE: &str = "#d5d9e2";

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// The picture. Lengths are in points, from the upper left corner; colours are as CSS writes them.
#[derive(Clone, Debug)]
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
}

impl Svg {
    /// An empty white picture.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        let mut svg = Self { body: String::new(), width, height };
        svg.rect(0.0, 0.0, width, height, "#ffffff");
        svg
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: &str) {
        self.push(format_args!(r#"<rect x="{x:.2}" y="{y:.2}" width="{w:.2}" height="{h:.2}" fill="{fill}"/>"#));
    }

    /// A rectangle that fades from the first colour at its top to the second.
    pub fn gradient(&mut self, x: f64, y: f64, w: f64, h: f64, [top, bottom]: [&str; 2]) {
        let id = format!("fade{}", self.body.len());
        self.push(format_args!(
            r#"<linearGradient id="{id}" x2="0" y2="1"><stop stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient>"#
        ));
        self.rect(x, y, w, h, &format!("url(#{id})"));
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.push(format_args!(
            r#"<rect x="{x:.2}" y="{y:.2}" width="{w:.2}" height="{h:.2}" fill="none" stroke="{RULE}"/>"#
        ));
    }

    /// A path of lines, as SVG's `d` describes it.
    pub fn path(&mut self, d: &str, stroke: &str, width: f64) {
        self.push(format_args!(r#"<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}"/>"#));
    }

    /// The same in dashes.
    pub fn dashed(&mut self, d: &str, stroke: &str, width: f64) {
        self.push(format_args!(
            r#"<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-dasharray="6 4"/>"#
        ));
    }

    /// A filled disc.
    pub fn disc(&mut self, x: f64, y: f64, radius: f64, fill: &str) {
        self.push(format_args!(r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius}" fill="{fill}"/>"#));
    }

    /// A line of text; `y` is its baseline.
    pub fn text(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, fill: &str, text: &str) {
        self.styled(x, y, size, anchor, fill, "", text);
    }

    /// The same in bold.
    pub fn bold(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, text: &str) {
        self.styled(x, y, size, anchor, INK, r#" font-weight="600""#, text);
    }

    /// A text that reads upwards, centred at its point.
    pub fn upright(&mut self, x: f64, y: f64, size: f64, text: &str) {
        let turn = format!(r#" transform="rotate(-90 {x:.1} {y:.1})""#);
        self.styled(x, y, size, Anchor::Middle, MUTED, &turn, text);
    }

    #[expect(clippy::too_many_arguments, reason = "the two forms above are what is called")]
    fn styled(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, fill: &str, style: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.push(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{style}>{text}</text>"#
        ));
    }

    fn push(&mut self, shape: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{shape}").expect("writing to a string should not fail");
    }

    /// The picture as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (w, h) = (self.width, self.height);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"Inter, Helvetica, Arial, DejaVu Sans, sans-serif\">\n{}</svg>\n",
            self.body
        )
    }

    /// Writes the file: all of it, or nothing where that fails.
    ///
    /// # Errors
    /// [`crate::Error::Io`] if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_text().as_bytes())
    }
}

/// A colour between two, `t` from 0 to 1.
#[must_use]
pub fn mix(from: [u8; 3], to: [u8; 3], t: f64) -> String {
    let part = |i: usize| (f64::from(from[i]) + (f64::from(to[i]) - f64::from(from[i])) * t.clamp(0.0, 1.0)).round();
    format!("#{:02x}{:02x}{:02x}", part(0) as u8, part(1) as u8, part(2) as u8)
}
