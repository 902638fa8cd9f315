use std::sync::Arc;

use primacy_port::{Ask, Frame, History, Lane, Opening, State, Tell, Told, View, What};

use super::Engine;
use crate::hash::draw_below;

const MS: u64 = 1_000_000;
const S: u64 = 1000 * MS;

struct Page {
    engine: Engine,
    number: u32,
}

impl Page {
    fn new() -> Self {
        Self { engine: Engine::new(), number: 0 }
    }

    fn all(&mut self, what: What) -> Vec<Tell> {
        self.number += 1;
        let tells = self.engine.ask(Ask { number: self.number, lane: Lane::A, what });
        tells.into_iter().filter(|tell| tell.number == self.number).collect()
    }

    fn ask(&mut self, what: What) -> Told {
        self.all(what).remove(0).told
    }

    fn frame(&mut self, what: What) -> Frame {
        match self.ask(what) {
            Told::Frame(frame) => Arc::unwrap_or_clone(frame),
            other => panic!("{other:?}"),
        }
    }

    fn text(&mut self, what: What) -> String {
        match self.ask(what) {
            Told::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    fn history(&mut self) -> History {
        match self.ask(What::History) {
            Told::History(history) => *history,
            other => panic!("{other:?}"),
        }
    }

    fn run(&mut self, ns: u64) -> Frame {
        let until_ns = self.frame(What::Run { until_ns: 0, events: 0 }).view.now_ns + ns;
        self.frame(What::Run { until_ns, events: u32::MAX })
    }

    fn act(&mut self, text: &str) -> Frame {
        self.frame(What::Do(text.to_owned()))
    }

    fn type_line(&mut self, target: &str, line: &str) -> Frame {
        let (target, line) = (target.to_owned(), line.to_owned());
        self.frame(What::Type { terminal: 0, target, line, run: true })
    }

    fn seek(&mut self, at_ns: u64) -> Frame {
        self.frame(What::Seek { at_ns })
    }
}

/// A page on which something has happened: a failover, typed lines, another application.
fn lively() -> Page {
    let mut page = Page::new();
    page.run(1500 * MS + 77);
    page.type_line("primary", "SET k v");
    page.act("kill 001");
    page.run(12 * S);
    page.act("client via=primary does=set+get");
    page.run(3 * S + 1);
    page.act("pause 002");
    page.run(2 * S);
    page.act("resume 002");
    page.run(20 * S);
    page
}

fn proof(page: &mut Page) {
    let trace = page.run(0).view.trace;
    assert_eq!(page.text(What::Proof), trace);
}

#[test]
fn the_engine_begins_with_the_usual_group_in_service() {
    let mut engine = Engine::new();
    let ask = Ask { number: 1, lane: Lane::A, what: What::Run { until_ns: 9 * S, events: u32::MAX } };
    let tells = engine.ask(ask);
    assert!(
        matches!(&tells[0].told, Told::Ready(caps) if !caps.live && caps.commands.contains(&"kill".to_owned()))
    );
    let Told::Frame(frame) = &tells[1].told else { panic!() };
    assert_eq!(tells.len(), 2);
    assert_eq!((frame.view.status.as_str(), frame.view.nodes.len(), frame.seed), ("available", 3, 42));
    assert_eq!(frame.view.now_ns, 9 * S);
}

#[test]
fn a_run_with_actions_repeats_itself_event_for_event_from_its_scenario() {
    let mut page = lively();
    proof(&mut page);
    let (link, frame) = (page.text(What::Link), page.run(0));
    let mut other = Page::new();
    other.frame(What::Open(Opening::Link(link)));
    let again = other.seek(frame.view.now_ns);
    assert_eq!((again.view.trace, again.view.steps), (frame.view.trace, frame.view.steps));
}

#[test]
fn going_back_and_on_again_gives_the_same_hash_at_every_point() {
    let mut page = lively();
    let end = page.run(0).end_ns;
    let mut known = Vec::new();
    for n in 0..12 {
        let at = draw_below(7, 1, 2, n, end);
        known.push((at, page.seek(at).view));
    }
    for (at, view) in known.iter().rev() {
        assert_eq!(&page.seek(*at).view, view);
        proof(&mut page);
    }
    assert_eq!(page.seek(end).end_ns, end);
}

#[test]
fn the_history_stays_when_time_goes_back_and_grows_beyond_the_end_only() {
    let mut page = lively();
    let before = page.history();
    page.seek(10 * S);
    page.run(5 * S);
    assert_eq!(page.history(), before);
    let labels: Vec<&str> = before.milestones.iter().map(|m| m.label.as_str()).collect();
    let steps: Vec<u8> = before.milestones.iter().map(|m| m.step).filter(|s| *s > 0).collect();
    assert!(labels.starts_with(&["in service", "killed"]), "{labels:?}");
    assert_eq!(steps, [1, 2, 3, 4, 5]);
    let states: Vec<State> = before.ribbons[1].segments.iter().map(|s| s.state).collect();
    assert!(states.contains(&State::Failing), "the application with the hardcoded address: {states:?}");
    assert_eq!(before.acts.len(), 5);
    assert!(before.events.iter().any(|e| e.aws.starts_with("Failover from primary node")));
}

#[test]
fn steps_go_back_to_the_very_event() {
    let mut page = lively();
    let mut views = vec![page.run(0).view];
    for _ in 0..5 {
        views.push(page.frame(What::Step { back: false }).view);
    }
    for view in views.iter().rev().skip(1) {
        let back = page.frame(What::Step { back: true }).view;
        assert_eq!((&back.trace, back.steps), (&view.trace, view.steps));
    }
}

#[test]
fn milestones_are_visited_in_both_directions() {
    let mut page = lively();
    let times: Vec<u64> = page.history().milestones.iter().map(|m| m.at_ns).collect();
    page.seek(0);
    let mut visited = Vec::new();
    while visited.last() != times.last() {
        visited.push(page.frame(What::Milestone { back: false }).view.now_ns);
    }
    let mut distinct = times;
    distinct.dedup();
    assert_eq!(visited, distinct);
    for at in visited.iter().rev().skip(1) {
        assert_eq!(page.frame(What::Milestone { back: true }).view.now_ns, *at);
    }
    let mut fresh = Page::new();
    let before = fresh.frame(What::Seek { at_ns: 9 * S });
    let after = fresh.frame(What::Milestone { back: false });
    assert_eq!(
        (&after.view.trace, after.end_ns),
        (&before.view.trace, before.end_ns),
        "nothing happens by itself"
    );
    assert_eq!(after.notices.len(), 1, "{:?}", after.notices);
}

#[test]
fn acting_in_the_past_keeps_the_old_future_and_restoring_swaps_them() {
    let mut page = lively();
    let old = page.history();
    let old_end = page.seek(old.end_ns).view;
    page.seek(11 * S);
    page.act("failover");
    let new_end = page.run(8 * S).view;
    proof(&mut page);
    let forked = page.history();
    let branch = &forked.branches[0];
    assert_eq!((branch.end_ns, branch.from_ns), (old.end_ns, 11 * S));
    assert!(branch.label.starts_with("client via=primary"), "{}", branch.label);
    assert_eq!(forked.acts.last().map(|a| a.text.as_str()), Some("failover"));
    page.frame(What::Restore(branch.number));
    assert_eq!(page.seek(old.end_ns).view, old_end);
    proof(&mut page);
    let back = page.history();
    assert_eq!((&back.events, &back.ribbons, &back.acts), (&old.events, &old.ribbons, &old.acts));
    page.frame(What::Restore(back.branches[0].number));
    assert_eq!(page.seek(new_end.now_ns).view, new_end);
}

#[test]
fn undo_goes_to_before_the_action_and_redo_does_it_again() {
    let mut page = Page::new();
    page.run(S + 123);
    let before = page.run(0);
    assert!(!before.undo);
    let after = page.act("kill 001");
    let later = page.run(5 * S).view;
    assert!(after.undo && !after.redo);
    let undone = page.frame(What::Undo);
    assert_eq!(undone.view, before.view);
    assert!(undone.redo && !undone.undo);
    assert_eq!(page.history().acts, []);
    let redone = page.frame(What::Redo);
    assert_eq!(redone.view, after.view);
    assert_eq!(page.seek(later.now_ns).view, later);
    proof(&mut page);
    assert!(matches!(page.ask(What::Redo), Told::Refused(_)));
}

#[test]
fn a_typed_line_is_answered_and_a_second_target_is_another_connection() {
    let mut page = Page::new();
    let frame = page.type_line("primary", "SET k \"a b\"");
    let answer = &frame.answers[0];
    assert_eq!((answer.text.as_str(), answer.failed, answer.node), ("OK", false, Some(1)));
    assert_eq!(answer.line, "SET k \"a b\"");
    assert!(answer.at_ns > answer.asked_ns);
    page.run(100 * MS);
    let frame = page.type_line("002", "GET k");
    assert_eq!(frame.answers[0].text, "\"a b\"");
    let frame = page.type_line("002", "SET k v");
    assert!(frame.answers[0].failed, "{:?}", frame.answers);
    let wrong = What::Type { terminal: 0, target: "primary".into(), line: "GET \"k".into(), run: true };
    assert!(matches!(page.ask(wrong), Told::Refused(why) if why.contains("quote")));
    proof(&mut page);
}

#[test]
fn a_blocked_line_is_given_up_by_hanging_up() {
    let mut page = Page::new();
    page.type_line("primary", "SET k v");
    let frame = page.type_line("primary", "WAIT 5 0");
    assert_eq!((frame.answers.len(), frame.notices.len()), (0, 1));
    let frame = page.frame(What::Hangup { terminal: 0 });
    assert_eq!(frame.answers[0].text, "hung up");
    assert_eq!(page.type_line("primary", "PING").answers[0].text, "PONG");
}

#[test]
fn what_was_answered_in_the_past_is_not_answered_again() {
    let mut page = lively();
    page.seek(9 * S);
    assert!(page.run(3 * S).answers.is_empty());
}

#[test]
fn a_twin_differs_in_one_thing_and_goes_along() {
    let mut page = Page::new();
    page.run(S);
    let tells = page.all(What::Twin("client c2 via=configuration".to_owned()));
    let Told::Frame(b) = &tells[1].told else { panic!("{tells:?}") };
    assert_eq!((tells[1].lane, b.difference.as_str()), (Lane::B, "client c2 via=configuration"));
    page.act("kill 001");
    let now = page.run(0).view.now_ns;
    let tells = page.all(What::Run { until_ns: now + 40 * S, events: u32::MAX });
    let [Told::Frame(a), Told::Frame(b)] = [&tells[0].told, &tells[1].told] else { panic!() };
    assert_eq!(a.view.now_ns, b.view.now_ns);
    assert!(
        a.view.clients[1].errors > b.view.clients[1].errors,
        "{:?}",
        (&a.view.clients[1], &b.view.clients[1])
    );
    let tells = page.all(What::Undo);
    assert_eq!(tells.len(), 2);
    for text in ["zones=1", "replicas 1", "set ttl 60s", "delay 001 002 300ms", "profile=aws"] {
        assert_eq!(page.all(What::Twin(text.to_owned())).len(), 2, "{text}");
    }
    for text in ["zones=9", "nothing=1", "client c9 via=primary", "explode"] {
        assert!(matches!(page.ask(What::Twin(text.to_owned())), Told::Refused(_)), "{text}");
    }
    assert_eq!(page.ask(What::Twin(String::new())), Told::Closed);
    assert_eq!(page.all(What::Run { until_ns: 0, events: 1 }).len(), 1);
}

#[test]
fn series_have_a_sample_each_tenth_of_a_second() {
    let mut page = lively();
    let Told::Series(series) = page.ask(What::Series { from_ns: 9 * S, to_ns: 10 * S, points: 100 }) else {
        panic!()
    };
    assert_eq!(series.at_ms, (90..=100).map(|n| n * 100).collect::<Vec<u32>>());
    let ok = series.lines.iter().find(|(name, ..)| name == "ops ok").expect("a line");
    assert!(ok.2.iter().flatten().all(|v| (20.0..40.0).contains(v)), "{:?}", ok.2);
    assert!(series.lines.iter().any(|(name, unit, _)| name == "lag 002" && unit == "B"));
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut page = Page::new();
    let before = page.run(0).view;
    for what in [
        What::Do("explode".into()),
        What::Undo,
        What::Redo,
        What::Restore(3),
        What::Lesson,
        What::Open(Opening::Preset("nothing".into())),
        What::Open(Opening::Link("#r=1&s=A".into())),
        What::Hangup { terminal: 200 },
        What::Series { from_ns: 0, to_ns: 1, points: 1 },
    ] {
        assert!(matches!(page.ask(what.clone()), Told::Refused(_)), "{what:?}");
    }
    assert_eq!(page.run(0).view, before);
}

#[test]
fn a_template_opens_its_group_and_is_written_again() {
    let mut page = Page::new();
    let mut text = page.text(What::Template);
    for (from, to) in [("Group: 2", "Group: 1"), ("my-repl", "other-repl"), ("MyRepl", "OtherRepl")] {
        text = text.replace(from, to);
    }
    let frame = page.frame(What::Open(Opening::Template { text: text.clone(), seed: 7 }));
    let view = &frame.view;
    assert_eq!(
        (view.group.as_str(), view.status.as_str(), view.nodes.len()),
        ("other-replication-group", "available", 2)
    );
    assert_eq!((frame.seed, view.nodes[0].name.as_str()), (7, "other-replication-group-001"));
    assert_eq!(page.text(What::Template), text);
    let wrong = text.replace("ReplicasPerNodeGroup: 1", "ReplicasPerNodeGroup: 9");
    let refused = page.ask(What::Open(Opening::Template { text: wrong, seed: 7 }));
    assert!(matches!(refused, Told::Refused(why) if why.contains("--> template:")));
}

#[test]
fn the_command_line_of_aws_is_an_action_and_dig_is_a_look() {
    let mut page = Page::new();
    page.run(2 * S);
    let frame = page.type_line("primary", "dig configuration");
    assert!(frame.answers[0].text.contains("status: NOERROR"), "{:?}", frame.answers);
    assert!(!frame.undo, "a look is nothing to take back");
    let line =
        "aws elasticache test-failover --replication-group-id my-replication-group --node-group-id 0001";
    let frame = page.type_line("primary", line);
    assert!(
        frame.answers[0].text.contains("\"ReplicationGroups\"")
            || frame.answers[0].text.contains("ReplicationGroup")
    );
    assert!(!frame.answers[0].failed && frame.undo);
    assert_eq!(page.history().acts.last().map(|act| act.text.clone()), Some("test-failover".to_owned()));
    let again = page.type_line("primary", line);
    assert!(again.answers[0].failed && again.answers[0].text.contains("InvalidReplicationGroupState"));
}

#[test]
fn a_replica_comes_and_goes_in_a_run_that_can_be_taken_back_and_repeated() {
    let mut page = Page::new();
    page.run(2 * S);
    page.act("add-replica");
    let frame = page.run(5 * S);
    assert_eq!((frame.view.nodes.len(), frame.view.status.as_str()), (4, "available"));
    assert_eq!(frame.view.nodes[3].name, "my-replication-group-004");
    let before = frame.view.now_ns;
    assert!(page.text(What::Template).contains("ReplicasPerNodeGroup: 3"));
    let line = "aws elasticache decrease-replica-count --replication-group-id my-replication-group \
                --replicas-to-remove my-replication-group-002 --apply-immediately";
    let frame = page.type_line("primary", line);
    assert!(frame.answers[0].text.contains("\"Status\": \"modifying\""), "{:?}", frame.answers);
    assert_eq!(page.history().acts.last().map(|act| act.text.clone()), Some("remove-replica 002".to_owned()));
    let ids = |frame: &Frame| frame.view.nodes.iter().map(|node| node.id.0).collect::<Vec<_>>();
    let frame = page.run(8 * S);
    assert_eq!(ids(&frame), [1, 3, 4]);
    let link = page.text(What::Link);
    assert_eq!(ids(&page.seek(before)), [1, 2, 3, 4], "the past has it still");
    let mut other = Page::new();
    other.frame(What::Open(Opening::Link(link)));
    assert_eq!(ids(&other.run(8 * S)), [1, 3, 4]);
    let frame = page.frame(What::Undo);
    assert!(frame.redo);
    assert_eq!(ids(&page.run(8 * S)), [1, 2, 3, 4]);
    let line = "aws elasticache decrease-replica-count --replication-group-id my-replication-group \
                --replicas-to-remove my-replication-group-004 my-replication-group-002 --apply-immediately";
    assert!(!page.type_line("primary", line).answers[0].failed);
    let last = page.history().acts.last().map(|act| act.text.clone());
    assert_eq!(last, Some("remove-replica 002 004".to_owned()));
    assert_eq!(ids(&page.run(8 * S)), [1, 3]);
    let line = "aws elasticache increase-replica-count --replication-group-id my-replication-group \
                --new-replica-count 6 --apply-immediately";
    let frame = page.type_line("primary", line);
    assert!(
        frame.answers[0].failed && frame.answers[0].text.contains("between 0 and 5"),
        "{:?}",
        frame.answers
    );
}

#[test]
fn why_is_answered_about_the_recorded_future_too() {
    let mut page = Page::new();
    page.run(2 * S);
    page.act("kill primary");
    let end = page.run(20 * S).end_ns;
    let why = |page: &mut Page, subject| match page.ask(What::Why(subject)) {
        Told::Why(chain) => chain,
        other => panic!("{other:?}"),
    };
    let subject = primacy_port::Subject::Client { client: 1, at_ns: end };
    let there = why(&mut page, subject.clone());
    assert!(there.last().is_some_and(|cause| cause.text.starts_with("you killed")), "{there:?}");
    page.seek(S);
    assert_eq!(why(&mut page, subject), there);
    let now = page.seek(S).view.now_ns;
    let nothing = page.ask(What::Why(primacy_port::Subject::Lost { at_ns: now }));
    assert!(matches!(nothing, Told::Refused(_)), "{nothing:?}");
    let stale = page.type_line("001", "SET k v");
    assert!(!stale.answers[0].stale);
}

#[test]
fn every_run_of_the_gallery_opens_in_service_before_anything_happens_in_it() {
    let mut page = Page::new();
    for (name, ..) in super::GALLERY {
        let frame = page.frame(What::Open(Opening::Preset((*name).to_owned())));
        assert_eq!((frame.view.status.as_str(), frame.view.now_ns), ("available", 8 * S), "{name}");
    }
}

#[test]
fn an_action_on_nobody_is_refused_and_noted_nowhere() {
    let mut page = Page::new();
    page.run(S);
    for text in ["kill 009", "delay 001 004 5ms", "client c4 ttl=forever", "client x198 every=100ms"] {
        assert!(matches!(page.ask(What::Do(text.to_owned())), Told::Refused(_)), "{text}");
    }
    assert!(page.history().acts.is_empty());
    page.act("client x197 every=100ms");
}

#[test]
fn another_reader_is_no_wrong_answer_and_a_node_that_has_nothing_is_not_behind() {
    let mut page = Page::new();
    let outdated = |view: &View| view.clients.iter().map(|client| client.outdated).collect::<Vec<_>>();
    for _ in 0..8 {
        assert_eq!(outdated(&page.run(S / 4).view), [false; 3]);
    }
    page.act("kill 001");
    assert!(outdated(&page.run(100 * MS).view)[0], "the name that it holds an answer for has moved");
    page.run(20 * S);
    let Told::Series(series) = page.ask(What::Series { from_ns: 0, to_ns: u64::MAX, points: 2000 }) else {
        panic!("no lines")
    };
    let most =
        series.lines.iter().filter(|line| line.0.ends_with("time")).flat_map(|line| line.2.iter().flatten());
    assert!(most.clone().all(|ms| *ms < 1000.0), "{:?}", most.copied().reduce(f32::max));
}

#[test]
fn checkpoints_lie_close_in_time_and_a_restored_future_gets_them_again() {
    let mut page = Page::new();
    page.run(120 * S);
    let (count, bytes) = page.engine.checkpoints();
    assert!((24..60).contains(&count), "{count} checkpoints");
    assert!(bytes < 32 << 20, "{bytes} bytes");
    page.seek(20 * S);
    page.act("kill 001");
    let branch = page.history().branches[0].number;
    page.frame(What::Restore(branch));
    let before = page.engine.checkpoints().0;
    page.seek(20 * S);
    let end = page.run(108 * S).view;
    assert!(page.engine.checkpoints().0 >= before + 10, "{before} before");
    for at in [30, 77, 111, 128] {
        page.seek(at * S);
        proof(&mut page);
    }
    assert_eq!(page.run(0).view, end);
}
