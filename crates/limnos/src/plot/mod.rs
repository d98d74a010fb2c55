//! Figures for papers and pages: SVG text with axes, units and legends, in colours that also the colour-blind tell apart.
//!
//! Each function takes numbers and gives an [`Svg`], which [`Svg::save`] writes. What is not here can be drawn with [`Axes`] and the shapes of [`Svg`].
//!
//! ```
//! use limnos::plot::{Chart, Series, chart};
//!
//! let wave = (0..200).map(|t| (f64::from(t), (f64::from(t) / 10.0).sin()));
//! let picture = chart(&Chart { title: "A wave".into(), x_name: "time, ms".into(), ..Chart::default() }, &[Series::line("sine", wave)])?;
//! assert!(picture.to_text().starts_with("<svg"));
//! # Ok::<(), limnos::Error>(())
//! ```

mod axes;
mod chart;
mod confusion;
mod diagram;
mod histogram;
mod raster;
mod svg;

pub use axes::{Axes, range};
pub use chart::{Chart, Mark, Series, chart, phase_portrait, spectrum};
pub use confusion::confusion_matrix;
pub use diagram::{Diagram, phase_diagram};
pub use histogram::{Histogram, histogram};
pub use raster::{Frame, Shown, raster};
pub use svg::{Anchor, INK, MUTED, PALETTE, RULE, Svg, mix};

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;

    /// Every element that begins also ends, and no value that is not a number got in.
    fn check(svg: &Svg) -> String {
        let text = svg.to_text();
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        let opened = text.matches('<').count() - text.matches("</").count();
        let closed = text.matches("/>").count() + text.matches("</").count();
        assert_eq!(opened, closed, "{text}");
        text
    }

    #[test]
    fn a_chart_has_a_stroke_a_series_and_gaps_where_nothing_is_known() {
        let series = [
            Series::line("truth", [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0)]),
            Series::dashes("a < b", [(0.0, 0.0), (2.0, 2.0)]),
            Series::measured("", [(1.0, 1.0, 0.5)]),
        ];
        let text = check(&chart(&Chart { title: "T & U".into(), ..Chart::default() }, &series).unwrap());
        assert!(text.contains("T &amp; U") && text.contains("a &lt; b"));
        let line = text.lines().find(|l| l.contains(PALETTE[0]) && l.contains("1.6")).unwrap();
        assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 0), "{line}");
    }

    #[test]
    fn places_follow_the_scale() {
        let axes = Axes { log_x: true, ..Axes::single([1.0, 100.0], [0.0, 2.0]) };
        assert_eq!((axes.at_x(10.0), axes.at_y(1.0)), (axes.left + axes.width / 2.0, axes.top + axes.height / 2.0));
        assert_eq!(axes.at_x(1e6), axes.left + axes.width);
    }

    #[test]
    fn a_histogram_counts_every_value_once() {
        let values = [0.0, 0.1, 0.9, 1.0];
        let panel = Histogram {
            name: "weights".into(),
            values: &values,
            unit: "mV".into(),
            range: Some([0.0, 1.0]),
            bins: 2,
            mark: None,
        };
        let text = check(&histogram("T", "", std::slice::from_ref(&panel)).unwrap());
        let heights: Vec<&str> = text.lines().filter(|l| l.contains(PALETTE[0])).collect();
        assert_eq!(heights.len(), 2, "two bins of two values each");
        assert!(histogram("T", "", &[Histogram { bins: 0, ..panel.clone() }]).is_err());
        assert!(histogram("T", "", &[Histogram { values: &[f64::NAN], ..panel }]).is_err());
    }

    #[test]
    fn a_diagram_has_a_cell_a_pair_and_leaves_what_is_unknown_blank() {
        let about = Diagram {
            title: "T".into(),
            note: String::new(),
            x: ("x".into(), vec![1.0, 2.0]),
            y: ("y".into(), vec![1.0, 2.0]),
            value_name: "v".into(),
            values: arr2(&[[0.0, 1.0], [f64::NAN, 0.5]]),
        };
        let text = check(&phase_diagram(&about).unwrap());
        assert_eq!(text.matches(r#"width="200.20""#).count(), 3);
        assert!(phase_diagram(&Diagram { values: Array2::zeros((1, 2)), ..about }).is_err());
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(chart(&Chart::default(), &[]).is_err());
        let low = [Series::line("", [(0.0, 1.0)])];
        assert!(chart(&Chart { log_x: true, ..Chart::default() }, &low).is_err());
        assert!(chart(&Chart { x: Some([1.0, 1.0]), ..Chart::default() }, &low).is_err());
        assert!(spectrum("T", &[]).is_err() && spectrum("T", &[(f64::NAN, 0.0)]).is_err());
        let frame = Frame { neurons: 2, first_inhibitory: 1, steps: 3, dt: 1.0, title: String::new() };
        assert!(raster(&frame, &[]).is_err());
        assert!(confusion_matrix(&arr2(&[[1u64, 2]]), &["a".into()], "T").is_err());
    }

    #[test]
    fn a_spectrum_tells_its_radius() {
        let text = check(&spectrum("T", &[(0.3, 0.4), (-0.1, 0.0)]).unwrap());
        assert!(text.contains("spectral radius 0.5000"));
    }
}
