//! Reads how many tests passed and failed from what the test runners print.

use crate::process::Run;

/// How many checks passed and failed, and a word about it for the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) note: String,
}

impl Tally {
    pub(crate) fn one_failed(note: impl Into<String>) -> Self {
        Self { passed: 0, failed: 1, note: note.into() }
    }

    /// A command that is one check, as a lint is.
    pub(crate) fn of_check(run: &Run) -> Self {
        match run {
            Run { timed_out: true, .. } => Self::one_failed("time limit"),
            Run { ok: true, .. } => Self { passed: 1, failed: 0, note: String::new() },
            Run { ok: false, .. } => Self::one_failed("see above"),
        }
    }

    /// A command that runs tests. Its exit code is believed over its count, and none run is a failure.
    pub(crate) fn of_suite(run: &Run) -> Self {
        let (all, failed) = closing_lines(&run.output);
        let passed = all.saturating_sub(failed);
        let mut tally = Self { passed, failed, note: String::new() };
        if run.timed_out {
            tally.failed += 1;
            tally.note = "time limit".to_owned();
        } else if !run.ok && failed == 0 {
            tally.failed = 1;
            tally.note = "did not build, or crashed".to_owned();
        } else if run.ok && passed == 0 {
            tally.failed += 1;
            tally.note = "ran no test".to_owned();
        }
        tally
    }

    pub(crate) fn add(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        if !other.note.is_empty() {
            self.note =
                if self.note.is_empty() { other.note } else { format!("{}; {}", self.note, other.note) };
        }
        self
    }
}

/// All tests and the failed ones. Nextest runs each test in a process of its own and shows what a failed one printed,
/// its closing line included, so that its summary alone counts.
fn closing_lines(output: &str) -> (u32, u32) {
    let lines: Vec<String> = output.lines().map(|line| without_colours(line).trim().to_owned()).collect();
    let nextest = lines.iter().any(|line| is_summary(line));
    let closing = lines.iter().filter(|line| !nextest || is_summary(line));
    closing.map(|line| counts(line)).fold((0, 0), |sum, (all, failed)| (sum.0 + all, sum.1 + failed))
}

fn is_summary(line: &str) -> bool {
    line.starts_with("Summary [")
}

/// All tests and the failed ones that a line reports, if it is a runner's closing line.
fn counts(line: &str) -> (u32, u32) {
    if let Some(result) = line.strip_prefix("test result: ") {
        let failed = before(result, " failed");
        (before(result, " passed") + failed, failed)
    } else if is_summary(line) {
        // Nextest adds the leaky ones to the passed and names them in brackets after it.
        let failed = [" failed", " timed out", " exec failed"].map(|word| before(line, word)).iter().sum();
        (before(line, " passed") + failed, failed)
    } else if let Some(count) = line.strip_prefix("ℹ ") {
        node(count)
    } else {
        unittest(line)
    }
}

/// Node's spec reporter closes with one line for each count; a test that was cancelled did not pass.
fn node(count: &str) -> (u32, u32) {
    match count.split_once(' ') {
        Some(("pass", number)) => (number.parse().unwrap_or(0), 0),
        Some(("fail" | "cancelled", number)) => number.parse().map_or((0, 0), |bad| (bad, bad)),
        _ => (0, 0),
    }
}

/// Python's unittest counts all in one line and the bad ones in another.
fn unittest(line: &str) -> (u32, u32) {
    if line.starts_with("Ran ") && line.contains(" test") {
        return (before(line, " test"), 0);
    }
    let Some(bad) = line.strip_prefix("FAILED (") else {
        return (0, 0);
    };
    let after = |word: &str| {
        let digits = bad.split(word).nth(1).unwrap_or_default().split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    (0, after("failures=") + after("errors="))
}

/// The number that stands right before a word.
fn before(text: &str, word: &str) -> u32 {
    let Some((head, _)) = text.split_once(word) else {
        return 0;
    };
    head.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once('\x1b') {
        plain.push_str(head);
        rest = tail.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(ok: bool, output: &str) -> (u32, u32) {
        let tally = Tally::of_suite(&Run { ok, timed_out: false, output: output.to_owned() });
        (tally.passed, tally.failed)
    }

    #[test]
    fn cargo_test_binaries_add_up() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 12 passed; 2 failed; 0 ignored";
        assert_eq!(suite(false, output), (15, 2));
    }

    #[test]
    fn nextest_counts_what_timed_out_as_failed() {
        let output = "\x1b[32;1m     Summary\x1b[0m [   1.003s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 3 skipped";
        assert_eq!(suite(false, output), (6, 3));
    }

    #[test]
    fn a_failed_test_of_nextest_counts_once() {
        let shown = "  stdout ---\n\n    running 1 test\n    test a ... FAILED\n\n    \
                     test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out\n";
        let summary = "     Summary [   0.003s] 5 tests run: 4 passed, 1 failed, 0 skipped\n";
        let output = format!("        FAIL [   0.002s] (1/5) one a\n{shown}{summary}{shown}");
        assert_eq!(suite(false, &output), (4, 1));
    }

    #[test]
    fn unittest_separates_the_bad_from_all() {
        let output = "Ran 7 tests in 3.2s\n\nFAILED (failures=1, errors=2)";
        let tally = Tally::of_suite(&Run { ok: false, timed_out: false, output: output.to_owned() });
        assert_eq!((tally.passed, tally.failed), (4, 3));
    }

    #[test]
    fn node_counts_what_it_cancelled_as_failed() {
        let output =
            "ℹ tests 9\nℹ suites 0\nℹ pass 6\nℹ fail 2\nℹ cancelled 1\nℹ skipped 0\nℹ duration_ms 9.1";
        assert_eq!(suite(false, output), (6, 3));
    }

    #[test]
    fn a_crash_without_a_count_is_one_failure() {
        assert_eq!(suite(false, "error: could not compile"), (0, 1));
    }

    #[test]
    fn a_suite_that_ran_nothing_fails() {
        assert_eq!(suite(true, "test result: ok. 0 passed; 0 failed"), (0, 1));
    }
}
