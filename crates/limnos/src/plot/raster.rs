//! Spikes of a few test samples as a picture: what was shown, which neurons answered, and how strongly.

use std::fmt::Write;

use ndarray::ArrayView1;

use super::axes::step;
use super::svg::{Anchor, INK, MUTED, RULE, Svg, mix};
use crate::Result;
use crate::error::argument;

const PANEL: f64 = 300.0;
const GAP: f64 = 36.0;
const LEFT: f64 = 84.0;
const THUMB: f64 = 84.0;
const THUMB_TOP: f64 = 84.0;
const RASTER_TOP: f64 = THUMB_TOP + THUMB + 20.0;
const RASTER: f64 = 380.0;
const RATE_TOP: f64 = RASTER_TOP + RASTER + 24.0;
const RATE: f64 = 92.0;
const EXCITATORY: &str = "#16629f";
const INHIBITORY: &str = "#ce4820";
/// Steps a bin of the population's rate.
const BIN: usize = 5;

/// One sample of a raster.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Its pixels, or events of each channel.
    pub picture: ArrayView1<'a, f32>,
    /// Width of a picture.
    pub width: usize,
    /// Its class and the prediction, in words.
    pub caption: String,
    /// Whether they are the same.
    pub right: bool,
    /// Spikes of the liquid: (step, neuron).
    pub spikes: Vec<(u32, u32)>,
}

/// What all samples of a raster share.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Neurons of the liquid.
    pub neurons: usize,
    /// From this one on they are inhibitory.
    pub first_inhibitory: usize,
    /// Steps of a sample.
    pub steps: u32,
    /// Length of a step, ms.
    pub dt: f64,
    /// Title.
    pub title: String,
}

/// Spikes of a few samples side by side, with the rate of the population below. Neurons are sorted by their spike counts in the first sample.
///
/// # Errors
/// No sample; a spike of a neuron or step that the frame does not have; no step or neuron.
pub fn raster(frame: &Frame, shown: &[Shown<'_>]) -> Result<Svg> {
    check(frame, shown)?;
    let width = LEFT + shown.len() as f64 * (PANEL + GAP);
    let mut svg = Svg::new(width, RATE_TOP + RATE + 66.0);
    svg.bold(LEFT, 32.0, 18.0, Anchor::Start, &frame.title);
    svg.text(LEFT, 54.0, 13.0, Anchor::Start, MUTED, "neurons sorted by their spike counts for the first picture");
    legend(&mut svg, width - GAP);
    let place = places(frame, &shown[0]);
    let top = shown.iter().map(|s| peak(&rates(frame, s))).fold(10.0, f64::max);
    let top = (top / 10.0).ceil() * 10.0;
    for (k, sample) in shown.iter().enumerate() {
        let x = LEFT + k as f64 * (PANEL + GAP);
        header(&mut svg, x, sample);
        strokes(&mut svg, x, frame, sample, &place);
        curve(&mut svg, x, frame, &rates(frame, sample), top);
        time_axis(&mut svg, x, frame);
    }
    left_axes(&mut svg, frame, top);
    Ok(svg)
}

fn check(frame: &Frame, shown: &[Shown<'_>]) -> Result<()> {
    if frame.neurons == 0 || frame.steps == 0 || shown.is_empty() {
        let found = format!("{} samples of {} neurons and {} steps", shown.len(), frame.neurons, frame.steps);
        return Err(argument("shown", found, "at least one of each"));
    }
    let outside = |&&(t, i): &&(u32, u32)| t >= frame.steps || i as usize >= frame.neurons;
    if let Some((t, i)) = shown.iter().find_map(|s| s.spikes.iter().find(outside)) {
        let allowed = format!("steps below {} and neurons below {}", frame.steps, frame.neurons);
        return Err(argument("spikes", format!("a spike of neuron {i} in step {t}"), allowed));
    }
    Ok(())
}

/// What the colours mean, at the right end.
fn legend(svg: &mut Svg, end: f64) {
    for (x, colour, name) in [(end - 180.0, EXCITATORY, "excitatory"), (end - 78.0, INHIBITORY, "inhibitory")] {
        svg.rect(x, 44.5, 10.0, 10.0, colour);
        svg.text(x + 15.0, 54.0, 13.0, Anchor::Start, MUTED, name);
    }
}

/// Where each neuron stands: those that spike most for `first` at the top.
fn places(frame: &Frame, first: &Shown<'_>) -> Vec<usize> {
    let mut counts = vec![0; frame.neurons];
    first.spikes.iter().for_each(|&(_, i)| counts[i as usize] += 1);
    let mut order: Vec<usize> = (0..frame.neurons).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(counts[i]), i));
    let mut place = vec![0; frame.neurons];
    order.iter().enumerate().for_each(|(at, &i)| place[i] = at);
    place
}

/// The picture and its caption.
fn header(svg: &mut Svg, x: f64, sample: &Shown<'_>) {
    let rows = sample.picture.len().div_ceil(sample.width);
    let brightest = sample.picture.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    // Two polarities of events lie one above the other; both fit the height.
    let pixel = THUMB / rows.max(sample.width) as f64;
    for (i, &value) in sample.picture.iter().enumerate() {
        let (column, row) = ((i % sample.width) as f64, (i / sample.width) as f64);
        let shade = mix([244, 245, 248], [24, 28, 38], f64::from(value / brightest));
        svg.rect(x + pixel * column, THUMB_TOP + pixel * row, pixel + 0.2, pixel + 0.2, &shade);
    }
    let colour = if sample.right { INK } else { INHIBITORY };
    svg.text(x + THUMB + 14.0, THUMB_TOP + 46.0, 14.0, Anchor::Start, colour, &sample.caption);
    let spikes = format!("{} spikes", sample.spikes.len());
    svg.text(x + THUMB + 14.0, THUMB_TOP + 67.0, 12.0, Anchor::Start, MUTED, &spikes);
}

/// Each spike a short stroke.
fn strokes(svg: &mut Svg, x: f64, frame: &Frame, sample: &Shown<'_>, place: &[usize]) {
    let (step, row) = (PANEL / f64::from(frame.steps), RASTER / frame.neurons as f64);
    let length = step.max(1.6);
    let mut paths = [String::new(), String::new()];
    for &(t, i) in &sample.spikes {
        let path = &mut paths[usize::from(i as usize >= frame.first_inhibitory)];
        let (sx, sy) = (x + step * f64::from(t), RASTER_TOP + row * (place[i as usize] as f64 + 0.5));
        write!(path, "M{sx:.1} {sy:.1}h{length:.1}").expect("writing to a string should not fail");
    }
    let [excitatory, inhibitory] = paths;
    svg.path(&excitatory, EXCITATORY, row.clamp(1.2, 3.0));
    svg.path(&inhibitory, INHIBITORY, row.clamp(1.2, 3.0));
    svg.frame(x, RASTER_TOP, PANEL, RASTER);
}

/// The population's rate in bins, Hz.
fn rates(frame: &Frame, sample: &Shown<'_>) -> Vec<f64> {
    let mut bins = vec![0.0; (frame.steps as usize).div_ceil(BIN)];
    sample.spikes.iter().for_each(|&(t, _)| bins[t as usize / BIN] += 1.0);
    let last = frame.steps as usize % BIN;
    for (k, bin) in bins.iter_mut().enumerate() {
        let steps = if last > 0 && k == frame.steps as usize / BIN { last } else { BIN };
        *bin *= 1000.0 / (frame.neurons as f64 * steps as f64 * frame.dt);
    }
    bins
}

fn peak(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(0.0, f64::max)
}

fn curve(svg: &mut Svg, x: f64, frame: &Frame, rates: &[f64], top: f64) {
    let bottom = RATE_TOP + RATE;
    let bin = PANEL * BIN as f64 / f64::from(frame.steps);
    let mut path = String::new();
    for (k, rate) in rates.iter().enumerate() {
        let (from, to) = (x + bin * k as f64, (x + bin * (k + 1) as f64).min(x + PANEL));
        let y = bottom - RATE * rate / top;
        let start = if k == 0 { "M" } else { "L" };
        write!(path, "{start}{from:.1} {y:.1}L{to:.1} {y:.1}").expect("writing to a string should not fail");
    }
    svg.path(&format!("M{x:.1} {:.1}h{PANEL}", bottom - RATE / 2.0), RULE, 1.0);
    svg.path(&path, INK, 1.4);
    svg.frame(x, RATE_TOP, PANEL, RATE);
}

fn time_axis(svg: &mut Svg, x: f64, frame: &Frame) {
    let bottom = RATE_TOP + RATE;
    let length = f64::from(frame.steps) * frame.dt;
    let every = step(length, 5.0);
    let mut t = 0.0;
    while t <= length * 1.0001 {
        let at = x + PANEL * t / length;
        svg.path(&format!("M{at:.1} {bottom:.1}v4"), MUTED, 1.0);
        svg.text(at, bottom + 18.0, 11.5, Anchor::Middle, INK, &format!("{t}"));
        t += every;
    }
    svg.text(x + PANEL / 2.0, bottom + 40.0, 12.5, Anchor::Middle, MUTED, "time, ms");
}

fn left_axes(svg: &mut Svg, frame: &Frame, top: f64) {
    let every = step(frame.neurons as f64, 5.0);
    let mut n = 0.0;
    while n <= frame.neurons as f64 {
        let y = RASTER_TOP + RASTER * n / frame.neurons as f64;
        svg.path(&format!("M{:.1} {y:.1}h4", LEFT - 4.0), MUTED, 1.0);
        svg.text(LEFT - 8.0, y + 4.0, 11.5, Anchor::End, INK, &format!("{n}"));
        n += every;
    }
    svg.upright(24.0, RASTER_TOP + RASTER / 2.0, 12.5, "neuron");
    for t in [0.0, 0.5, 1.0] {
        let y = RATE_TOP + RATE * (1.0 - t);
        svg.path(&format!("M{:.1} {y:.1}h4", LEFT - 4.0), MUTED, 1.0);
        svg.text(LEFT - 8.0, y + 4.0, 11.5, Anchor::End, INK, &format!("{}", top * t));
    }
    svg.upright(24.0, RATE_TOP + RATE / 2.0, 12.5, "rate, Hz");
}
