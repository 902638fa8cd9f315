//! "From every state a healthy state can be reached": a backward fixpoint over the edges of an exhausted search.

/// The edges of the state graph, by the number of their source.
#[derive(Debug)]
pub(crate) struct Edges {
    targets: Vec<u32>,
    starts: Vec<usize>,
    healed: Vec<bool>,
}

impl Edges {
    pub(crate) const fn new() -> Self {
        Self { targets: Vec::new(), starts: Vec::new(), healed: Vec::new() }
    }

    /// Starts the next state; states come in the order of their numbers.
    pub(crate) fn begin(&mut self, healthy: bool) {
        self.starts.push(self.targets.len());
        self.healed.push(healthy);
    }

    pub(crate) fn add(&mut self, to: u32) {
        self.targets.push(to);
    }

    /// The number of states that cannot reach a healthy one.
    pub(crate) fn stuck(mut self) -> usize {
        self.starts.push(self.targets.len());
        // Alternating the direction lets one sweep carry health along both long forward and long backward chains.
        let mut forward = false;
        loop {
            let mut changed = false;
            for at in 0..self.healed.len() {
                let state = if forward { at } else { self.healed.len() - 1 - at };
                let out = &self.targets[self.starts[state]..self.starts[state + 1]];
                if !self.healed[state] && out.iter().any(|&to| self.healed[to as usize]) {
                    self.healed[state] = true;
                    changed = true;
                }
            }
            if !changed {
                return self.healed.iter().filter(|healed| !**healed).count();
            }
            forward = !forward;
        }
    }
}
