//! Every lesson, played to its end as a learner would, with its number.

use primacy_port::{Ask, Figure, Lane, Opening, Progress, Told, What};

use super::*;
use crate::command_text;
use crate::engine::Engine;
use crate::world::World;

const STEP_NS: u64 = 100_000_000;
/// No task takes longer, in simulated time.
const PATIENCE_NS: u64 = 700_000_000_000;

/// A learner who presses the lesson's own buttons.
struct Learner {
    lesson: &'static Lesson,
    engine: Engine,
    /// The newest time.
    now_ns: u64,
}

impl Learner {
    fn new(number: u8) -> Self {
        let lesson = lesson(number).expect("a lesson");
        let mut learner = Self { lesson, engine: Engine::new(), now_ns: 0 };
        assert!(learner.ask(What::Open(Opening::Lesson(number))), "lesson {number} does not open");
        learner
    }

    /// False: it was refused.
    fn ask(&mut self, what: What) -> bool {
        let tells = self.engine.ask(Ask { number: 1, lane: Lane::A, what });
        for tell in &tells {
            if let Told::Frame(frame) = &tell.told {
                self.now_ns = frame.view.now_ns;
                assert_eq!(frame.view.violation, None);
                assert!(tell.lane == Lane::B || frame.lesson == Some(self.lesson.number));
            }
        }
        !tells.iter().any(|tell| matches!(tell.told, Told::Refused(_)))
    }

    fn progress(&mut self) -> Progress {
        let tells = self.engine.ask(Ask { number: 2, lane: Lane::A, what: What::Lesson });
        let found = tells.into_iter().find_map(|tell| match tell.told {
            Told::Lesson(progress) => Some(progress),
            _ => None,
        });
        found.expect("progress")
    }

    fn figure(&mut self, label: &str) -> Figure {
        let progress = self.progress();
        let found = progress.figures.iter().find(|figure| figure.label.contains(label));
        found.unwrap_or_else(|| panic!("no figure {label} among {:?}", progress.figures)).clone()
    }

    fn value(&mut self, label: &str) -> String {
        self.figure(label).value
    }

    fn run(&self) -> &World {
        self.engine.world(Lane::A).expect("a run")
    }

    fn twin(&self) -> &World {
        self.engine.world(Lane::B).expect("a twin")
    }

    fn pass(&mut self, ns: u64) {
        let until_ns = self.now_ns + ns;
        while self.now_ns < until_ns {
            assert!(self.ask(What::Run { until_ns, events: 1_000_000 }));
        }
    }

    /// Does each task with the lesson's button, and waits until it is done.
    fn play(mut self) -> Self {
        for (n, task) in self.lesson.tasks.iter().enumerate() {
            let told = match task.does {
                Does::Wait => true,
                Does::Command(words) => self.ask(What::Do(words.into())),
                Does::Line(line) => {
                    let target = "configuration".to_owned();
                    self.ask(What::Type { terminal: 0, target, line: line.into(), run: true })
                }
                Does::Template(text) => {
                    self.ask(What::Open(Opening::Template { text: text.into(), seed: 0 }));
                    true
                }
            };
            assert!(told, "{}: {:?}", self.lesson.slug, task.does);
            let limit = self.now_ns + PATIENCE_NS;
            while !self.progress().done[n] {
                assert!(self.now_ns < limit, "task {n} of {}: {}", self.lesson.slug, task.text);
                self.pass(STEP_NS);
            }
        }
        let progress = self.progress();
        assert!(progress.done.iter().all(|done| *done), "{}: {:?}", self.lesson.slug, progress.done);
        for figure in &progress.figures {
            assert_ne!(figure.value, format::NONE, "{}: {}", self.lesson.slug, figure.label);
            assert_ne!(adds_up(&figure.formula), Some(false), "{}: {}", self.lesson.slug, figure.formula);
        }
        self
    }
}

#[test]
fn a_lesson_goes_on_from_the_link_of_its_run() {
    let mut learner = Learner::new(10);
    assert!(learner.ask(What::Do("kill 001".into())));
    learner.pass(30_000_000_000);
    let before = learner.progress();
    let tells = learner.engine.ask(Ask { number: 1, lane: Lane::A, what: What::Link });
    let link = tells.iter().find_map(|tell| match &tell.told {
        Told::Text(link) => Some(link.clone()),
        _ => None,
    });
    let (at_ns, link) = (learner.now_ns, link.expect("a link"));
    let mut again = Learner::new(0);
    again.lesson = learner.lesson;
    assert!(again.ask(What::Open(Opening::Course { lesson: 10, link: link.clone() })));
    assert!(again.ask(What::Seek { at_ns }));
    assert_eq!(again.progress(), before);
    assert!(again.engine.world(Lane::B).is_some(), "with the run beside it");
    assert!(!again.ask(What::Open(Opening::Course { lesson: 99, link })));
}

/// The number at the beginning of a text.
fn number(text: &str) -> u64 {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// The times of a formula, added and subtracted as it says, are the time after its last `=`; `None`: it has no such form.
fn adds_up(formula: &str) -> Option<bool> {
    let (terms, result) = formula.rsplit_once(" = ")?;
    let mut words = terms.split_whitespace().peekable();
    let (mut sign, mut sum, mut times) = (1, 0, 0);
    while let Some(word) = words.next() {
        sign = match word {
            "+" | "=" => 1,
            "−" => -1,
            _ => sign,
        };
        if let Some(us) = microseconds(word, words.peek()) {
            sum += sign * us;
            times += 1;
        }
    }
    let result: Vec<&str> = result.split_whitespace().collect();
    let first = microseconds(result.first()?, result.get(1))?;
    let rest = result.get(2).and_then(|word| microseconds(word, result.get(3))).unwrap_or(0);
    (times > 1).then_some(sum == first + rest)
}

fn microseconds(number: &str, unit: Option<&&str>) -> Option<i64> {
    let of = match unit?.trim_end_matches([';', ':', ',']) {
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        _ => return None,
    };
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let digits = 10_i64.pow(u32::try_from(rest.len()).ok()?);
    Some(whole.parse::<i64>().ok()? * of + rest.parse::<i64>().ok()? * of / digits)
}

#[test]
fn a_refusal_is_told_as_its_rule() {
    let text = "error[out-of-range]: `N` is 6, and 5 is the most\n --> template:12:29\n  |\n  = help: write 5\nwarning[x]: y\n  = help: z";
    assert_eq!(rule(text), "`N` is 6, and 5 is the most; write 5");
    assert_eq!(rule("There is no 009 here."), "There is no 009 here.");
}

#[test]
fn lesson_0_one_node_loses_every_key() {
    let mut learner = Learner::new(0).play();
    let lost = learner.value("keys lost");
    assert!(number(&lost) > 0 && lost == format!("{0} of {0}", number(&lost)), "{lost}");
    assert_eq!(adds_up(&learner.figure("downtime").formula), Some(true));
}

#[test]
fn lesson_1_every_write_is_confirmed_before_all_five_replicas_have_it() {
    let mut learner = Learner::new(1).play();
    let early = learner.value("confirmed before all");
    assert_eq!(early, format!("{0} of {0}", number(&early)));
    assert!(number(&early) >= 100);
    assert!(learner.figure("a sixth").formula.contains("five replicas"));
}

#[test]
fn lesson_2_the_lag_is_the_links_delay_and_goes_away_with_it() {
    let mut learner = Learner::new(2).play();
    let lag = number(&learner.value("behind the slow link"));
    assert!((200..=202).contains(&lag), "{lag} ms");
    let after = learner.value("after the link was mended");
    assert!(after.starts_with("0.") && after.ends_with(" ms"), "{after}");
}

#[test]
fn lesson_3_a_read_is_stale_when_the_copy_takes_longer_than_the_pause() {
    let mut learner = Learner::new(3).play();
    for client in ["c1", "c2", "c3"] {
        let figure = learner.figure(&format!("stale reads of {client}"));
        let counted = figure.formula.rsplit(": ").next().expect("a count");
        assert!(figure.value.starts_with(counted), "{client}: {} but {}", figure.value, figure.formula);
    }
    assert!(learner.value("of c1").contains("100 %"));
    assert!(learner.value("of c3").starts_with("0 of"));
    let own = learner.value("from the primary");
    assert!(own.starts_with("0 of ") && number(&own[5..]) >= 100, "{own}");
}

#[test]
fn lesson_4_after_wait_2_no_read_is_stale_and_the_write_takes_a_round_trip_more() {
    let mut learner = Learner::new(4).play();
    assert!(learner.value("after WAIT 2").starts_with("0 of"));
    assert!(number(&learner.value("after WAIT 1")) > 0);
    assert!(number(&learner.value("without WAIT")) > 0);
    let price = learner.figure("price of WAIT 2");
    assert!(number(price.value.trim_start_matches("× ")) >= 10, "{price:?}");
    assert!(number(&price.formula) >= 40, "{price:?}");
    assert!(number(&learner.value("fewer than 2")) > 0);
}

#[test]
fn lesson_5_the_group_has_one_node_more_than_the_template_has_replicas() {
    let mut learner = Learner::new(5).play();
    assert_eq!(learner.value("nodes"), "5");
    assert_eq!(learner.value("six replicas"), "refused");
    assert_eq!(learner.value("without a replica"), "refused");
}

#[test]
fn lesson_6_the_five_steps_add_up_to_two_to_three_minutes() {
    let mut learner = Learner::new(6).play();
    assert_eq!(adds_up(&learner.figure("the whole failover").formula), Some(true));
    assert_eq!(adds_up(&learner.figure("1 detect").formula), Some(true));
    let failover = facts::failovers(learner.run()).remove(0);
    let ends = [
        Some(failover.began),
        Some(failover.detected),
        failover.elected.map(|e| e.0),
        failover.serving,
        failover.moved,
        failover.replaced,
    ]
    .map(|end| end.expect("every step has ended"));
    assert!(ends.is_sorted(), "{ends:?}");
    let whole = (ends[5] - ends[0]) / 1_000_000_000;
    assert!((120..=180).contains(&whole), "{whole} s");
    assert!(ends[5] - ends[4] > ends[1] - ends[0], "the replacement takes longest");
}

#[test]
fn lesson_7_the_most_caught_up_wins_and_the_rest_of_the_stream_is_lost() {
    let mut learner = Learner::new(7).play();
    let failover = facts::failovers(learner.run()).remove(0);
    let (_, winner, start) = failover.elected.expect("a winner");
    assert_eq!(winner.0, 3);
    assert!(failover.reports.len() > 1);
    assert!(failover.reports.iter().all(|(_, position)| position.offset <= start.offset));
    let lost = facts::lost(learner.run(), &failover).expect("a loss");
    assert!(lost.acked > 0 && lost.writes >= lost.acked, "{lost:?}");
    assert!(
        learner
            .figure("acknowledged writes lost")
            .formula
            .starts_with(&format!("lost = {} − {} =", lost.end, lost.start))
    );
}

#[test]
fn lesson_8_writes_fail_for_a_part_of_the_failover_and_reads_go_on() {
    let mut learner = Learner::new(8).play();
    assert_eq!(learner.value("reads from replicas"), "100 % worked");
    let writes = learner.value("writes failed for");
    assert!(writes.contains(" s of a 2 min"), "{writes}");
    assert!((20..=50).contains(&number(&writes)), "{writes}");
}

#[test]
fn lesson_9_one_zone_loses_everything_and_three_zones_fail_over() {
    let mut learner = Learner::new(9).play();
    assert_eq!(learner.value("A, one zone: operations"), "0 %");
    let held = facts::deaths(learner.run()).iter().map(|death| death.keys).max().expect("deaths");
    assert!(held > 0);
    assert_eq!(learner.value("A, one zone: keys lost"), held.to_string());
    assert_eq!(learner.value("B, three zones: keys lost"), "0");
    let outage = |world: &World| {
        facts::longest(world, 0, 8_000_000_000).map(|outage| facts::length(world, outage)).expect("an outage")
    };
    let b = outage(learner.twin());
    assert!(b < 20_000_000_000 && outage(learner.run()) > 30_000_000_000, "{b}");
}

#[test]
fn lesson_10_the_endpoint_costs_at_most_its_ttl_and_a_hardcoded_address_costs_for_ever() {
    let mut learner = Learner::new(10).play();
    let b = learner.twin();
    for (world, ttl) in [(learner.run(), 5), (b, 60)] {
        let failover = facts::failovers(world).remove(0);
        let moved = failover.moved.expect("moved") - failover.began;
        let outage = facts::longest(world, NAMED, 9_000_000_000).expect("an outage");
        let slack = 1_000_000_000;
        assert!(facts::length(world, outage) <= moved + ttl * 1_000_000_000 + slack, "TTL {ttl}: {outage:?}");
    }
    let length = |world| {
        facts::longest(world, NAMED, 9_000_000_000).map(|o| facts::length(world, o)).expect("an outage")
    };
    assert!(length(b) > length(learner.run()));
    assert!(learner.value("c3, looked up once").starts_with('∞'));
    let hardcoded = facts::longest(learner.run(), 1, 9_000_000_000).expect("an outage");
    assert!(hardcoded.last_error.starts_with("READONLY") && hardcoded.failed > 50, "{hardcoded:?}");
}

const NAMED: u8 = 0;

#[test]
fn lesson_11_the_worst_second_is_smaller_with_back_off_and_jitter() {
    let mut learner = Learner::new(11).play();
    let mut attempts = |label: &str| number(&learner.value(label));
    let (a, b) = (attempts("A, every 100 ms: busiest"), attempts("B, doubling and random: busiest"));
    assert!(b < a, "{b} < {a}");
    let worst = learner.figure("worst second").formula;
    let parts: Vec<u64> = worst.split(" ÷ ").map(number).collect();
    assert!(parts[1] < parts[0], "{worst}");
}

#[test]
fn lesson_12_test_failover_is_counted_and_told_in_awss_order() {
    let mut learner = Learner::new(12).play();
    assert_eq!(learner.value("calls of TestFailover"), "1 of 15 in 24 h");
    let told = learner.figure("events").formula;
    let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("no {text} in {told}"));
    let order = [
        "Test Failover API called",
        "Failover from primary node",
        "Recovering cache nodes",
        "Finished recovery",
    ];
    assert!(order.map(at).is_sorted(), "{told}");
    assert!(number(&learner.value("failed writes")) > 0);
}

#[test]
fn lesson_13_tuesday_is_survived_by_those_who_prepare() {
    let mut learner = Learner::new(13).play();
    assert_eq!(learner.value("cost"), "0.50 node-hours");
    assert!(learner.value("stale reads").starts_with("0 of "), "{}", learner.value("stale reads"));
}

#[test]
fn whoever_touches_nothing_on_tuesday_keeps_one_application_of_three() {
    let mut learner = Learner::new(13);
    learner.pass(600_000_000_000);
    let works =
        |client| facts::outages(learner.run(), client).last().is_none_or(|outage| outage.to.is_some());
    assert_eq!([0, 1, 2].map(works), [false, false, true]);
    assert!(learner.run().clients[2].stats.stale_reads > 0);
    assert!(number(&learner.value("acknowledged writes lost")) > 0);
}

#[test]
fn every_lesson_can_be_read_and_every_sentence_of_it_is_complete() {
    for (n, lesson) in LESSONS.iter().enumerate() {
        assert_eq!(usize::from(lesson.number), n);
        assert!(lesson.predict.right < lesson.predict.choices.len(), "{}", lesson.slug);
        assert!((2..=3).contains(&lesson.predict.choices.len()), "{}", lesson.slug);
        assert_eq!((lesson.setup)().check(), Ok(()), "{}", lesson.slug);
        assert!(!lesson.quotes.is_empty() && !lesson.tasks.is_empty());
        let further = lesson.further.iter().map(|further| further.command);
        let commands = lesson.tasks.iter().filter_map(|task| match task.does {
            Does::Command(words) => Some(words),
            _ => None,
        });
        for words in commands.chain(further).filter(|words| !words.is_empty()) {
            assert!(command_text::parse(words).is_ok(), "{}: {words}", lesson.slug);
        }
        // What `setup::app` makes of words that are no application.
        let nobody = setup::app("no=words");
        assert!((lesson.setup)().clients.iter().all(|client| *client != nobody), "{}", lesson.slug);
        // What `setup::fault` makes of words that are no fault.
        let nothing = crate::fault::FaultKind::Storm { within_ms: 0 };
        assert!((lesson.setup)().faults.iter().all(|fault| fault.kind != nothing), "{}", lesson.slug);
        let before = Learner::new(lesson.number).progress();
        assert!(!before.done.iter().all(|done| *done), "{} is done before it begins", lesson.slug);
        assert_eq!(before.done.len(), lesson.tasks.len());
    }
}

#[test]
fn the_quotes_are_the_seeds_own_words() {
    let plain = |text: &str| text.replace("  • ", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let seed = plain(include_str!("../../../../tests/seed.md"));
    for lesson in LESSONS {
        for quote in lesson.quotes {
            assert!(seed.contains(&plain(quote)), "lesson {}: {quote}", lesson.number);
        }
    }
}
