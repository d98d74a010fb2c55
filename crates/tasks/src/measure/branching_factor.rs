//! The branching factor of a recurrent network along its connections.

use crate::Result;
use crate::error::argument;
use crate::measure::adjacency::Adjacency;
use crate::measure::raster::Raster;
use crate::measure::summary::summary;

/// The branching factor by the rule of the authors of NALSM: how many spikes follow a spike among the neurons it sends to,
/// for each spike before it among the neurons that it hears.
///
/// Of each spike of neuron i in step t, b = (spikes of the targets of i in t + 1 to t + w) / max(1, spikes of the sources of i
/// in t - w to t - 1). b is averaged over the spikes of a neuron, then over the neurons that have one. Spikes within `cut_steps`
/// of either end do not exist for this measure, and the spikes t are those whose two windows are whole, so `cut_steps` +
/// `window_steps` steps at either end have none. 1 means that activity sustains itself; above it grows.
///
/// The mean over several samples is the mean of their factors, each with its own raster.
///
/// Source: V. Ivanov, K. Michmizos, "Increasing liquid state machine performance with edge-of-chaos dynamics organized by
/// astrocyte-modulated plasticity", NeurIPS 2021, arXiv 2111.01760, and the code published with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct BranchingFactor {
    /// Steps left out at either end; 25, with steps of 1 ms.
    pub cut_steps: u32,
    /// Length w of either window; 4, with steps of 1 ms.
    pub window_steps: u32,
}

impl Default for BranchingFactor {
    fn default() -> Self {
        Self { cut_steps: 25, window_steps: 4 }
    }
}

impl BranchingFactor {
    /// The mean over the neurons of one sample; `None` if none has a spike that counts.
    ///
    /// # Errors
    /// As [`BranchingFactor::per_neuron`].
    pub fn mean(&self, raster: Raster<'_>, network: &Adjacency) -> Result<Option<f64>> {
        Ok(summary(&self.per_neuron(raster, network)?).map(|of| of.mean))
    }

    /// The mean over the spikes of each neuron; `None` where it has none that counts.
    ///
    /// # Errors
    /// If the network is of another number of neurons, if a window is 0 steps, or if the ends leave no step.
    pub fn per_neuron(&self, raster: Raster<'_>, network: &Adjacency) -> Result<Vec<Option<f64>>> {
        self.check(raster, network)?;
        let (cut, w) = (self.cut_steps as usize, self.window_steps as usize);
        let spikes = spikes_of_steps(raster);
        let neurons = raster.neurons() as usize;
        let (mut before, mut after) = (Window::new(neurons), Window::new(neurons));
        spikes[cut..cut + w].iter().for_each(|step| before.add(step));
        spikes[cut + w..cut + 2 * w].iter().for_each(|step| after.add(step));
        let mut sums = vec![(0.0, 0_u32); neurons];
        for t in cut + w..spikes.len() - cut - w {
            after.remove(&spikes[t]);
            after.add(&spikes[t + w]);
            for &i in &spikes[t] {
                let follow = f64::from(after.spikes_of(network.post(i)));
                let sum = &mut sums[i as usize];
                sum.0 += follow / f64::from(before.spikes_of(network.pre(i)).max(1));
                sum.1 += 1;
            }
            before.remove(&spikes[t - w]);
            before.add(&spikes[t]);
        }
        Ok(sums.iter().map(|&(sum, spikes)| (spikes > 0).then(|| sum / f64::from(spikes))).collect())
    }

    fn check(&self, raster: Raster<'_>, network: &Adjacency) -> Result<()> {
        let (steps, neurons) = (raster.steps(), raster.neurons());
        if network.neurons() != neurons {
            let allowed = format!("{neurons}, as in the raster");
            return Err(argument("network", format!("of {} neurons", network.neurons()), allowed));
        }
        if self.window_steps == 0 {
            return Err(argument("window_steps", 0, "at least 1"));
        }
        let ends = 2 * (u64::from(self.cut_steps) + u64::from(self.window_steps));
        if ends >= u64::from(steps) {
            let found = format!("{} and `window_steps` {}", self.cut_steps, self.window_steps);
            let allowed = format!("twice their sum below {steps}, the number of steps");
            return Err(argument("cut_steps", found, allowed));
        }
        Ok(())
    }
}

/// The neurons that spike in each step.
fn spikes_of_steps(raster: Raster<'_>) -> Vec<Vec<u32>> {
    let mut spikes = vec![Vec::new(); raster.steps() as usize];
    raster.iter().for_each(|(step, neuron)| spikes[step as usize].push(neuron));
    spikes
}

/// How often each neuron spikes in a window that moves.
struct Window(Vec<u32>);

impl Window {
    fn new(neurons: usize) -> Self {
        Self(vec![0; neurons])
    }

    fn add(&mut self, step: &[u32]) {
        step.iter().for_each(|&i| self.0[i as usize] += 1);
    }

    fn remove(&mut self, step: &[u32]) {
        step.iter().for_each(|&i| self.0[i as usize] -= 1);
    }

    fn spikes_of(&self, neurons: &[u32]) -> u32 {
        neurons.iter().map(|&i| self.0[i as usize]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    /// Neuron i sends to i + 1 to i + `width`, around a ring.
    fn ring(neurons: u32, width: u32) -> Adjacency {
        let starts: Vec<usize> = (0..=neurons as usize).map(|i| i * width as usize).collect();
        let targets: Vec<u32> = (0..neurons).flat_map(|i| (1..=width).map(move |k| (i + k) % neurons)).collect();
        Adjacency::from_csr(&starts, &targets).unwrap()
    }

    #[test]
    fn one_spike_that_runs_around_a_ring_has_one() {
        let spikes: Vec<_> = (0..200).map(|t| (t, t % 50)).collect();
        let raster = Raster::new(&spikes, 200, 50).unwrap();
        assert_eq!(BranchingFactor::default().mean(raster, &ring(50, 1)).unwrap(), Some(1.0));
    }

    #[test]
    fn counted_by_hand() {
        // 0 sends to 1, 2 and 3; 1 and 2 send to 0. With cut 1 and w = 2 of 9 steps the middles are steps 3 to 5.
        let network = Adjacency::from_csr(&[0, 3, 4, 5, 5], &[1, 2, 3, 0, 0]).unwrap();
        // Before step 3: source 1 once in step 1, source 2 in 1 and 2; step 0 is cut. After: 1 in 4 and 5, 3 in 5; 2 in 6 is late.
        let spikes = [(0, 1), (1, 1), (1, 2), (2, 2), (3, 0), (4, 1), (5, 1), (5, 3), (6, 2), (7, 0), (8, 0)];
        let rule = BranchingFactor { cut_steps: 1, window_steps: 2 };
        let found = rule.per_neuron(Raster::new(&spikes, 9, 4).unwrap(), &network).unwrap();
        // 0: 3 / 3. 1 in step 4: 0 after none in 5, 6, one before: 0 / 1; in step 5: 0 in step 7, one before: 1 / 1.
        // 3 in step 5: nothing after, 0 in step 3 before.
        assert_eq!(found, [Some(1.0), Some(0.5), None, Some(0.0)]);
        assert_eq!(rule.mean(Raster::new(&spikes, 9, 4).unwrap(), &network).unwrap(), Some(0.5));
    }

    #[test]
    fn the_authors_code_says_the_same_of_random_spikes() {
        // Value of `compute_branching_factor.py` of the authors' repository (combra-lab/NALSM) on this network and raster.
        let mut random = SplitMix64::new(17);
        let mut rows = vec![Vec::new(); 30];
        let mut columns = vec![Vec::new(); 30];
        for i in 0..30_u32 {
            for j in 0..30_u32 {
                if random.next_f64() < 0.15 && i != j {
                    rows[i as usize].push(j);
                    columns[j as usize].push(i);
                }
            }
        }
        let cells = (0..250).flat_map(|t| (0..30).map(move |n| (t, n)));
        let spikes: Vec<(u32, u32)> = cells.filter(|_| random.next_f64() < 0.05).collect();
        let raster = Raster::new(&spikes, 250, 30).unwrap();
        let of = |lists: &[Vec<u32>]| {
            let starts: Vec<usize> = (0..=30).map(|i| lists[..i].iter().map(Vec::len).sum()).collect();
            let network = Adjacency::from_csr(&starts, &lists.concat()).unwrap();
            BranchingFactor::default().mean(raster, &network).unwrap().unwrap()
        };
        assert_eq!(spikes.len(), 378);
        assert!((of(&rows) - 0.782_260_722_665_134_2).abs() < 1e-14, "{}", of(&rows));
        // Against the direction of the connections it is another number.
        assert!((of(&columns) - 0.752_945_785_151_674).abs() < 1e-14, "{}", of(&columns));
    }

    #[test]
    fn silence_has_none() {
        let raster = Raster::new(&[(3, 0)], 100, 50).unwrap();
        assert_eq!(BranchingFactor::default().mean(raster, &ring(50, 2)).unwrap(), None);
    }
}
