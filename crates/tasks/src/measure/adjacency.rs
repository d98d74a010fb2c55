//! Who is connected to whom, in both directions.

use crate::Result;
use crate::error::argument;

/// The connections among the neurons of one population, without their number: each pair counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjacency {
    post: Lists,
    pre: Lists,
}

impl Adjacency {
    /// From compressed sparse rows: the targets of neuron i are `targets[row_start[i]..row_start[i + 1]]`.
    ///
    /// # Errors
    /// If there is no neuron, if `row_start` does not rise from 0 to the number of targets, or if a target is not a neuron.
    pub fn from_csr(row_start: &[usize], targets: &[u32]) -> Result<Self> {
        check_rows(row_start, targets.len())?;
        let neurons = row_start.len() - 1;
        if let Some(i) = targets.iter().position(|&t| t as usize >= neurons) {
            let allowed = format!("below {neurons}, the number of rows");
            return Err(argument("targets", format!("{} at index {i}", targets[i]), allowed));
        }
        let row = |i: usize| targets[row_start[i]..row_start[i + 1]].iter().map(move |&target| (i as u32, target));
        let mut pairs: Vec<(u32, u32)> = (0..neurons).flat_map(row).collect();
        let post = Lists::new(&mut pairs, neurons);
        pairs.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
        Ok(Self { post, pre: Lists::new(&mut pairs, neurons) })
    }

    /// Number of neurons.
    #[must_use]
    pub fn neurons(&self) -> u32 {
        (self.post.start.len() - 1) as u32
    }

    /// The neurons that `neuron` sends to, ascending.
    ///
    /// # Panics
    /// If there is no such neuron.
    #[must_use]
    pub fn post(&self, neuron: u32) -> &[u32] {
        self.post.of(neuron)
    }

    /// The neurons that send to `neuron`, ascending.
    ///
    /// # Panics
    /// If there is no such neuron.
    #[must_use]
    pub fn pre(&self, neuron: u32) -> &[u32] {
        self.pre.of(neuron)
    }
}

/// One list for each neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lists {
    start: Vec<usize>,
    members: Vec<u32>,
}

impl Lists {
    fn new(pairs: &mut Vec<(u32, u32)>, neurons: usize) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let start = (0..=neurons).map(|i| pairs.partition_point(|pair| (pair.0 as usize) < i)).collect();
        Self { start, members: pairs.iter().map(|pair| pair.1).collect() }
    }

    fn of(&self, neuron: u32) -> &[u32] {
        &self.members[self.start[neuron as usize]..self.start[neuron as usize + 1]]
    }
}

fn check_rows(row_start: &[usize], targets: usize) -> Result<()> {
    let ends = (row_start.first(), row_start.last());
    if row_start.len() < 2 || ends != (Some(&0), Some(&targets)) {
        let found = format!("{} entries from {:?} to {:?}", row_start.len(), ends.0, ends.1);
        let allowed = format!("one entry more than neurons, from 0 to {targets}, the number of targets");
        return Err(argument("row_start", found, allowed));
    }
    match row_start.windows(2).position(|pair| pair[0] > pair[1]) {
        Some(i) => Err(argument("row_start", format!("{} after {}", row_start[i + 1], row_start[i]), "rising")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_without_repeats() {
        let net = Adjacency::from_csr(&[0, 3, 3, 5], &[2, 1, 2, 0, 2]).unwrap();
        assert_eq!((net.post(0), net.post(1), net.post(2)), (&[1, 2][..], &[][..], &[0, 2][..]));
        assert_eq!((net.pre(0), net.pre(1), net.pre(2)), (&[2][..], &[0][..], &[0, 2][..]));
        assert_eq!(net.neurons(), 3);
    }
}
