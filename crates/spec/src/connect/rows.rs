//! The connectors that make each row by itself, and how long their rows are.

use super::distance::Distance;
use super::partners::Partners;
use super::sample::{Scratch, sample};
use super::small_world::{SmallWorld, ring_row};
use super::split::Split;
use super::words::Words;
use super::{Connector, Csr, Wiring};
use crate::fixed;
use crate::rng::{self, Purpose};

/// A rule for rows with all that its draws need.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    rule: Rule<'a>,
    partners: Partners,
    stream: u32,
    key: [u32; 2],
}

#[derive(Debug)]
enum Rule<'a> {
    OneToOne,
    AllToAll,
    // The inverse of ln(1 - p).
    Probability(f64),
    Sample { degrees: Degrees, repeated: bool },
    Distance(Distance<'a>),
    SmallWorld(SmallWorld),
    Ring { size: u32, neighbours: u32 },
    Csr(&'a Csr),
}

#[derive(Debug)]
enum Degrees {
    Same(u32),
    Each(Vec<u32>),
}

impl Degrees {
    fn of(&self, row: u32) -> u32 {
        match self {
            Self::Same(degree) => *degree,
            Self::Each(degrees) => degrees[row as usize],
        }
    }
}

/// The stream of a projection's targets.
pub(super) fn target_stream(w: &Wiring<'_>) -> u32 {
    rng::stream(Purpose::Target, w.index, 0)
}

/// Whether a neuron must not connect to itself.
pub(super) fn without_self(w: &Wiring<'_>) -> bool {
    w.recurrent && !w.projection.self_connections
}

impl<'a> Rows<'a> {
    /// The rule of a validated wiring.
    pub(super) fn new(w: &Wiring<'a>) -> Self {
        let partners = Partners::new(w.target.size as u32, without_self(w));
        Self { rule: rule(w, partners), partners, stream: target_stream(w), key: w.key }
    }

    /// The length of a row, where it is known without making it.
    fn known_length(&self, row: u32) -> Option<u32> {
        match &self.rule {
            Rule::OneToOne => Some(1),
            Rule::AllToAll => Some(self.partners.count()),
            Rule::Sample { degrees, .. } => Some(degrees.of(row)),
            Rule::SmallWorld(rule) => Some(2 * rule.half),
            Rule::Ring { neighbours, .. } => Some(*neighbours),
            Rule::Csr(csr) => Some((csr.row_start[row as usize + 1] - csr.row_start[row as usize]) as u32),
            Rule::Probability(_) | Rule::Distance(_) => None,
        }
    }

    /// The length of a row.
    pub(super) fn length(&self, row: u32, scratch: &mut Scratch) -> u32 {
        self.known_length(row).unwrap_or_else(|| {
            self.make(row, scratch);
            scratch.row.len() as u32
        })
    }

    /// Makes `scratch.row` the targets of a row, ascending.
    pub(super) fn make(&self, row: u32, scratch: &mut Scratch) {
        let mut words = Words::new(self.stream, row, self.key);
        match &self.rule {
            Rule::OneToOne => replace(&mut scratch.row, [row]),
            Rule::AllToAll => replace(&mut scratch.row, (0..self.partners.count()).map(self.neuron_of(row))),
            Rule::Probability(scale) => self.skip(row, *scale, &mut words, &mut scratch.row),
            Rule::Sample { degrees, repeated } => {
                sample(&mut words, self.partners.count(), degrees.of(row), *repeated, scratch);
                scratch.row.iter_mut().for_each(|target| *target = self.partners.neuron(row, *target));
            }
            Rule::Distance(rule) => rule.row(row, scratch),
            Rule::SmallWorld(rule) => rule.row(row, words, scratch),
            Rule::Ring { size, neighbours } => ring_row(*size, *neighbours, row, &mut scratch.row),
            Rule::Csr(csr) => csr_row(csr, row as usize, &mut scratch.row),
        }
    }

    fn neuron_of(&self, row: u32) -> impl Fn(u32) -> u32 {
        let partners = self.partners;
        move |place| partners.neuron(row, place)
    }

    // The gap to the next connection is geometric: floor(ln u / ln(1 - p)), by draws of 32 bits.
    fn skip(&self, row: u32, scale: f64, words: &mut Words, out: &mut Vec<u32>) {
        let count = u64::from(self.partners.count());
        let mut gap = || (libm::log(rng::unit(words.next())) * scale) as u64;
        out.clear();
        let mut place = gap();
        while place < count {
            out.push(self.partners.neuron(row, place as u32));
            place = (place + 1).saturating_add(gap());
        }
    }
}

fn replace(row: &mut Vec<u32>, targets: impl IntoIterator<Item = u32>) {
    row.clear();
    row.extend(targets);
}

fn csr_row(csr: &Csr, row: usize, out: &mut Vec<u32>) {
    replace(out, csr.targets[csr.row_start[row]..csr.row_start[row + 1]].iter().copied());
    out.sort_unstable();
}

fn rule<'a>(w: &Wiring<'a>, partners: Partners) -> Rule<'a> {
    let repeated = w.projection.multiple_edges;
    match &w.projection.connector {
        Connector::OneToOne => Rule::OneToOne,
        Connector::AllToAll => Rule::AllToAll,
        Connector::FixedProbability(p) => Rule::Probability(1.0 / libm::log1p(-p)),
        Connector::FixedOutDegree(degree) => Rule::Sample { degrees: Degrees::Same(*degree as u32), repeated },
        Connector::FixedTotal(total) => Rule::Sample { degrees: Degrees::Each(totals(w, partners, *total)), repeated },
        Connector::DistanceDependent(rule) => {
            Rule::Distance(Distance::new(rule, w.source, w.target, target_stream(w), w.key, without_self(w)))
        }
        Connector::SmallWorld { neighbours, rewire } => Rule::SmallWorld(SmallWorld {
            size: w.target.size as u32,
            half: *neighbours as u32 / 2,
            rewire: fixed::probability_threshold(*rewire),
            multiple_edges: repeated,
            partners,
        }),
        Connector::Ring { neighbours } => Rule::Ring { size: w.target.size as u32, neighbours: *neighbours as u32 },
        Connector::FromCsr(csr) => Rule::Csr(csr),
        Connector::FixedInDegree(_) => unreachable!("rows of a fixed in-degree are made by transposition"),
    }
}

fn totals(w: &Wiring<'_>, partners: Partners, total: usize) -> Vec<u32> {
    let stream = rng::stream(Purpose::Target, w.index, 1);
    let split = Split { row_size: partners.count(), repeated: w.projection.multiple_edges, stream, key: w.key };
    split.lengths(w.source.size, total as u64)
}
