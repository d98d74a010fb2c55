//! An echo state network in a file: settings, reservoirs, readout, and where it is.
//!
//! All numbers are little-endian; counts and sizes u64, flags and choices u32. 16 bytes of magic, version; settings; the model, layer by layer, each matrix as CSR;
//! the readout, if there is one (weights features x outputs, bias, alpha); the live state; xxh3 of all before.

use std::path::Path;

use limnos_engine::Device;
use limnos_engine::rate::{Precision, RateCheckpoint, StateFeatures};
use limnos_spec::rate::{Activation, RateLayer, RateModel, SparseMatrix};
use ndarray::{Array1, Array2};
use xxhash_rust::xxh3::xxh3_64;

use super::{Esn, EsnConfig, Nvar};
use crate::file::{bad, io, write_whole};
use crate::readout::RidgeModel;
use crate::{Error, Result};

const MAGIC: [u8; 16] = *b"limnos ESN\r\n\x1a\n\0\0";
const VERSION: u32 = 1;
const DIGEST: usize = 8;

impl Esn {
    /// Writes the reservoirs, the readout and the present state to a file: all of it, or nothing where that fails.
    ///
    /// # Errors
    /// [`Error::NotFitted`] before the number of inputs is known; a file that cannot be written; device errors.
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let built = self.built.as_mut().ok_or(Error::NotFitted)?;
        let checkpoint = built.live.checkpoint()?;
        let mut out = Writer(MAGIC.to_vec());
        out.u32(VERSION);
        out.config(&self.config);
        out.model(&built.model);
        out.readout(self.readout.as_ref());
        out.u32(checkpoint.steps);
        [&checkpoint.state, &checkpoint.last_inputs].into_iter().for_each(|v| out.numbers(v));
        let history: Vec<f64> = built.history.iter().flat_map(|h| h.rows().flatten().copied()).collect();
        out.numbers(&history);
        out.0.extend(xxh3_64(&out.0).to_le_bytes());
        write_whole(path.as_ref(), &out.0)
    }

    /// Reads what [`Self::save`] wrote: from there on predictions and forecasts have the same bits on the same kind of device. Its [`config`](Self::config) holds the settings
    /// of the readout; the reservoirs are in [`model`](Self::model).
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::File`] for a file that is cut short, changed, or of another kind or version; device errors.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| io("read", path, source))?;
        let mut reader = open(path, &bytes)?;
        let config = reader.config()?;
        let model = reader.model()?;
        let readout = reader.readout()?;
        let steps = reader.u32()?;
        let [state, last_inputs, history] = [reader.numbers()?, reader.numbers()?, reader.numbers()?];
        reader.end()?;
        let mut esn = Self::from_model(device, model, config)?;
        if let Some(readout) = readout {
            esn.set_readout(readout)?;
        }
        let built = esn.built.as_mut().ok_or(Error::NotFitted)?;
        built.live.restore(&RateCheckpoint { steps, state, last_inputs })?;
        if let Some(known) = &mut built.history {
            // Newest first in the file.
            history.chunks_exact(built.map.inputs.max(1)).rev().for_each(|row| known.push(row));
        }
        Ok(esn)
    }
}

/// Checks magic, version and digest; the reader then stands behind the version.
fn open<'a>(path: &'a Path, bytes: &'a [u8]) -> Result<Reader<'a>> {
    if !bytes.starts_with(&MAGIC) {
        let start: String = bytes.iter().take(16).map(|b| b.escape_ascii().to_string()).collect();
        return Err(bad(
            path,
            format!("a file that starts with '{start}'"),
            "an echo state network, as `save` writes it",
        ));
    }
    if bytes.len() < MAGIC.len() + 4 + DIGEST {
        return Err(bad(path, format!("{} bytes", bytes.len()), "more of them; it was cut short"));
    }
    let (body, digest) = bytes.split_at(bytes.len() - DIGEST);
    let mut reader = Reader { path, bytes: body, at: MAGIC.len() };
    let version = reader.u32()?;
    if version != VERSION {
        return Err(bad(path, format!("version {version} of the format"), format!("version {VERSION}")));
    }
    if xxh3_64(body).to_le_bytes() != digest {
        let expected = "a file as it was written; it was changed or cut short";
        return Err(bad(path, "bytes that do not match their digest", expected));
    }
    Ok(reader)
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn size(&mut self, value: usize) {
        self.0.extend((value as u64).to_le_bytes());
    }

    fn number(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    fn numbers(&mut self, values: &[f64]) {
        self.size(values.len());
        values.iter().for_each(|value| self.number(*value));
    }

    fn config(&mut self, config: &EsnConfig) {
        let states = match config.states {
            StateFeatures::Raw => 0,
            StateFeatures::SquaredAlternate => 1,
            StateFeatures::RawAndSquared => 2,
        };
        let flags = [config.feedback, config.read_inputs, config.fit_bias, config.precision == Precision::F64];
        flags.into_iter().for_each(|flag| self.u32(u32::from(flag)));
        self.u32(states);
        let nvar = config.nvar.map_or([0; 3], |nvar| [nvar.delays, nvar.stride, nvar.order]);
        nvar.into_iter().chain([config.warmup, config.max_batch]).for_each(|value| self.size(value));
        self.number(config.alpha);
    }

    fn model(&mut self, model: &RateModel) {
        [model.inputs(), model.feedback(), model.layers().len()].into_iter().for_each(|value| self.size(value));
        self.0.extend(model.seed().to_le_bytes());
        model.layers().iter().for_each(|layer| self.layer(layer));
    }

    fn layer(&mut self, layer: &RateLayer) {
        let activation = match layer.activation {
            Activation::Tanh => 0,
            Activation::Sigmoid => 1,
            Activation::Relu => 2,
            Activation::Identity => 3,
        };
        self.u32(activation);
        self.number(layer.noise);
        [&layer.leak, &layer.gain, &layer.bias].into_iter().for_each(|values| self.numbers(values));
        let weights = &layer.weights;
        [weights.rows(), weights.columns(), weights.len()].into_iter().for_each(|value| self.size(value));
        weights.row_start().iter().for_each(|start| self.size(*start));
        weights.column().iter().for_each(|column| self.u32(*column));
        weights.value().iter().for_each(|value| self.number(*value));
    }

    fn readout(&mut self, model: Option<&RidgeModel>) {
        let (features, outputs) = model.map_or((0, 0), |model| model.weights().dim());
        [features, outputs].into_iter().for_each(|value| self.size(value));
        if let Some(model) = model {
            model.weights().iter().chain(model.bias()).for_each(|value| self.number(*value));
            self.number(model.alpha());
        }
    }
}

/// The numbers of a file, each checked for being there.
struct Reader<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn bytes(&mut self, count: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| bad(self.path, "sizes beyond its end", "a file as `save` writes it"))?;
        let part = &self.bytes[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.bytes(N)?.try_into().expect("a part should have the length asked for"))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn size(&mut self) -> Result<usize> {
        Ok(usize::try_from(self.u64()?).unwrap_or(usize::MAX))
    }

    fn number(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// `count` items of `N` bytes; nothing is allocated before they are known to be there.
    fn items<const N: usize, T>(&mut self, count: usize, of: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
        let bytes = self.bytes(count.saturating_mul(N))?;
        Ok(bytes.chunks_exact(N).map(|item| of(item.try_into().expect("chunks should have their size"))).collect())
    }

    fn numbers(&mut self) -> Result<Vec<f64>> {
        let count = self.size()?;
        self.items(count, f64::from_le_bytes)
    }

    fn choice<T: Copy>(&mut self, what: &str, of: &[T]) -> Result<T> {
        let number = self.u32()?;
        let expected = || bad(self.path, format!("{what} {number}"), format!("0 to {}", of.len() - 1));
        of.get(number as usize).copied().ok_or_else(expected)
    }

    fn config(&mut self) -> Result<EsnConfig> {
        let mut flags = [false; 4];
        for flag in &mut flags {
            *flag = self.choice("flag", &[false, true])?;
        }
        let states = [StateFeatures::Raw, StateFeatures::SquaredAlternate, StateFeatures::RawAndSquared];
        let states = self.choice("state features", &states)?;
        let [delays, stride, order, warmup, max_batch] =
            [self.size()?, self.size()?, self.size()?, self.size()?, self.size()?];
        let [feedback, read_inputs, fit_bias, double] = flags;
        Ok(EsnConfig {
            feedback,
            states,
            read_inputs,
            nvar: (delays > 0).then_some(Nvar { delays, stride, order }),
            alpha: self.number()?,
            fit_bias,
            warmup,
            precision: if double { Precision::F64 } else { Precision::F32 },
            max_batch,
            ..EsnConfig::default()
        })
    }

    fn model(&mut self) -> Result<RateModel> {
        let [inputs, feedback, layers] = [self.size()?, self.size()?, self.size()?];
        let seed = self.u64()?;
        let mut all = Vec::new();
        for _ in 0..layers {
            all.push(self.layer()?);
        }
        Ok(RateModel::new(inputs, feedback, all, seed)?)
    }

    fn layer(&mut self) -> Result<RateLayer> {
        let activations = [Activation::Tanh, Activation::Sigmoid, Activation::Relu, Activation::Identity];
        let activation = self.choice("activation", &activations)?;
        let noise = self.number()?;
        let [leak, gain, bias] = [self.numbers()?, self.numbers()?, self.numbers()?];
        let [rows, columns, entries] = [self.size()?, self.size()?, self.size()?];
        let row_start = self.items(rows.saturating_add(1), |b| u64::from_le_bytes(b) as usize)?;
        let column = self.items(entries, u32::from_le_bytes)?;
        let value = self.items(entries, f64::from_le_bytes)?;
        let weights = SparseMatrix::new(rows, columns, row_start, column, value)?;
        Ok(RateLayer { leak, gain, bias, activation, noise, ..RateLayer::new(weights) })
    }

    fn readout(&mut self) -> Result<Option<RidgeModel>> {
        let [features, outputs] = [self.size()?, self.size()?];
        if features == 0 {
            return Ok(None);
        }
        let weights = self.items(features.saturating_mul(outputs), f64::from_le_bytes)?;
        let bias = self.items(outputs, f64::from_le_bytes)?;
        let weights = Array2::from_shape_vec((features, outputs), weights).map_err(|_| {
            bad(self.path, format!("a readout of {features} x {outputs}"), "a file as `save` writes it")
        })?;
        Ok(Some(RidgeModel::from_parts(weights, Array1::from(bias), self.number()?)?))
    }

    fn end(&self) -> Result<()> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(bad(self.path, format!("{} bytes too many", self.bytes.len() - self.at), "a file as `save` writes it"))
    }
}
