//! The charts' lines: one sample each 100 ms of simulated time.

use std::collections::VecDeque;

use primacy_port::Series;

use crate::world::{Ended, Outcome, World};

/// Time between two samples.
pub(super) const EVERY_NS: u64 = 100 * MS;
const MS: u64 = 1_000_000;
/// Rates and percentiles look back over so many windows of 100 ms: one second.
const WINDOWS: usize = 10;
/// Samples kept; after that every second one is dropped.
const KEPT: usize = 18_000;

/// What happened within one window.
#[derive(Clone, Debug, Default)]
struct Window {
    ok: u32,
    failed: u32,
    stale: u32,
    latencies_ns: Vec<u64>,
}

/// What rates look back on.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    windows: VecDeque<Window>,
    now: Window,
}

/// All samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    at_ms: Vec<u32>,
    /// Line by line; a line that began later has `None` before.
    lines: Vec<Line>,
    recent: Recent,
    /// Only every so many-th window makes a sample.
    thinned: u32,
    skipped: u32,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    unit: &'static str,
    values: Vec<Option<f32>>,
}

impl Samples {
    pub(super) fn mark(&self) -> Recent {
        self.recent.clone()
    }

    /// Forgets what came after a time.
    pub(super) fn rewind(&mut self, at_ns: u64, recent: Recent) {
        let left = self.at_ms.partition_point(|ms| u64::from(*ms) * MS <= at_ns);
        self.at_ms.truncate(left);
        self.lines.iter_mut().for_each(|line| line.values.truncate(left));
        self.recent = recent;
    }

    pub(super) fn take(&mut self, outcome: &Outcome) {
        let window = &mut self.recent.now;
        match outcome.ended {
            Ended::Failed(_) => {
                window.failed += 1;
                return;
            }
            Ended::Stale => window.stale += 1,
            Ended::Well => {}
        }
        window.ok += 1;
        window.latencies_ns.push(outcome.latency_ns);
    }

    /// A window ends at `at_ns`.
    pub(super) fn sample(&mut self, at_ns: u64, world: &World) {
        let window = std::mem::take(&mut self.recent.now);
        self.recent.windows.push_back(window);
        if self.recent.windows.len() > WINDOWS {
            self.recent.windows.pop_front();
        }
        self.skipped += 1;
        if self.skipped <= self.thinned {
            return;
        }
        self.skipped = 0;
        self.at_ms.push(u32::try_from(at_ns / MS).unwrap_or(u32::MAX));
        for lag in world.lags() {
            let placed = |value: u64| lag.placed.then_some(value);
            self.put(format!("lag {}", lag.node), "B", placed(lag.bytes).map(|b| b as f32));
            self.put(format!("lag {} time", lag.node), "ms", placed(lag.ns).map(millis));
        }
        let windows = &self.recent.windows;
        let seconds = windows.len() as f32 * EVERY_NS as f32 / 1e9;
        let rate = |count: fn(&Window) -> u32| Some(windows.iter().map(count).sum::<u32>() as f32 / seconds);
        let rates = [
            ("ops ok", rate(|w| w.ok)),
            ("ops failed", rate(|w| w.failed)),
            ("stale reads", rate(|w| w.stale)),
        ];
        let mut latencies: Vec<u64> = windows.iter().flat_map(|w| w.latencies_ns.iter().copied()).collect();
        let mut at = |percent: usize| {
            let place = latencies.len().checked_sub(1)? * percent / 100;
            Some(millis(*latencies.select_nth_unstable(place).1))
        };
        let percentiles = [("latency p50", at(50)), ("latency p99", at(99))];
        rates.into_iter().for_each(|(name, value)| self.put(name.to_owned(), "/s", value));
        percentiles.into_iter().for_each(|(name, value)| self.put(name.to_owned(), "ms", value));
        if self.at_ms.len() >= KEPT {
            self.halve();
        }
    }

    fn put(&mut self, name: String, unit: &'static str, value: Option<f32>) {
        let before = self.at_ms.len() - 1;
        let line = match self.lines.iter_mut().position(|line| line.name == name) {
            Some(at) => &mut self.lines[at],
            None => {
                self.lines.push(Line { name, unit, values: vec![None; before] });
                let last = self.lines.len() - 1;
                &mut self.lines[last]
            }
        };
        line.values.resize(before, None);
        line.values.push(value);
    }

    fn halve(&mut self) {
        let keep_every_second = |n: &mut usize| {
            *n += 1;
            n.is_multiple_of(2)
        };
        let mut n = 0;
        self.at_ms.retain(|_| keep_every_second(&mut n));
        for line in &mut self.lines {
            let mut n = 0;
            line.values.retain(|_| keep_every_second(&mut n));
        }
        self.thinned = self.thinned * 2 + 1;
    }

    /// The lines between two times with at most so many points: of each stretch the least and the greatest value of
    /// each line, so that no peak is lost.
    pub(super) fn between(&self, from_ns: u64, to_ns: u64, points: usize) -> Series {
        let first = self.at_ms.partition_point(|ms| u64::from(*ms) * MS < from_ns);
        let end = self.at_ms.partition_point(|ms| u64::from(*ms) * MS <= to_ns).max(first);
        let count = end - first;
        let whole = count <= points;
        let stretches = if whole { count } else { (points / 2).max(1) };
        let bounds = |n: usize| (first + count * n / stretches, first + count * (n + 1) / stretches);
        let mut series = Series::default();
        for (low, high) in (0..stretches).map(bounds) {
            series.at_ms.push(self.at_ms[low]);
            if !whole {
                series.at_ms.push(self.at_ms[(low + high) / 2].max(self.at_ms[low] + 1));
            }
        }
        for line in &self.lines {
            let mut values = Vec::with_capacity(series.at_ms.len());
            for (low, high) in (0..stretches).map(bounds) {
                let part = line.values.get(low..high.min(line.values.len())).unwrap_or_default();
                if whole {
                    values.push(part.first().copied().flatten());
                } else {
                    values.extend(extremes(part));
                }
            }
            series.lines.push((line.name.clone(), line.unit.to_owned(), values));
        }
        series
    }
}

/// The least and the greatest value in the order in which they came.
fn extremes(part: &[Option<f32>]) -> [Option<f32>; 2] {
    let known = || part.iter().enumerate().filter_map(|(at, value)| value.map(|value| (at, value)));
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1));
    let greatest = known().max_by(|a, b| a.1.total_cmp(&b.1));
    match (least, greatest) {
        (Some(a), Some(b)) if a.0 <= b.0 => [Some(a.1), Some(b.1)],
        (Some(a), Some(b)) => [Some(b.1), Some(a.1)],
        _ => [None, None],
    }
}

fn millis(ns: u64) -> f32 {
    ns as f32 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(count: u32) -> Samples {
        let mut values: Vec<Option<f32>> = (0..count).map(|n| Some(n as f32)).collect();
        values[17] = Some(-5.0);
        values[300] = Some(9999.0);
        values[301] = None;
        let line = Line { name: "x".into(), unit: "B", values };
        Samples { at_ms: (1..=count).map(|n| n * 100).collect(), lines: vec![line], ..Samples::default() }
    }

    #[test]
    fn fewer_points_keep_the_peaks_and_ascending_times() {
        let samples = ramp(5_999);
        let series = samples.between(0, u64::MAX, 200);
        assert_eq!(series.at_ms.len(), 200);
        assert!(series.at_ms.is_sorted_by(|a, b| a < b));
        let values = &series.lines[0].2;
        assert!(values.contains(&Some(9999.0)) && values.contains(&Some(-5.0)));
        assert_eq!(values.len(), 200);
    }

    #[test]
    fn few_samples_are_given_as_they_are() {
        let series = ramp(400).between(30_000 * MS, 30_200 * MS, 2000);
        assert_eq!(series.at_ms, [30_000, 30_100, 30_200]);
        assert_eq!(series.lines[0].2, [Some(299.0), Some(9999.0), None]);
    }

    #[test]
    fn nothing_recorded_gives_no_points() {
        let series = Samples::default().between(0, u64::MAX, 10);
        assert_eq!(series, Series::default());
    }
}
