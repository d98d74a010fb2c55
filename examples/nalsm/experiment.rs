//! One network: developed, looked at, and used to classify.

use std::time::Instant;

use anyhow::Result;
use limnos::Softmax;
use limnos::presets::nalsm::{Branching, Development, NalsmLiquid, PaperReadout, normalised};
use ndarray::Array2;

use crate::args::{Args, ReadoutName};
use crate::data::Data;
use crate::progress::Board;

/// How many samples each part of the work takes.
#[derive(Clone, Copy, Debug)]
pub struct Amounts {
    /// Snippets of development.
    pub develop: usize,
    /// For the readout to learn from; 0: no readout.
    pub train: usize,
    /// To choose the readout by.
    pub valid: usize,
    /// To be tested on.
    pub test: usize,
    /// For the branching factor: the first validation samples.
    pub branching: usize,
}

/// A developed network, and how that went.
pub struct Developed {
    /// The network.
    pub liquid: NalsmLiquid,
    /// Its development; nothing where there was none.
    pub development: Development,
}

/// Accuracy with one readout.
#[derive(Clone, Debug)]
pub struct Accuracy {
    /// Which readout.
    pub readout: ReadoutName,
    /// On the samples it learned from.
    pub train: f64,
    /// On validation samples.
    pub valid: f64,
    /// On test samples.
    pub test: f64,
    /// Time that the readout took, s.
    pub seconds: f64,
    /// What was chosen by validation samples.
    pub chosen: String,
}

/// What came out of one network.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Seed of the network.
    pub seed: u64,
    /// How activity spreads.
    pub branching: Branching,
    /// One a readout.
    pub accuracies: Vec<Accuracy>,
    /// Time of development, s.
    pub develop_s: f64,
    /// Samples a second, spikes counted.
    pub samples_per_s: f64,
    /// Mean spikes of the liquid and of the input in a step, over all samples that were counted.
    pub rates: [f64; 2],
}

/// Random streams of validation samples begin here, and those of test samples further on.
pub const VALID_STREAM: u32 = 100_000_000;
const TEST_STREAM: u32 = 200_000_000;

impl Outcome {
    /// Measures one developed network.
    pub fn of(
        args: &Args,
        data: &Data,
        amounts: Amounts,
        developed: &mut Developed,
        board: &Board,
        name: &str,
    ) -> Result<Self> {
        let Developed { liquid, development } = developed;
        let branching = liquid.branching(VALID_STREAM, data.valid.first(amounts.branching))?;
        let mut outcome = Self {
            seed: liquid.preset().seed,
            accuracies: Vec::new(),
            develop_s: development.wall.as_secs_f64(),
            samples_per_s: 0.0,
            rates: [branching.liquid_rate, branching.input_rate],
            branching,
        };
        if amounts.train > 0 {
            outcome.classify(args, data, amounts, liquid, board, name)?;
        } else {
            outcome.time(data, amounts, liquid)?;
        }
        Ok(outcome)
    }

    /// Counts spikes only to say how long that takes.
    fn time(&mut self, data: &Data, amounts: Amounts, liquid: &mut NalsmLiquid) -> Result<()> {
        let response = liquid.transform(VALID_STREAM, data.valid.first(amounts.branching), &mut |_| ())?;
        self.samples_per_s = amounts.branching as f64 / response.wall.as_secs_f64();
        Ok(())
    }

    fn classify(
        &mut self,
        args: &Args,
        data: &Data,
        amounts: Amounts,
        liquid: &mut NalsmLiquid,
        board: &Board,
        name: &str,
    ) -> Result<()> {
        let parts = [
            (&data.train, amounts.train, 0, "training"),
            (&data.valid, amounts.valid, VALID_STREAM, "validation"),
            (&data.test, amounts.test, TEST_STREAM, "test"),
        ];
        let (mut features, mut rates, mut seconds) = (Vec::new(), [0.0; 2], 0.0);
        for (part, n, stream, task) in parts {
            let mut line = board.line(&format!("{name}: {task}"), "samples");
            let response = liquid.transform(stream, part.first(n), &mut |p| line.show(p))?;
            seconds += response.wall.as_secs_f64();
            rates[0] += response.liquid_rate * n as f64;
            rates[1] += response.input_rate * n as f64;
            features.push(Labelled { x: normalised(&response.counts), labels: part.labels[..n].to_vec() });
        }
        let all = (amounts.train + amounts.valid + amounts.test) as f64;
        (self.rates, self.samples_per_s) = (rates.map(|r| r / all), all / seconds);
        let [train, valid, test] = <[Labelled; 3]>::try_from(features).ok().expect("there should be three parts");
        for readout in args.readouts(liquid.preset().mode) {
            let start = Instant::now();
            let mut accuracy = match readout {
                ReadoutName::Softmax => softmax(&args.l2, &train, &valid, &test, board, name)?,
                ReadoutName::Paper => {
                    let batch = if liquid.preset().neurons > 1000 { 50 } else { 250 };
                    let settings = PaperReadout { epochs: args.epochs, batch, ..PaperReadout::default() };
                    paper(settings, &train, &valid, &test, board, name)?
                }
            };
            accuracy.seconds = start.elapsed().as_secs_f64();
            self.accuracies.push(accuracy);
        }
        Ok(())
    }
}

/// Normalised counts with labels.
struct Labelled {
    x: Array2<f32>,
    labels: Vec<u32>,
}

impl Labelled {
    fn classes(&self) -> Vec<usize> {
        self.labels.iter().map(|&l| l as usize).collect()
    }
}

/// The best of several penalties on validation samples.
fn softmax(
    penalties: &[f64],
    train: &Labelled,
    valid: &Labelled,
    test: &Labelled,
    board: &Board,
    name: &str,
) -> Result<Accuracy> {
    let labels = train.classes();
    let mut best: Option<Accuracy> = None;
    for &l2 in penalties {
        let mut line = board.line(&format!("{name}: softmax, penalty {l2}"), "iterations at most");
        let readout =
            Softmax { l2: l2 * labels.len() as f64, tolerance: 1e-4, max_iterations: 2000, ..Softmax::default() };
        let model = readout.fit_with(&train.x, &labels, &mut |p| {
            line.step(p.iteration, p.of);
        })?;
        let accuracy = Accuracy {
            readout: ReadoutName::Softmax,
            train: model.score(&train.x, &labels)?,
            valid: model.score(&valid.x, &valid.classes())?,
            test: model.score(&test.x, &test.classes())?,
            seconds: 0.0,
            chosen: format!("penalty {l2}, {} iterations", model.convergence().iterations),
        };
        if best.as_ref().is_none_or(|b| accuracy.valid > b.valid) {
            best = Some(accuracy);
        }
    }
    Ok(best.expect("there should be a penalty"))
}

fn paper(
    settings: PaperReadout,
    train: &Labelled,
    valid: &Labelled,
    test: &Labelled,
    board: &Board,
    name: &str,
) -> Result<Accuracy> {
    let mut line = board.line(&format!("{name}: the paper's readout"), "epochs");
    let model = settings.fit((&train.x, &train.labels), (&valid.x, &valid.labels), &mut |p| line.show(p))?;
    Ok(Accuracy {
        readout: ReadoutName::Paper,
        train: model.score(&train.x, &train.labels)?,
        valid: model.valid_accuracy,
        test: model.score(&test.x, &test.labels)?,
        seconds: 0.0,
        chosen: format!("epoch {} of {}", model.epoch, settings.epochs),
    })
}
