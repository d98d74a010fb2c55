//! A developed network in a file: a header, the settings, the weights, a digest.
//!
//! All numbers are little-endian: 16 bytes of magic, version u32; neurons, channels and seed u64; rule u32 with two f64; mode, steps and snippet
//! steps u32; snippets u64 (0: one pass); initial weight f64; digest of the topology u64; number of input and of liquid weights u64; the weights f64; xxh3 of all before.

use std::path::Path;

use limnos_engine::Device;
use limnos_spec::{Model, ProjectionId};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::liquid::{LearnedWeights, NalsmLiquid};
use super::{Mode, Nalsm, Rule};
use crate::file::{bad, io, write_whole};
use crate::{Error, Result};

const MAGIC: [u8; 16] = *b"limnos NALSM\r\n\x1a\n";
const VERSION: u32 = 2;
/// Bytes before the weights, and after them.
const HEADER: usize = 16 + 4 + 3 * 8 + 4 + 16 + 12 + 8 + 8 + 8 + 16;
const DIGEST: usize = 8;

impl NalsmLiquid {
    /// Writes settings and weights to a file: all of it, or nothing where that fails. `max_batch` and `memory_budget` belong to
    /// the machine; they are not written.
    ///
    /// # Errors
    /// [`Error::NotDeveloped`]; a file that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let none = LearnedWeights { input: Vec::new(), liquid: Vec::new() };
        let weights = match &self.weights {
            Some(weights) => weights,
            None if self.preset.rule.is_plastic() => return Err(Error::NotDeveloped),
            None => &none,
        };
        let mut bytes = self.header(weights);
        weights.input.iter().chain(&weights.liquid).for_each(|w| bytes.extend(w.to_le_bytes()));
        bytes.extend(xxh3_64(&bytes).to_le_bytes());
        write_whole(path.as_ref(), &bytes)
    }

    /// Reads what [`Self::save`] wrote: from there on all runs have the same bits. The settings are those that were saved, with the
    /// usual `max_batch` (see [`Self::set_max_batch`]) and `memory_budget`.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::File`] for a file that is cut short, changed, of another kind or version, or whose network this version of
    /// limnos draws otherwise; device errors.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| io("read", path, source))?;
        let (preset, topology, weights) = parse(path, &bytes)?;
        let mut liquid = preset.liquid(device)?;
        let parts = [liquid.parts.input_synapses, liquid.parts.liquid_synapses];
        let found = digest(&liquid.model, parts);
        if found != topology {
            let expected = format!("{found:016x}, which its settings give here; develop it again");
            return Err(bad(path, format!("weights of a network with topology {topology:016x}"), expected));
        }
        if preset.rule.is_plastic() {
            let needed = parts.map(|p| liquid.model.projections[p.index()].synapses.len());
            if [weights.input.len(), weights.liquid.len()] != needed {
                let found = format!("{} and {} weights", weights.input.len(), weights.liquid.len());
                return Err(bad(path, found, format!("{} and {}", needed[0], needed[1])));
            }
            liquid.adopt(weights);
            // Weights outside their bounds are refused here rather than at the first run.
            liquid.lay_out(1, limnos_engine::Observe::default())?;
        }
        Ok(liquid)
    }

    fn header(&self, weights: &LearnedWeights) -> Vec<u8> {
        let p = &self.preset;
        let (rule, values) = match p.rule {
            Rule::Static { weight } => (0u32, [weight, 0.0]),
            Rule::Stdp => (1, [0.0; 2]),
            Rule::Astrocyte { weight } => (2, [weight, 0.0]),
            Rule::ApStdp { threshold, width } => (3, [threshold, width]),
        };
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        [p.neurons as u64, p.channels as u64, p.seed].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(rule.to_le_bytes());
        values.iter().for_each(|v| out.extend(v.to_le_bytes()));
        let mode = u32::from(p.mode == Mode::Clean);
        [mode, p.steps, p.snippet_steps].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend((p.snippets.unwrap_or(0) as u64).to_le_bytes());
        out.extend(p.initial_weight.to_le_bytes());
        out.extend(digest(&self.model, [self.parts.input_synapses, self.parts.liquid_synapses]).to_le_bytes());
        [weights.input.len() as u64, weights.liquid.len() as u64].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out
    }
}

/// Settings, digest of the topology, weights.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Nalsm, u64, LearnedWeights)> {
    if !bytes.starts_with(&MAGIC) {
        let start: String = bytes.iter().take(16).map(|b| b.escape_ascii().to_string()).collect();
        return Err(bad(path, format!("a file that starts with '{start}'"), "a developed NALSM, as `save` writes it"));
    }
    if bytes.len() < HEADER + DIGEST {
        return Err(bad(
            path,
            format!("{} bytes", bytes.len()),
            format!("at least {}; it was cut short", HEADER + DIGEST),
        ));
    }
    let mut reader = Reader { bytes, at: MAGIC.len() };
    let version = reader.u32();
    if version != VERSION {
        return Err(bad(path, format!("version {version} of the format"), format!("version {VERSION}")));
    }
    let (body, end) = bytes.split_at(bytes.len() - DIGEST);
    let whole = xxh3_64(body).to_le_bytes() == end;
    let [neurons, channels, seed] = std::array::from_fn(|_| reader.u64());
    let (rule, values) = (reader.u32(), [reader.f64(), reader.f64()]);
    let [mode, steps, snippet_steps] = std::array::from_fn(|_| reader.u32());
    let (snippets, initial_weight, topology) = (reader.u64(), reader.f64(), reader.u64());
    let counts: [u64; 2] = std::array::from_fn(|_| reader.u64());
    let all = u128::from(counts[0]) + u128::from(counts[1]);
    let expected = (HEADER + DIGEST) as u128 + 8 * all;
    if bytes.len() as u128 != expected {
        return Err(bad(
            path,
            format!("{} bytes", bytes.len()),
            format!("{expected}, as its header says; it was cut short or changed"),
        ));
    }
    if !whole {
        return Err(bad(path, "bytes that do not match their digest", "a file as it was written; it was changed"));
    }
    let rule = rule_of(rule, values).ok_or_else(|| bad(path, format!("rule {rule}"), "0 to 3"))?;
    let mode = match mode {
        0 => Mode::Faithful,
        1 => Mode::Clean,
        _ => return Err(bad(path, format!("mode {mode}"), "0 or 1")),
    };
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let preset = Nalsm {
        neurons: size(neurons),
        mode,
        seed,
        steps,
        snippet_steps,
        snippets: (snippets > 0).then(|| size(snippets)),
        initial_weight,
        ..Nalsm::new(size(channels), rule)
    };
    let [input, liquid] = counts.map(|n| (0..n).map(|_| reader.f64()).collect());
    Ok((preset, topology, LearnedWeights { input, liquid }))
}

fn rule_of(number: u32, [weight, width]: [f64; 2]) -> Option<Rule> {
    match number {
        0 => Some(Rule::Static { weight }),
        1 => Some(Rule::Stdp),
        2 => Some(Rule::Astrocyte { weight }),
        3 => Some(Rule::ApStdp { threshold: weight, width }),
        _ => None,
    }
}

/// Numbers of a file whose length is known to suffice.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let part = self.bytes[self.at..self.at + N].try_into().expect("the length should have been checked");
        self.at += N;
        part
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.take())
    }
}

/// A digest of who is connected to whom: weights belong to synapses by their place.
fn digest(model: &Model, projections: [ProjectionId; 2]) -> u64 {
    let mut hasher = Xxh3::new();
    for projection in projections {
        let synapses = &model.projections[projection.index()].synapses;
        synapses.row_start.iter().for_each(|&start| hasher.update(&(start as u64).to_le_bytes()));
        synapses.targets.iter().for_each(|target| hasher.update(&target.to_le_bytes()));
    }
    hasher.digest()
}
