//! Bad input and strangers: a clear answer, and nothing happens.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;

use common::{Up, addr, eventually, example, http, primacy, primary};
use primacy_core::control::frame::{Channel, End};
use primacy_core::control::{Envelope, FromNode};
use primacy_core::id::{Epoch, Incarnation, NodeId, Position};

fn refused(arguments: &[&str]) -> String {
    let output = primacy(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(!text.contains(" ready "), "{arguments:?} started something: {text}");
    text
}

fn template(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("the test folder is writable");
    path
}

#[test]
fn a_bad_template_names_line_and_column() {
    let good = fs::read_to_string(example()).expect("the example is there");
    for (name, text, says) in [
        ("unknown.yaml", good.replace("CacheNodeType:", "CacheNodeTyp:"), "CacheNodeTyp"),
        (
            "many.yaml",
            good.replace("ReplicasPerNodeGroup: 2", "ReplicasPerNodeGroup: 6"),
            "ReplicasPerNodeGroup",
        ),
        ("lonely.yaml", good.replace("ReplicasPerNodeGroup: 2", "ReplicasPerNodeGroup: 0"), "ailover"),
        ("type.yaml", good.replace("NumNodeGroups: 1", "NumNodeGroups: one"), "NumNodeGroups"),
        ("none.yaml", "Resources: {}\n".to_owned(), "ReplicationGroup"),
        ("broken.yaml", "Resources: [\n".to_owned(), "broken.yaml"),
    ] {
        let path = template(name, &text);
        let text = refused(&["up", &path.display().to_string()]);
        assert!(text.contains(says), "{name}: {text}");
        assert!(text.contains(&format!("{name}:")), "{name}: no place in {text}");
    }
    let binary = template("binary.yaml", "");
    fs::write(&binary, b"A: b\n\xc3\xa9\xff").expect("the test folder is writable");
    assert!(refused(&["up", &binary.display().to_string()]).contains("binary.yaml:2:2"));
    let example = example().display().to_string();
    assert!(refused(&["up", &example, "--strict"]).contains("MyCacheSecurityGroup"));
}

#[test]
fn bad_options_say_what_would_be_right() {
    let example = example().display().to_string();
    assert!(refused(&["up", "/no/such/file.yaml"]).contains("/no/such/file.yaml"));
    assert!(refused(&["up", &example, "--set", "leese=1s"]).contains("lease"));
    assert!(refused(&["up", &example, "--data-dir", "/tmp/x"]).contains("not there yet"));
    assert!(refused(&["up", &example, "--link-delay", "009=1s"]).contains("009"));
}

#[test]
fn a_port_in_use_is_named_with_the_flag_that_moves_it() {
    let held = TcpListener::bind("127.0.0.1:0").expect("any port");
    let port = held.local_addr().expect("bound").port().to_string();
    let example = example().display().to_string();
    for flag in ["--port", "--api-port", "--dns-port"] {
        let mut arguments = vec!["up", &example];
        for other in ["--port", "--api-port", "--dns-port"] {
            arguments.extend([other, if other == flag { &port } else { "0" }]);
        }
        let output = primacy(&arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(&port) && text.contains(flag), "{flag}: {text}");
    }
}

#[test]
fn http_answers_only_to_local_hosts_and_its_own_pages() {
    let up = Up::start(&[]);
    let status = |head: &str, body: &str| http(up.api, head, body).0;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let local = "Host: 127.0.0.1\r\n";
    assert_eq!(status("GET / HTTP/1.1\r\nHost: evil.example\r\n", ""), 421);
    assert_eq!(
        status(&format!("POST / HTTP/1.1\r\n{local}{form}Origin: http://evil.example\r\n"), "Action=X"),
        403
    );
    assert_eq!(status(&format!("POST /api/kill HTTP/1.1\r\n{local}Content-Type: text/plain\r\n"), "{}"), 415);
    assert_eq!(
        status(&format!("POST /api/kill HTTP/1.1\r\n{local}Content-Type: application/json\r\n"), "[}"),
        400
    );
    assert_eq!(status(&format!("DELETE / HTTP/1.1\r\n{local}"), ""), 405);
    assert_eq!(status(&format!("GET /nothing HTTP/1.1\r\n{local}"), ""), 404);
    let long = "A".repeat((1 << 20) + 1);
    assert_eq!(status(&format!("POST / HTTP/1.1\r\n{local}{form}"), &long), 413);
    let (code, page) = http(up.api, &format!("GET / HTTP/1.1\r\n{local}"), "");
    assert!(code == 200 && page.contains("<html"), "{page}");

    let (code, xml) =
        http(up.api, &format!("POST / HTTP/1.1\r\n{local}{form}"), "Action=Nonsense&Version=2015-02-02");
    assert!(code == 400 && xml.contains("<ErrorResponse") && xml.contains("InvalidAction"), "{code} {xml}");
    let describe = "Action=DescribeReplicationGroups&Version=2015-02-02";
    let (code, xml) = http(up.api, &format!("POST / HTTP/1.1\r\n{local}{form}"), describe);
    assert!(code == 200 && xml.contains("my-replication-group"), "{code} {xml}");
}

#[test]
fn a_resp_port_closes_on_http_before_any_command_runs() {
    let up = Up::start(&[]);
    let node = primary(&up.available());
    for to in [addr(&node), up.primary] {
        let mut stream = TcpStream::connect(to).expect("listens");
        stream.set_read_timeout(Some(common::PATIENCE)).expect("a time");
        let request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 40\r\n\r\nSET smuggled yes\r\nSET smuggled yes\r\n";
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"+"), "{answer:?}");
    }
    let mut client = common::Resp::connect(up.primary).expect("listens");
    assert_eq!(client.call(&["EXISTS", "smuggled"]).as_deref(), Some("0"));
}

#[test]
fn a_forged_control_frame_deposes_nobody() {
    let up = Up::start(&["--log-level", "debug"]);
    let before = primary(&up.available());
    let line = up.log_line("control=");
    let control: SocketAddr = line
        .split("control=")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .expect("an address");

    let mut stream = TcpStream::connect(control).expect("listens");
    stream.set_read_timeout(Some(common::PATIENCE)).expect("a time");
    let mut channel = Channel::new(b"a guess", End::Initiator, [9; 16]);
    stream.write_all(&channel.hello()).expect("it reads");
    let mut hello = [0; primacy_core::control::frame::HELLO];
    stream.read_exact(&mut hello).expect("its hello");
    channel.push(&hello);
    assert_eq!(channel.pop::<Envelope>(), Ok(None));
    let incarnation = Incarnation(before["incarnation"].as_u64().expect("a life"));
    let node = NodeId(u16::try_from(before["id"].as_u64().expect("a number")).expect("small"));
    let report = FromNode::Release { epoch: Epoch(1), seq: 0, position: Position::default() };
    let envelope =
        Envelope { group: "my-replication-group".into(), from: node, incarnation, message: report };
    let mut frame = Vec::new();
    channel.seal(&envelope, &mut frame).expect("ready");
    stream.write_all(&frame).expect("it reads");
    let mut rest = Vec::new();
    let _reset = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "a stranger was answered");

    eventually("the refusal in the log", || up.log().contains("control link refused").then_some(()));
    let after = primary(&up.available());
    assert_eq!((&after["id"], &after["incarnation"]), (&before["id"], &before["incarnation"]));
    common::write_until_acknowledged(addr(&after), "still", "there");
}
