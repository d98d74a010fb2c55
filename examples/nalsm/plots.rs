//! Pictures: branching against the weight, weights before and after development, the astrocyte's course, spikes.

use std::path::{Path, PathBuf};

use anyhow::Result;
use limnos::plot::{
    Anchor, Axes, Chart, Frame, Histogram, MUTED, PALETTE, Series, Shown, Svg, chart, histogram, range, raster,
};
use limnos::presets::nalsm::{Development, LearnedWeights, NalsmLiquid, Recording, Rule};
use ndarray::ArrayView1;

use crate::Setting;
use crate::data::Data;
use crate::experiment::Developed;
use crate::report;

const BLUE: &str = PALETTE[0];
const RED: &str = PALETTE[1];
const GREY: &str = "#a8b0bf";

/// Draws all that there is to draw and adds the paths of the pictures. Single networks are shown by the first.
pub fn draw(
    folder: &Path,
    settings: &[Setting],
    data: &Data,
    first_stream: u32,
    drawn: &mut Vec<PathBuf>,
) -> Result<()> {
    let mut picture = |name: &str, draw: &dyn Fn(&Path) -> Result<()>| -> Result<()> {
        let path = folder.join(name);
        draw(&path)?;
        drawn.push(path);
        Ok(())
    };
    // Quiet liquids have no branching factor to show.
    if settings.len() > 1 && settings.iter().any(|s| report::branching(s).is_some()) {
        picture("branching.svg", &|path| branching(path, settings))?;
    }
    let Developed { liquid, development } = &settings[0].networks[0];
    if let Some(after) = liquid.weights() {
        picture("weights.svg", &|path| weights(path, liquid, after))?;
    }
    let shown = of_three_classes(data);
    let recordings: Vec<Recording> = shown
        .iter()
        .map(|&index| Ok(liquid.record(first_stream + index as u32, data.valid.one(index))?.remove(0)))
        .collect::<Result<_>>()?;
    if liquid.network().astrocyte.is_some() {
        picture("astrocyte.svg", &|path| astrocyte(path, liquid, development, &recordings[0]))?;
    }
    picture("raster.svg", &|path| spikes(path, liquid, data, &shown, &recordings))
}

/// The first validation samples of the first three classes that there are.
fn of_three_classes(data: &Data) -> Vec<usize> {
    let labels = &data.valid.labels;
    let classes = 0..=labels.iter().copied().max().unwrap_or(0);
    classes.filter_map(|class| labels.iter().position(|&l| l == class)).take(3).collect()
}

fn weight_of(rule: Rule) -> f64 {
    match rule {
        Rule::Static { weight } | Rule::Astrocyte { weight } => weight,
        _ => 1.0,
    }
}

/// The branching factor of each setting.
fn branching(path: &Path, settings: &[Setting]) -> Result<()> {
    let of = |s: &Setting| report::branching(s).map(|m| (weight_of(s.rule), m.mean, m.sd.unwrap_or(0.0)));
    let mut means: Vec<_> = settings.iter().filter_map(of).collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    let static_weights = matches!(settings[0].rule, Rule::Static { .. });
    let (least, most) = (means[0].0, means[means.len() - 1].0);
    let x = if static_weights { range([least, most]) } else { [least / 1.3, most * 1.3] };
    let networks = settings[0].networks.len();
    let spread = if networks == 1 { "" } else { "s and standard deviation" };
    let about = Chart {
        title: "Branching factor".into(),
        note: format!("mean of {networks} network{spread}; at 1 activity sustains itself"),
        x_name: if static_weights { "weight, mV" } else { "weight of a spike in the astrocyte" }.into(),
        y_name: "branching factor".into(),
        x: Some(x),
        log_x: !static_weights,
        ..Chart::default()
    };
    let sustained = Series::dashes("", x.map(|x| (x, 1.0)));
    Ok(chart(&about, &[Series::measured("", means), sustained])?.save(path)?)
}

/// Histograms of the four kinds of synapses.
fn weights(path: &Path, liquid: &NalsmLiquid, after: &LearnedWeights) -> Result<()> {
    let before = liquid.initial_weights();
    // Weights of the liquid keep their sign, so what they start with says what they are.
    let kinds = [
        ("from excitatory neurons", &before.liquid, &after.liquid, 1.0),
        ("from inhibitory neurons", &before.liquid, &after.liquid, -1.0),
        ("from the input, positive at first", &before.input, &after.input, 1.0),
        ("from the input, negative at first", &before.input, &after.input, -1.0),
    ];
    let of_kind = kinds.map(|(name, before, after, sign)| {
        let chosen = before.iter().zip(after.iter()).filter(|(b, _)| **b * sign > 0.0);
        (name, chosen.clone().next().map(|(b, _)| *b), chosen.map(|(_, a)| *a).collect::<Vec<_>>())
    });
    let panels = of_kind.each_ref().map(|(name, start, values)| Histogram {
        name: (*name).into(),
        values,
        unit: "mV".into(),
        range: Some([-3.0, 3.0]),
        bins: 60,
        mark: *start,
    });
    let note = "the stroke stands where all of them began";
    Ok(histogram("Weights after development", note, &panels)?.save(path)?)
}

/// Points of a course of development.
const POINTS: usize = 400;

/// Output and rates in development and in a sample.
fn astrocyte(path: &Path, liquid: &NalsmLiquid, development: &Development, sample: &Recording) -> Result<()> {
    let mut svg = Svg::new(920.0, 520.0);
    svg.bold(84.0, 34.0, 18.0, Anchor::Start, "The astrocyte's course");
    for (x, colour, name) in
        [(84.0, BLUE, "output"), (170.0, RED, "liquid, spikes a ms"), (330.0, GREY, "input, spikes a ms")]
    {
        svg.rect(x, 47.0, 10.0, 10.0, colour);
        svg.text(x + 15.0, 56.0, 13.0, Anchor::Start, MUTED, name);
    }
    let steps = liquid.preset().steps as usize;
    let mut rates = [vec![0.0f32; steps], vec![0.0f32; steps]];
    for (rate, spikes) in rates.iter_mut().zip([&sample.liquid, &sample.input]) {
        spikes.iter().for_each(|s| rate[s.0 as usize] += 1.0);
    }
    let output: Vec<f32> = sample.astrocyte.iter().map(|&a| a as f32).collect();
    if !development.astrocyte.is_empty() {
        let courses = [&development.astrocyte[..], &development.liquid_rate, &development.input_rate];
        course(&mut svg, 84.0, "development: snippets shown", courses);
    }
    course(&mut svg, 530.0, "in a sample: time, ms", [&output, &rates[0], &rates[1]]);
    Ok(svg.save(path)?)
}

fn course(svg: &mut Svg, left: f64, x_name: &str, [output, liquid, input]: [&[f32]; 3]) {
    let x = [0.0, output.len() as f64];
    let output = binned(output);
    let y = range(output.iter().map(|p| p.1).chain([0.0]));
    let axes = Axes { left, top: 80.0, width: 350.0, height: 170.0, x, y, log_x: false };
    axes.draw(svg, "", "output");
    axes.line(svg, output, BLUE, 1.2);
    let (liquid, input) = (binned(liquid), binned(input));
    let top = liquid.iter().chain(&input).map(|p| p.1).fold(1.0, f64::max);
    let axes = Axes { top: 280.0, y: [0.0, top * 1.05], ..axes };
    axes.draw(svg, x_name, "spikes a ms");
    axes.line(svg, input, GREY, 1.0);
    axes.line(svg, liquid, RED, 1.0);
}

/// Means of parts of a course, by the middle of each.
fn binned(course: &[f32]) -> Vec<(f64, f64)> {
    let size = course.len().div_ceil(POINTS).max(1);
    let mean = |(k, part): (usize, &[f32])| {
        let middle = (k * size) as f64 + 0.5 * part.len() as f64;
        (middle, part.iter().map(|&v| f64::from(v)).sum::<f64>() / part.len() as f64)
    };
    course.chunks(size).enumerate().map(mean).collect()
}

fn spikes(path: &Path, liquid: &NalsmLiquid, data: &Data, shown: &[usize], recordings: &[Recording]) -> Result<()> {
    let pictures: Vec<Vec<f32>> = shown.iter().map(|&index| data.valid.picture(index)).collect();
    let samples = shown.iter().zip(&pictures).zip(recordings).map(|((&index, picture), recording)| Shown {
        picture: ArrayView1::from(picture),
        width: data.width,
        caption: format!("class {}", data.valid.labels[index]),
        right: true,
        spikes: recording.liquid.clone(),
    });
    let frame = Frame {
        neurons: liquid.preset().neurons,
        first_inhibitory: liquid.first_inhibitory(),
        steps: liquid.preset().steps,
        dt: 1.0,
        title: format!("Spikes of the liquid: {}; {}", data.about.name, report::name(liquid.preset())),
    };
    Ok(raster(&frame, &samples.collect::<Vec<_>>())?.save(path)?)
}
