//! What this processor can do: bandwidth, vector operations, additions at random places; each as the best of a few short trials.

use std::hint::black_box;
use std::time::Instant;

use limnos_spec::twin::deliver::same_weight;

/// Seconds of a trial.
const TRIAL: f64 = 0.05;
const TRIALS: usize = 4;

/// Bytes a second, read and written together, of `threads` threads that copy one half of a buffer of `bytes` bytes to the other.
#[must_use]
pub fn bandwidth(bytes: usize, threads: usize) -> f64 {
    let share = (bytes / threads.max(1) / 2).max(4096);
    let copy = || {
        let (from, mut to) = (vec![1u8; share], vec![0u8; share]);
        move || {
            to.copy_from_slice(black_box(&from));
            black_box(&mut to);
            2.0 * share as f64
        }
    };
    rate(threads, copy)
}

/// 32-bit integer operations a second of `threads` threads. Measured with what the compiler may assume of every processor of this kind, and doubled
/// where there are registers of twice that width.
#[must_use]
pub fn operations(threads: usize) -> f64 {
    const WIDTH: usize = 64;
    const ROUNDS: usize = 64;
    let xorshift = || {
        let mut x: [u32; WIDTH] = std::array::from_fn(|i| i as u32 + 1);
        move || {
            for _ in 0..ROUNDS {
                for v in &mut x {
                    *v ^= *v << 13;
                    *v ^= *v >> 17;
                    *v ^= *v << 5;
                }
            }
            black_box(&mut x);
            (6 * WIDTH * ROUNDS) as f64
        }
    };
    rate(threads, xorshift) * wider()
}

/// Additions a second to accumulators chosen by 16-bit indices, rows of 100 targets that ascend.
#[must_use]
pub fn deliveries(accumulators: usize, threads: usize) -> f64 {
    const ROW: usize = 100;
    const ROWS: usize = 200;
    let count = (accumulators / threads.max(1)).clamp(ROW, 1 << 16);
    let rows = move || {
        let mut sums = vec![0i32; count];
        let targets: Vec<u16> =
            (0..ROW * ROWS).map(|i| ((i % ROW) * (count / ROW) + i * 7919 % (count / ROW)) as u16).collect();
        move || {
            targets.chunks_exact(ROW).for_each(|row| same_weight(&mut sums, black_box(row), 3));
            black_box(&mut sums);
            (ROW * ROWS) as f64
        }
    };
    rate(threads, rows)
}

/// Additions a second at places scattered over `words` words, each with an index that is read too: what changes by columns are.
#[must_use]
pub fn scattered(words: usize, threads: usize) -> f64 {
    const PLACES: usize = 1 << 20;
    let share = (words / threads.max(1)).max(1024);
    let places = move || {
        let mut values = vec![0i32; share];
        let at: Vec<u32> = (0..PLACES as u64)
            .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % share as u64)
            .map(|i| i as u32)
            .collect();
        move || {
            black_box(&at).iter().for_each(|&k| values[k as usize] = values[k as usize].wrapping_add(3));
            black_box(&mut values);
            PLACES as f64
        }
    };
    rate(threads, places)
}

/// Numbers of single precision a second that are taken from a table by 16-bit indices in no order, and added up.
#[must_use]
pub fn gathers(numbers: usize, threads: usize) -> f64 {
    const PLACES: usize = 1 << 15;
    const WIDTH: usize = 16;
    let count = numbers.clamp(1, 1 << 16);
    let places = move || {
        let table = vec![1.0f32; count];
        let at: Vec<u16> =
            (0..PLACES as u64).map(|i| ((i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % count as u64) as u16).collect();
        move || {
            let mut sums = [0.0f32; WIDTH];
            for places in black_box(&at).as_chunks::<WIDTH>().0 {
                for (sum, &k) in sums.iter_mut().zip(places) {
                    *sum += table[usize::from(k)];
                }
            }
            black_box(sums);
            PLACES as f64
        }
    };
    rate(threads, places)
}

/// How much wider vector registers are than those that every processor of this kind has.
fn wider() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && !cfg!(target_feature = "avx2") {
        return 2.0;
    }
    1.0
}

/// The best of a few trials: what `work` returns, a second, summed over threads that each have a work of their own.
fn rate<W: FnMut() -> f64>(threads: usize, work: impl Fn() -> W + Sync) -> f64 {
    let trial = || {
        let mut work = work();
        work();
        let (start, mut done) = (Instant::now(), 0.0);
        while start.elapsed().as_secs_f64() < TRIAL {
            done += work();
        }
        done / start.elapsed().as_secs_f64()
    };
    let all = || {
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(trial)).collect();
            handles.into_iter().map(|h| h.join().expect("a trial should not panic")).sum::<f64>()
        })
    };
    (0..TRIALS).map(|_| all()).fold(0.0, f64::max)
}
