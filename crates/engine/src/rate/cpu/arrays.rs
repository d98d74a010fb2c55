//! Arrays of a batch, cut into those of its samples.

use crate::rate::Real;

/// How long a run is, and where its noise starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    pub(super) steps: usize,
    pub(super) first_step: u32,
    /// Steps of each sample, where they differ.
    pub(super) lengths: Option<&'a [usize]>,
}

/// What all samples of a run with known inputs read and write.
#[derive(Debug)]
pub(super) struct OpenArrays<'a, S> {
    pub(super) inputs: &'a [S],
    pub(super) feedback: &'a [S],
    pub(super) states: Option<&'a mut [S]>,
    pub(super) outputs: Option<&'a mut [S]>,
}

/// One sample of a run with known inputs.
#[derive(Debug)]
pub(super) struct Open<'a, T, S> {
    pub(super) index: usize,
    pub(super) steps: usize,
    /// `[unit]`.
    pub(super) state: &'a mut [T],
    /// `[step][input]`.
    pub(super) inputs: &'a [S],
    /// `[step][feedback]`.
    pub(super) feedback: &'a [S],
    /// `[step][unit]`.
    pub(super) states: Option<&'a mut [S]>,
    /// `[step][output]`.
    pub(super) outputs: Option<&'a mut [S]>,
}

impl<'a, T, S> Open<'a, T, S> {
    pub(super) fn all(
        span: Span<'_>,
        (units, width): (usize, usize),
        state: &'a mut [T],
        arrays: OpenArrays<'a, S>,
    ) -> Vec<Self> {
        let samples = state.len() / units;
        let mut states = pieces(arrays.states, span.steps * units, samples);
        let mut outputs = pieces(arrays.outputs, span.steps * width, samples);
        let sample = |(index, state)| Self {
            index,
            steps: span.lengths.map_or(span.steps, |lengths| lengths[index]),
            state,
            inputs: piece(arrays.inputs, index, samples),
            feedback: piece(arrays.feedback, index, samples),
            states: states[index].take(),
            outputs: outputs[index].take(),
        };
        state.chunks_exact_mut(units).enumerate().map(sample).collect()
    }
}

/// What all samples of a closed loop read and write.
#[derive(Debug)]
pub(super) struct ClosedArrays<'a, S> {
    pub(super) last: &'a mut [f64],
    pub(super) given: &'a [S],
    pub(super) outputs: &'a mut [S],
}

/// One sample of a closed loop.
#[derive(Debug)]
pub(super) struct Closed<'a, T, S> {
    pub(super) index: usize,
    /// `[unit]`.
    pub(super) state: &'a mut [T],
    /// `[input]`: those of the last step.
    pub(super) last: &'a mut [f64],
    /// `[step][given]`.
    pub(super) given: &'a [S],
    /// `[step][output]`.
    pub(super) outputs: &'a mut [S],
}

impl<'a, T, S> Closed<'a, T, S> {
    pub(super) fn all(units: usize, inputs: usize, state: &'a mut [T], arrays: ClosedArrays<'a, S>) -> Vec<Self> {
        let samples = state.len() / units;
        let rows = arrays.outputs.len() / samples;
        let mut lasts = pieces(Some(arrays.last), inputs, samples);
        let mut outputs = pieces(Some(arrays.outputs), rows, samples);
        let sample = |(index, state)| Self {
            index,
            state,
            last: lasts[index].take().unwrap_or_default(),
            given: piece(arrays.given, index, samples),
            outputs: outputs[index].take().unwrap_or_default(),
        };
        state.chunks_exact_mut(units).enumerate().map(sample).collect()
    }
}

fn piece<S>(all: &[S], index: usize, samples: usize) -> &[S] {
    let length = all.len() / samples;
    &all[index * length..][..length]
}

fn pieces<S>(all: Option<&mut [S]>, length: usize, samples: usize) -> Vec<Option<&mut [S]>> {
    let Some(mut rest) = all else { return (0..samples).map(|_| None).collect() };
    let mut cut =
        || Some(rest.split_off_mut(..length).expect("the array should have been checked to hold all samples"));
    (0..samples).map(|_| cut()).collect()
}

/// Rows dealt to members in turn.
pub(super) fn deal<S>(all: Option<&mut [S]>, width: usize, members: usize) -> Vec<std::vec::IntoIter<&mut [S]>> {
    let mut dealt: Vec<Vec<&mut [S]>> = (0..members).map(|_| Vec::new()).collect();
    let rows = all.into_iter().flat_map(|all| all.chunks_exact_mut(width.max(1)));
    rows.enumerate().for_each(|(k, row)| dealt[k % members].push(row));
    dealt.into_iter().map(Vec::into_iter).collect()
}

/// Copies with a change of type.
pub(super) fn put<S: Real, T: Real>(from: &[S], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(x, v)| *x = T::from_f64(v.to_f64()));
}
