use super::*;
use primacy_core::id::NodeId;

const LATER: u64 = u64::MAX;

fn pair() -> (Network, ConnNo) {
    let mut net = Network::new(1, Delays { near_us: 100, far_us: 100, jitter_us: 90 });
    let conn = net.open((Host::Client(0), 0), Host::Node(NodeId(1)), Service::Resp, 0);
    (net, conn)
}

#[test]
fn bytes_keep_their_order() {
    let (mut net, conn) = pair();
    for n in 0..50u8 {
        net.send(conn, 0, Payload::Data(vec![n]), u64::from(n));
    }
    let mut arrivals: Vec<_> = net.take_arrivals().collect();
    assert!(arrivals.is_sorted_by_key(|a| a.at));
    assert_eq!(arrivals.remove(0).conn, conn);
    assert_eq!(net.arrive(conn, 1, LATER), Some(Payload::Open));
    for n in 0..50u8 {
        assert_eq!(net.arrive(conn, 1, LATER), Some(Payload::Data(vec![n])));
    }
}

#[test]
fn a_cut_link_holds_what_is_sent_until_it_is_mended() {
    let (mut net, conn) = pair();
    let (a, b) = (Host::Client(0), Host::Node(NodeId(1)));
    net.set_cut(a, b, true, 5);
    net.set_cut(a, b, true, 5);
    net.send(conn, 0, Payload::Data(vec![1]), 10);
    assert_eq!(net.take_arrivals().count(), 1, "only the opening");
    net.set_cut(a, b, false, 20);
    assert_eq!(net.take_arrivals().count(), 0, "two cuts need two mendings");
    net.set_cut(a, b, false, 1_000_000);
    let at = net.take_arrivals().next().map(|a| a.at);
    assert!(at.is_some_and(|at| at > 1_000_000));
}

#[test]
fn a_full_window_wakes_its_sender() {
    let (mut net, conn) = pair();
    net.send(conn, 0, Payload::Data(vec![0; WINDOW]), 0);
    assert!(!net.read(conn, 1, 1), "nobody asked");
    assert_eq!(net.room(conn, 0), 1);
    net.send(conn, 0, Payload::Data(vec![0]), 0);
    assert_eq!(net.room(conn, 0), 0);
    assert!(net.read(conn, 1, 10));
}

#[test]
fn what_a_narrow_link_still_carries_goes_on_at_full_width_when_it_is_wide_again() {
    let (mut net, conn) = pair();
    let (a, b) = (Host::Client(0), Host::Node(NodeId(1)));
    net.set_narrow(a, b, 1_024, 0);
    net.send(conn, 0, Payload::Data(vec![7; 64 << 10]), 1_000);
    net.send(conn, 0, Payload::Data(vec![8]), 2_000);
    let slow = net.take_arrivals().map(|arrival| arrival.at).max().unwrap();
    assert!(slow > 60_000_000_000, "a minute and more: {slow}");
    let ends = 1_000_000_000;
    net.set_narrow(a, b, 0, ends);
    let arrivals: Vec<_> = net.take_arrivals().map(|arrival| arrival.at).collect();
    let last = *arrivals.last().unwrap();
    assert!(arrivals.len() == 2 && last < ends + 1_000_000, "{arrivals:?}");
    assert_eq!(net.arrive(conn, 1, ends), Some(Payload::Open));
    assert_eq!(net.arrive(conn, 1, ends), None, "not yet");
    assert!(matches!(net.arrive(conn, 1, last), Some(Payload::Data(bytes)) if bytes.len() == 64 << 10));
    // What was scheduled for the narrow link finds nothing, and takes nothing that comes later.
    assert_eq!(net.arrive(conn, 1, last), Some(Payload::Data(vec![8])));
    net.send(conn, 0, Payload::Data(vec![9]), slow - 1);
    assert_eq!(net.arrive(conn, 1, slow), None);
}
