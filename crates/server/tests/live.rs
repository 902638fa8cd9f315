//! The page's live connection to a real `primacy up`: what it sees, what it may do, and who is turned away.

mod common;

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use common::{PATIENCE, Up, addr, alive, eventually, nodes, pid_of, primary, replicas};
use primacy_port::{Answer, Ask, Caps, Frame, History, Lane, Subject, Tell, Told, What, wire};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Error, HandshakeError, Message, WebSocket, client};

/// A page that is connected.
struct Page {
    socket: WebSocket<TcpStream>,
    asked: u32,
}

impl Page {
    /// Opens the connection as a browser does; the status of a refusal.
    fn open(up: &Up, host: &str, origin: Option<&str>) -> Result<Self, u16> {
        let stream = TcpStream::connect(up.api).expect("the API listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let mut request = format!("ws://{host}/live").into_client_request().expect("a request");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a header"));
        }
        match client(request, stream) {
            Ok((socket, _)) => Ok(Self { socket, asked: 0 }),
            Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(other) => panic!("no handshake: {other}"),
        }
    }

    fn of(up: &Up) -> Self {
        let host = up.api.to_string();
        Self::open(up, &host, Some(&format!("http://{host}"))).expect("its own page may connect")
    }

    fn hear(&mut self) -> Tell {
        loop {
            match self.socket.read().expect("the connection stands") {
                Message::Binary(bytes) => return wire::decode(&bytes).expect("a message"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not expected: {other:?}"),
            }
        }
    }

    fn caps(&mut self) -> Caps {
        match self.hear() {
            Tell { number: 0, told: Told::Ready(caps), .. } => caps,
            other => panic!("the first word is {other:?}"),
        }
    }

    /// The answer to a question; news that come before it are skipped.
    fn ask(&mut self, what: What) -> Told {
        self.asked += 1;
        let ask = Ask { number: self.asked, lane: Lane::A, what };
        self.socket.send(Message::Binary(wire::encode(&ask).into())).expect("it reads");
        loop {
            let tell = self.hear();
            if tell.number == self.asked {
                return tell.told;
            }
        }
    }

    fn carry_out(&mut self, text: &str) -> Result<Arc<Frame>, String> {
        match self.ask(What::Do(text.into())) {
            Told::Frame(frame) => Ok(frame),
            Told::Refused(why) => Err(why),
            other => panic!("{other:?}"),
        }
    }

    fn type_line(&mut self, target: &str, line: &str) -> Answer {
        match self.ask(What::Type { terminal: 1, target: target.into(), line: line.into(), run: true }) {
            Told::Frame(frame) => frame.answers.first().cloned().expect("an answer"),
            other => panic!("{other:?}"),
        }
    }

    /// News until one satisfies `found`.
    fn watch(&mut self, what: &str, found: impl Fn(&Frame) -> bool) -> Arc<Frame> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Told::Frame(frame) = self.hear().told
                && found(&frame)
            {
                return frame;
            }
            assert!(Instant::now() < end, "waited in vain: {what}");
        }
    }

    fn history(&mut self) -> Box<History> {
        match self.ask(What::History) {
            Told::History(history) => history,
            other => panic!("{other:?}"),
        }
    }

    /// With which code the server closes.
    fn closed(mut self) -> Option<CloseCode> {
        loop {
            match self.socket.read() {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}

#[test]
fn a_page_sees_the_real_group_kills_its_primary_and_sees_the_failover() {
    let up = Up::start(&[]);
    let view = up.available();
    let mut page = Page::of(&up);
    let caps = page.caps();
    assert!(caps.live && caps.commands.iter().any(|word| word == "kill"), "{caps:?}");

    let frame = page.watch("the first news", |_| true);
    let old = primary(&view);
    assert_eq!(
        (frame.view.group.as_str(), frame.view.status.as_str()),
        ("my-replication-group", "available")
    );
    assert_eq!(frame.view.nodes.len(), 3);
    for (seen, real) in frame.view.nodes.iter().zip(nodes(&view)) {
        assert_eq!(seen.pid, u32::try_from(pid_of(&real).as_raw_nonzero().get()).expect("a pid"));
        assert_eq!(seen.is_primary, real["is_primary"] == true);
        assert!(seen.up && !seen.paused);
    }
    let leader = frame.view.nodes.iter().find(|node| node.is_primary).expect("a primary").id;
    assert_eq!(frame.view.endpoints.len(), 6);
    assert_eq!(frame.view.endpoints.iter().take(2).filter(|(_, to)| *to == Some(leader)).count(), 2);
    page.watch("the primary's lease", |frame| frame.view.nodes.iter().any(|node| node.lease_ns.is_some()));

    let pid = pid_of(&old);
    page.carry_out("kill primary").expect("granted");
    eventually("the end of the process", || (!alive(pid)).then_some(()));
    let after = page.watch("another primary", |frame| {
        frame.view.nodes.iter().any(|node| node.is_primary && node.id != leader)
            && frame.view.nodes.iter().all(|node| node.up && (node.is_primary || node.link_up))
    });
    let new = after.view.nodes.iter().find(|node| node.is_primary).expect("a primary").id;
    page.watch("the names on the new primary", |frame| frame.view.endpoints[1].1 == Some(new));

    let history = page.history();
    let labels: Vec<&str> = history.milestones.iter().map(|m| m.label.as_str()).collect();
    let places =
        ["killed", "detected", "selected", "promoted", "DNS"].map(|l| labels.iter().position(|m| *m == l));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{labels:?}");
    let completed = history.events.iter().find(|e| e.aws.starts_with("Failover from primary node"));
    assert!(completed.is_some_and(|e| e.source == "cache-cluster"), "{history:?}");
    let promoted = history.milestones.iter().rfind(|m| m.label == "promoted").expect("a promotion");
    let Told::Why(chain) = page.ask(What::Why(Subject::Event(promoted.event.expect("an event")))) else {
        panic!("no causes")
    };
    assert!(chain.iter().any(|cause| cause.text.contains("ended")), "{chain:?}");
}

#[test]
fn a_paused_node_is_shown_and_resumes() {
    let up = Up::start(&[]);
    let mut page = Page::of(&up);
    let replica = replicas(&up.available())[0]["id"].as_u64().expect("a number");
    page.carry_out(&format!("pause {replica:03}")).expect("granted");
    let is_paused = |frame: &Frame| frame.view.nodes.iter().any(|n| u64::from(n.id.0) == replica && n.paused);
    let frame = page.watch("the pause", is_paused);
    assert_eq!(frame.view.faults, [format!("pause {replica:03}")]);
    page.carry_out(&format!("resume {replica:03}")).expect("granted");
    page.watch("the end of the pause", |frame| !is_paused(frame));
    assert_eq!(page.history().acts.len(), 2);
}

#[test]
fn lines_are_answered_by_real_nodes_the_api_and_the_name_server() {
    let up = Up::start(&[]);
    let mut page = Page::of(&up);
    let said = page.type_line("primary", "set greeting \"hello there\"");
    assert_eq!((said.text.as_str(), said.failed), ("OK", false));
    assert!(said.node.is_some() && said.at_ns >= said.asked_ns);
    assert_eq!(page.type_line("configuration", "get greeting").text, "\"hello there\"");
    let leader = primary(&up.view());
    let refused = page.type_line(&replicas(&up.view())[0]["id"].to_string(), "set greeting no");
    assert!(refused.failed && refused.text.starts_with("(error) READONLY"), "{refused:?}");
    let described = page.type_line("primary", "aws elasticache describe-replication-groups");
    assert!(described.text.contains("\"ReplicationGroupId\": \"my-replication-group\""), "{described:?}");
    assert!(page.type_line("primary", "dig primary +short").text.ends_with(&addr(&leader).ip().to_string()));
    assert!(page.type_line("primary", "get \"open").failed);
}

#[test]
fn what_a_real_group_cannot_do_is_refused_with_a_reason() {
    let up = Up::start(&[]);
    let mut page = Page::of(&up);
    for (what, says) in [
        (What::Undo, "taken back"),
        (What::Seek { at_ns: 0 }, "time cannot be turned back"),
        (What::Do("cut 001 all".into()), "cannot be done to a real group"),
        (What::Do("kill 009".into()), "no process"),
        (What::Lesson, "lesson"),
    ] {
        match page.ask(what) {
            Told::Refused(why) => assert!(why.contains(says), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let Told::Text(template) = page.ask(What::Template) else { panic!("no template") };
    assert!(template.contains("AWS::ElastiCache::ReplicationGroup"));
}

#[test]
fn a_page_without_the_grant_may_only_look() {
    let up = Up::start(&["--page-faults", "off"]);
    let mut page = Page::of(&up);
    assert!(page.caps().commands.is_empty());
    assert!(page.carry_out("kill 001").expect_err("not granted").contains("--page-faults off"));
    let line =
        "aws elasticache test-failover --replication-group-id my-replication-group --node-group-id 0001";
    let typed = page.type_line("primary", line);
    assert!(typed.failed && typed.text.contains("--page-faults off"), "{typed:?}");
    assert!(!page.type_line("primary", "aws elasticache describe-events").failed);
    let post = |origin: &str| {
        let head = "POST /api/kill HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        common::http(up.api, &format!("{head}{origin}"), "{\"node\": \"009\"}").0
    };
    assert_eq!((post("Origin: http://localhost\r\n"), post("")), (403, 409), "the command line may go on");
}

#[test]
fn other_hosts_and_pages_of_other_origins_are_turned_away() {
    let up = Up::start(&[]);
    let host = up.api.to_string();
    let status = |host: &str, origin: Option<&str>| Page::open(&up, host, origin).err();
    assert_eq!(status(&host, Some("http://evil.example")), Some(403));
    assert_eq!(status(&host, Some("null")), Some(403));
    assert_eq!(status("evil.example", Some("http://evil.example")), Some(421));
    assert_eq!(status(&host, None), None, "a program is no page");
    let plain = format!("GET /live HTTP/1.1\r\nHost: {host}\r\n");
    assert_eq!(common::http(up.api, &plain, "").0, 426);
}

#[test]
fn nonsense_floods_and_too_long_messages_end_the_connection_and_nothing_else() {
    let up = Up::start(&[]);
    let close = |messages: &mut dyn Iterator<Item = Message>| {
        let mut page = Page::of(&up);
        for message in messages {
            if page.socket.send(message).is_err() {
                break;
            }
        }
        page.closed()
    };
    let once = |bytes: Vec<u8>| close(&mut std::iter::once(Message::Binary(bytes.into())));
    assert_eq!(once(vec![0xff; 12]), Some(CloseCode::Invalid));
    assert_eq!(close(&mut std::iter::once(Message::Text("hello".into()))), Some(CloseCode::Unsupported));
    // The rest of it is not read, so the word of parting may drown in a reset.
    assert!(matches!(once(vec![0; (1 << 20) + 1]), Some(CloseCode::Size) | None));
    let run = wire::encode(&Ask { number: 1, lane: Lane::A, what: What::History });
    let flood = Message::Binary(Bytes::from(run));
    assert!(matches!(close(&mut std::iter::repeat_n(flood, 400)), Some(CloseCode::Policy) | None));

    let pages: Vec<Page> = (0..16).map(|_| Page::of(&up)).collect();
    let host = up.api.to_string();
    assert_eq!(Page::open(&up, &host, None).err(), Some(503), "seventeen are too many");
    drop(pages);
    eventually("room for another page", || Page::open(&up, &host, None).ok());
    Page::of(&up).watch("a group that still serves", |frame| frame.view.status == "available");
}

#[test]
fn a_page_that_asks_and_does_not_read_is_cut() {
    let up = Up::start(&[]);
    let host = up.api.to_string();
    let others: Vec<Page> = (0..15).map(|_| Page::of(&up)).collect();
    let mut deaf = Page::of(&up);
    assert_eq!(Page::open(&up, &host, None).err(), Some(503), "all places are taken");
    deaf.socket.get_mut().set_write_timeout(Some(std::time::Duration::from_millis(50))).expect("a time");
    let ask = wire::encode(&Ask { number: 1, lane: Lane::A, what: What::History });
    let end = Instant::now() + PATIENCE;
    // Its answers fill the kernel's buffers; then nothing can be written to it any more.
    while Page::open(&up, &host, None).err() == Some(503) {
        for _ in 0..100 {
            let _full = deaf.socket.send(Message::Binary(ask.clone().into()));
        }
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert!(Instant::now() < end, "it still has its place");
    }
    drop(others);
}
