//! A picture in SVG, in the making: a few shapes and texts, written whole or not at all.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Text and axes.
pub const INK: &str = "#1f2430";
/// What should stand back.
pub const MUTED: &str = "#687083";
/// Hairlines.
pub const RULE: &str = "#d5d9e2";

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// The picture.
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
}

impl Svg {
    /// An empty white picture.
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

    /// A path of lines.
    pub fn path(&mut self, d: &str, stroke: &str, width: f64) {
        self.push(format_args!(r#"<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}"/>"#));
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

    /// Writes the file beside its place first and then moves it there.
    pub fn save(&self, path: &Path) -> Result<()> {
        let (w, h) = (self.width, self.height);
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"Inter, Helvetica, Arial, DejaVu Sans, sans-serif\">\n{}</svg>\n",
            self.body
        );
        let temporary = path.with_extension("svg.tmp");
        std::fs::write(&temporary, text).with_context(|| format!("cannot write {}", temporary.display()))?;
        std::fs::rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// A colour between two, `t` from 0 to 1.
pub fn mix(from: [u8; 3], to: [u8; 3], t: f64) -> String {
    let part = |i: usize| (f64::from(from[i]) + (f64::from(to[i]) - f64::from(from[i])) * t.clamp(0.0, 1.0)).round();
    format!("#{:02x}{:02x}{:02x}", part(0) as u8, part(1) as u8, part(2) as u8)
}
