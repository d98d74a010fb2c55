//! From a wiring to its synapses: row lengths, their prefix sums, then all rows in parallel.

use std::ops::Range;

use rayon::prelude::*;

use super::check::{check_lengths, check_total, has_given_values, validate};
use super::delays::delays;
use super::partners::Partners;
use super::rows::{Rows, target_stream, without_self};
use super::sample::Scratch;
use super::transpose::InDegree;
use super::weights::{Quantisation, weights, whole};
use super::{Connector, Csr, SynapseWeights, Synapses, Wiring};
use crate::SpecError;

/// How many synapses each source has: exactly as [`connect`] makes them, without storing them. Takes time in proportion to
/// the sources, except where synapses must be drawn to be counted ([`Connector::FixedProbability`],
/// [`Connector::FixedInDegree`]) or pairs tried ([`Connector::DistanceDependent`]).
///
/// # Errors
/// Those of [`validate`], and [`SpecError::TooMany`] beyond 2^32 - 1 synapses.
pub fn row_lengths(w: &Wiring<'_>) -> Result<Vec<u32>, SpecError> {
    validate(w)?;
    let lengths = match in_degree(w) {
        Some(rule) => rule.lengths(),
        None => lengths(&Rows::new(w), w.source.size),
    };
    row_starts(w, &lengths)?;
    Ok(lengths)
}

/// The synapses of a projection, with weights in steps of 2^-`fraction_bits` mV, and how well these hold what was drawn.
/// The same bits for any number of threads.
///
/// # Errors
/// Those of [`row_lengths`]; [`SpecError::Length`] for given values of another number than synapses;
/// [`SpecError::Invalid`] for a weight that does not fit or a delay beyond [`super::MAX_DELAY`];
/// [`SpecError::Precision`] for weights whose rounding error is above [`super::PRECISION`].
pub fn connect(w: &Wiring<'_>, fraction_bits: u32) -> Result<(Synapses, Quantisation), SpecError> {
    let (mut synapses, order) = unweighted(w)?;
    let quantisation;
    (synapses.weights, quantisation) = weights(w, &synapses.row_start, order.as_deref(), fraction_bits)?;
    Ok((synapses, quantisation))
}

/// The same synapses with their weights apart, as whole words in steps of 2^-`fraction_bits` mV: those of plastic projections. The weights
/// among the synapses are 0.
///
/// # Errors
/// Those of [`connect`], except for the precision.
pub fn connect_whole(w: &Wiring<'_>, fraction_bits: u32) -> Result<(Synapses, Vec<i32>, Quantisation), SpecError> {
    let (synapses, order) = unweighted(w)?;
    let (weights, quantisation) = whole(w, &synapses.row_start, order.as_deref(), fraction_bits)?;
    Ok((synapses, weights, quantisation))
}

// Synapses without weights, and the order of given values.
fn unweighted(w: &Wiring<'_>) -> Result<(Synapses, Option<Vec<u32>>), SpecError> {
    validate(w)?;
    let (row_start, targets) = rows(w)?;
    check_lengths(w, targets.len())?;
    let order = if has_given_values(w) { given_order(w) } else { None };
    let delays = delays(w, &row_start, &targets, order.as_deref())?;
    Ok((Synapses { row_start, targets, weights: SynapseWeights::Constant(0), delays }, order))
}

fn in_degree(w: &Wiring<'_>) -> Option<InDegree> {
    let Connector::FixedInDegree(degree) = w.projection.connector else { return None };
    Some(InDegree {
        sources: w.source.size,
        targets: w.target.size,
        degree: degree as u32,
        multiple_edges: w.projection.multiple_edges,
        partners: Partners::new(w.source.size as u32, without_self(w)),
        stream: target_stream(w),
        key: w.key,
    })
}

fn lengths(rows: &Rows<'_>, sources: usize) -> Vec<u32> {
    let rows_of = |scratch: &mut Scratch, row| rows.length(row, scratch);
    (0..sources as u32).into_par_iter().with_min_len(16).map_init(Scratch::default, rows_of).collect()
}

fn rows(w: &Wiring<'_>) -> Result<(Vec<usize>, Vec<u32>), SpecError> {
    if let Some(rule) = in_degree(w) {
        let (lengths, targets) = rule.rows();
        return Ok((row_starts(w, &lengths)?, targets));
    }
    let rows = Rows::new(w);
    let row_start = row_starts(w, &lengths(&rows, w.source.size))?;
    let targets = fill(&rows, &row_start);
    Ok((row_start, targets))
}

fn row_starts(w: &Wiring<'_>, lengths: &[u32]) -> Result<Vec<usize>, SpecError> {
    let total: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
    check_total(w, total)?;
    let mut end = 0;
    let ends = lengths.iter().map(|&length| {
        end += length as usize;
        end
    });
    Ok(std::iter::once(0).chain(ends).collect())
}

// A piece of work has at most about so many synapses and at most so many rows, but at least one.
const PIECE: usize = 1 << 15;
const PIECE_ROWS: usize = 1 << 8;

fn fill(rows: &Rows<'_>, row_start: &[usize]) -> Vec<u32> {
    let mut targets = vec![0; row_start.last().copied().unwrap_or(0)];
    pieces(row_start, &mut targets).into_par_iter().for_each_init(Scratch::default, |scratch, (range, mut out)| {
        for row in range {
            rows.make(row as u32, scratch);
            let (this, rest) = out.split_at_mut(scratch.row.len());
            this.copy_from_slice(&scratch.row);
            out = rest;
        }
    });
    targets
}

fn pieces<'a>(row_start: &[usize], mut targets: &'a mut [u32]) -> Vec<(Range<usize>, &'a mut [u32])> {
    let (mut pieces, mut first) = (Vec::new(), 0);
    while first + 1 < row_start.len() {
        let last = (first + PIECE_ROWS).min(row_start.len() - 1);
        let end = first + row_start[first..last].partition_point(|&start| start < row_start[first] + PIECE);
        let (piece, rest) = targets.split_at_mut(row_start[end] - row_start[first]);
        pieces.push((first..end, piece));
        (targets, first) = (rest, end);
    }
    pieces
}

// Where each synapse of sorted rows stands in rows as given; `None` where that is the same.
fn given_order(w: &Wiring<'_>) -> Option<Vec<u32>> {
    let Connector::FromCsr(csr) = &w.projection.connector else { return None };
    let row = |i: usize| csr.row_start[i]..csr.row_start[i + 1];
    if (0..w.source.size).all(|i| csr.targets[row(i)].is_sorted()) {
        return None;
    }
    Some((0..w.source.size).flat_map(|i| sorted_places(csr, row(i))).collect())
}

fn sorted_places(csr: &Csr, row: Range<usize>) -> Vec<u32> {
    let mut places: Vec<u32> = row.map(|place| place as u32).collect();
    places.sort_by_key(|&place| csr.targets[place as usize]);
    places
}
