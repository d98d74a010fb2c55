//! Moments of features and targets, added up on the device in f32 over blocks of rows and on the host in f64 over blocks.

use limnos_spec::twin::device::rate::{LOOP_OPEN, RateRows, RateShape};

use super::arrays::{Columns, Rows, to_device};
use super::dispatch::Bound;
use super::plan::{gram_rows, moment_buffers};
use super::simulation::{Piece, RateGpu, map};
use crate::EngineError;
use crate::rate::StateMoments;
use crate::rate::backend::Accumulate;

/// Rows of a member that are added up before they go to the host.
const BLOCK_ROWS: usize = 4096;

/// Side of the square of products that one workgroup adds up: `TILE` of `kernels/rate_gram.wgsl`.
const TILE: u32 = 32;

/// Targets for which [`fits`] makes room.
const TARGETS: usize = 64;

/// Whether the products of the widest features keep the limits of the device.
pub(super) fn fits(s: &RateGpu) -> bool {
    let columns = 1 + s.sizes.inputs + 2 * s.sizes.rows.len() + TARGETS;
    let plans = moment_buffers(&s.sizes, columns, TARGETS, s.plan.steps);
    plans.iter().all(|plan| s.gpu.limits().check(plan).is_ok())
}

/// Columns of the products: a one, features, targets.
#[derive(Clone, Copy, Debug)]
struct Layout {
    features: usize,
    targets: usize,
}

impl Layout {
    const fn columns(self) -> usize {
        1 + self.features + self.targets
    }
}

pub(super) fn accumulate(s: &mut RateGpu, a: &Accumulate<'_>, sums: &mut [StateMoments]) -> Result<(), EngineError> {
    let layout = Layout { features: sums[0].features, targets: sums[0].targets };
    let most = gram_rows(&s.gpu.limits()) / s.sizes.per_member;
    if most == 0 {
        let what = "samples of a model whose moments a device adds up".into();
        let (needed, allowed) = (s.sizes.per_member as u64, gram_rows(&s.gpu.limits()) as u64);
        return Err(EngineError::Limit { what, needed, allowed, advice: "; use fewer samples, or run_chunks" });
    }
    let plans = moment_buffers(&s.sizes, layout.columns(), layout.targets, s.plan.steps);
    plans.iter().try_for_each(|plan| s.gpu.limits().check(plan))?;
    plans.iter().try_for_each(|plan| s.buffers.add(plan))?;
    s.buffers.write("gram shape", 0, &[shape(s, a, layout)])?;
    let gram = Bound::new(&s.gpu, "kernels/rate_gram", &[], &[("shape", "gram shape")], &s.buffers)?;
    s.lengths(a.run.lengths)?;
    let mut pending = 0;
    for rows in s.pieces(a.run.steps, most) {
        s.drive(rows, (a.run.inputs, Columns::all(s.sizes.inputs)), a.run.feedback)?;
        let step = a.run.first_step + rows.first as u32;
        s.submit(Piece { step, rows, closed: LOOP_OPEN, outputs: false })?;
        let first = a.washout.saturating_sub(rows.first);
        if first < rows.count {
            add(s, a, &gram, rows, (first, layout))?;
            pending += (rows.count - first) * s.sizes.per_member;
        }
        if pending >= BLOCK_ROWS {
            collect(s, layout, sums)?;
            pending = 0;
        }
    }
    collect(s, layout, sums)?;
    let rows = rows(s, a);
    sums.iter_mut().zip(rows).for_each(|(sums, rows)| sums.rows += rows);
    s.check_finite(a.run.first_step + a.run.steps as u32)
}

/// The shape of the readout that would read these features and a one.
fn shape(s: &RateGpu, a: &Accumulate<'_>, layout: Layout) -> RateShape {
    RateShape {
        outputs: 0,
        features: 1 + layout.features as u32,
        with_bias: 1,
        with_inputs: u32::from(a.inputs),
        map: map(a.states),
        ..s.shape
    }
}

/// Adds the products of the rows of a piece from `first` on.
fn add(
    s: &mut RateGpu,
    a: &Accumulate<'_>,
    gram: &Bound,
    rows: Rows,
    (first, layout): (usize, Layout),
) -> Result<(), EngineError> {
    let mut words = vec![0.0; s.shape.samples as usize * rows.count * layout.targets];
    to_device(&s.shape, a.targets, rows, Columns::all(layout.targets), &mut words);
    s.buffers.write("targets", 0, &words)?;
    let columns = layout.columns() as u32;
    let counted = RateRows {
        first: first as u32,
        end: rows.count as u32,
        row: rows.first as u32,
        targets: layout.targets as u32,
        columns,
        ..RateRows::default()
    };
    s.buffers.write("rows", 0, &[counted])?;
    let mut encoder = s.encoder();
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    gram.record(&mut pass, 0, (columns.div_ceil(TILE), columns.div_ceil(TILE), s.sizes.members as u32));
    drop(pass);
    s.send(encoder)
}

/// Adds what the device has to the sums of the host, and clears it there.
fn collect(s: &mut RateGpu, layout: Layout, sums: &mut [StateMoments]) -> Result<(), EngineError> {
    let columns = layout.columns();
    for (member, sums) in sums.iter_mut().enumerate() {
        let gram: Vec<f32> = s.buffers.read("gram", member * columns * columns, columns * columns)?;
        take(&gram, layout, sums);
    }
    let mut encoder = s.encoder();
    s.buffers.clear(&mut encoder, "gram", 0);
    s.send(encoder)
}

/// Adds the upper triangle `[1, features, targets]` squared to the sums.
fn take(gram: &[f32], layout: Layout, sums: &mut StateMoments) {
    let (features, columns) = (layout.features, layout.columns());
    let at = |i: usize, j: usize| f64::from(gram[i * columns + j]);
    for i in 0..features {
        sums.feature_sum[i] += at(0, 1 + i);
        for j in i..features {
            let product = at(1 + i, 1 + j);
            sums.gram[i * features + j] += product;
            if j > i {
                sums.gram[j * features + i] += product;
            }
        }
        for t in 0..layout.targets {
            sums.cross[i * layout.targets + t] += at(1 + i, 1 + features + t);
        }
    }
    for t in 0..layout.targets {
        sums.target_sum[t] += at(0, 1 + features + t);
        sums.target_square[t] += at(1 + features + t, 1 + features + t);
    }
}

/// Rows of each member that counted.
fn rows(s: &RateGpu, a: &Accumulate<'_>) -> Vec<u64> {
    let length = |sample: usize| a.run.lengths.map_or(a.run.steps, |lengths| lengths[sample]);
    let counted = |sample: usize| length(sample).saturating_sub(a.washout) as u64;
    let members = 0..s.sizes.members;
    members.map(|m| (0..s.sizes.per_member).map(|k| counted(m * s.sizes.per_member + k)).sum()).collect()
}
