//! The zone as resolvers see it, and what clients make of it.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use primacy_core::endpoint::{
    Answer, CachePolicy, DEFAULT_DOMAIN, Endpoints, Lookup, Names, QType, RecordData, Resolver, Zone,
};
use primacy_core::id::{Epoch, NodeId};
use primacy_core::time::{Instant, Now};

fn now(seconds: u64) -> Now {
    Now { mono: Instant::from_nanos(seconds * 1_000_000_000), unix_ms: seconds * 1000 }
}

fn addr(node: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 1, u8::try_from(node).unwrap()], 6379))
}

fn endpoints(epoch: u64, primary: u16, readers: &[u16]) -> Endpoints {
    let at = |n: &u16| (NodeId(*n), addr(*n));
    Endpoints {
        epoch: Epoch(epoch),
        primary: Some(at(&primary)),
        readers: readers.iter().map(at).collect(),
        nodes: [1, 2, 3].iter().map(at).collect(),
    }
}

fn zone() -> (Zone, Names) {
    let names = Names::new("my-replication-group", "us-east-1", DEFAULT_DOMAIN);
    let mut zone = Zone::new(DEFAULT_DOMAIN, 5);
    assert!(zone.publish(&names, endpoints(1, 1, &[2, 3]), now(0)));
    (zone, names)
}

fn chain(answer: &Answer) -> Vec<String> {
    let Answer::NoError { records, .. } = answer else { return vec![format!("{answer:?}")] };
    let text = |r: &primacy_core::endpoint::Record| match &r.data {
        RecordData::Cname(to) => format!("CNAME {} {}", r.ttl, to),
        RecordData::Address(ip) => format!("A {} {ip}", r.ttl),
        other => format!("{other:?}"),
    };
    records.iter().map(text).collect()
}

#[test]
fn the_primary_is_an_alias_of_its_node_and_both_carry_the_ttl() {
    let (mut zone, names) = zone();
    let node = names.node(NodeId(1));
    let expected = [format!("CNAME 5 {node}"), "A 5 127.0.1.1".to_string()];
    assert_eq!(chain(&zone.resolve(&names.primary(), QType::A, now(0))), expected);
    assert_eq!(chain(&zone.resolve(&names.configuration(), QType::A, now(0))), expected);
    assert_eq!(
        chain(&zone.resolve(&format!("{}.", names.primary().to_uppercase()), QType::A, now(0))),
        expected
    );
    assert_eq!(chain(&zone.resolve(&names.primary(), QType::Cname, now(0))), expected[..1]);
    assert_eq!(chain(&zone.resolve(&node, QType::A, now(0))), expected[1..]);
}

#[test]
fn readers_are_given_in_turn_and_fall_back_to_the_primary() {
    let (mut zone, names) = zone();
    let last = |zone: &mut Zone| chain(&zone.resolve(&names.reader(), QType::A, now(0))).pop().unwrap();
    let seen = [last(&mut zone), last(&mut zone), last(&mut zone)];
    assert_eq!(seen, ["A 5 127.0.1.3", "A 5 127.0.1.2", "A 5 127.0.1.3"]);
    zone.publish(&names, endpoints(1, 1, &[]), now(0));
    assert_eq!(last(&mut zone), "A 5 127.0.1.1");
}

#[test]
fn whom_the_reader_endpoint_names_is_said_by_the_endpoints_too() {
    let named = |endpoints: &Endpoints| endpoints.read_from().iter().map(|(id, _)| id.0).collect::<Vec<_>>();
    assert_eq!(named(&endpoints(1, 1, &[2, 3])), [2, 3]);
    assert_eq!(named(&endpoints(1, 1, &[])), [1]);
    assert_eq!(named(&Endpoints::default()), [0_u16; 0]);
}

#[test]
fn what_is_not_there_is_nxdomain_and_what_has_no_such_type_is_nodata() {
    let (mut zone, names) = zone();
    let ask = |zone: &mut Zone, name: &str, qtype| zone.resolve(name, qtype, now(0));
    let unknown = ask(&mut zone, &format!("nope.{DEFAULT_DOMAIN}"), QType::A);
    let Answer::NxDomain { soa } = unknown else { panic!("{unknown:?}") };
    assert_eq!((soa.serial, soa.negative_ttl), (2, 5));
    assert!(matches!(ask(&mut zone, &names.node(NodeId(4)), QType::A), Answer::NxDomain { .. }));
    assert!(matches!(ask(&mut zone, &names.node(NodeId(1)), QType::Aaaa), Answer::NoData { .. }));
    assert!(matches!(ask(&mut zone, &names.node(NodeId(1)), QType::Other), Answer::NoData { .. }));
    assert!(matches!(ask(&mut zone, &format!("use1.{DEFAULT_DOMAIN}"), QType::A), Answer::NoData { .. }));
    assert!(matches!(ask(&mut zone, "example.com", QType::A), Answer::Refused));
    assert!(matches!(ask(&mut zone, &format!("x{DEFAULT_DOMAIN}"), QType::A), Answer::Refused));
    assert!(matches!(ask(&mut zone, DEFAULT_DOMAIN, QType::Soa), Answer::NoError { .. }));
    assert!(matches!(ask(&mut zone, DEFAULT_DOMAIN, QType::A), Answer::NoData { .. }));
}

#[test]
fn the_epoch_of_a_name_never_goes_back_i14() {
    let (mut zone, names) = zone();
    let serial = zone.serial();
    assert!(zone.publish(&names, endpoints(2, 2, &[3]), now(0)));
    assert_eq!((zone.serial(), zone.primary(&names)), (serial + 1, Some((NodeId(2), Epoch(2)))));
    assert!(!zone.publish(&names, endpoints(1, 1, &[2]), now(0)), "an older coordinator's word");
    assert!(!zone.publish(&names, endpoints(2, 2, &[3]), now(0)), "nothing new");
    assert_eq!((zone.serial(), zone.primary(&names)), (serial + 1, Some((NodeId(2), Epoch(2)))));
}

#[test]
fn groups_share_a_zone_and_leave_it() {
    let (mut zone, names) = zone();
    let other = Names::new("other", "us-east-1", DEFAULT_DOMAIN);
    zone.publish(&other, endpoints(7, 3, &[]), now(0));
    assert_eq!(zone.primary(&other), Some((NodeId(3), Epoch(7))));
    assert_eq!(zone.primary(&names), Some((NodeId(1), Epoch(1))));
    zone.remove(&other);
    assert!(matches!(zone.resolve(&other.primary(), QType::A, now(0)), Answer::NxDomain { .. }));
}

#[test]
fn a_name_without_a_primary_has_no_data_yet() {
    let names = Names::new("new", "us-east-1", DEFAULT_DOMAIN);
    let mut zone = Zone::new(DEFAULT_DOMAIN, 1);
    zone.publish(&names, Endpoints::default(), now(0));
    assert!(matches!(zone.resolve(&names.primary(), QType::A, now(0)), Answer::NoData { .. }));
}

#[test]
fn an_ipv6_node_is_found_by_aaaa() {
    let names = Names::new("six", "us-east-1", DEFAULT_DOMAIN);
    let mut zone = Zone::new(DEFAULT_DOMAIN, 1);
    let at = (NodeId(1), SocketAddr::from((core::net::Ipv6Addr::LOCALHOST, 6379)));
    let endpoints = Endpoints { epoch: Epoch(1), primary: Some(at), readers: vec![], nodes: vec![at] };
    zone.publish(&names, endpoints, now(0));
    assert_eq!(chain(&zone.resolve(&names.primary(), QType::Aaaa, now(0)))[1], "A 1 ::1");
    assert_eq!(chain(&zone.resolve(&names.primary(), QType::A, now(0))).len(), 1, "the alias alone");
}

#[test]
fn a_client_that_honours_the_ttl_moves_with_the_name() {
    let (mut zone, names) = zone();
    let ip = |n| IpAddr::from([127, 0, 1, n]);
    let mut client = Resolver::new(CachePolicy::HonourTtl);
    assert_eq!(client.resolve(&mut zone, &names.primary(), now(10)), Some(ip(1)));
    zone.publish(&names, endpoints(2, 2, &[3]), now(11));
    assert_eq!(client.resolve(&mut zone, &names.primary(), now(14)), Some(ip(1)), "within the TTL");
    assert_eq!(client.resolve(&mut zone, &names.primary(), now(15)), Some(ip(2)));
    client.forget(&names.primary());
    assert_eq!(client.lookup(&names.primary(), now(15)), Lookup::Miss);
}

#[test]
fn a_client_that_resolves_once_talks_to_the_dead() {
    let (mut zone, names) = zone();
    let mut client = Resolver::new(CachePolicy::Forever);
    let before = client.resolve(&mut zone, &names.primary(), now(0));
    zone.publish(&names, endpoints(2, 2, &[3]), now(1));
    assert_eq!(client.resolve(&mut zone, &names.primary(), now(100_000)), before);
}

#[test]
fn other_policies_keep_a_fixed_time_or_nothing() {
    let (mut zone, names) = zone();
    let mut jvm = Resolver::new(CachePolicy::Fixed(Duration::from_secs(30)));
    let mut none = Resolver::new(CachePolicy::Never);
    let (old, _) =
        (jvm.resolve(&mut zone, &names.primary(), now(0)), none.resolve(&mut zone, &names.primary(), now(0)));
    zone.publish(&names, endpoints(2, 2, &[3]), now(1));
    assert_eq!(jvm.resolve(&mut zone, &names.primary(), now(29)), old);
    assert_ne!(jvm.resolve(&mut zone, &names.primary(), now(30)), old);
    assert_ne!(none.resolve(&mut zone, &names.primary(), now(1)), old);
    assert_eq!(none.lookup(&names.primary(), now(1)), Lookup::Miss);
    assert!(none.stale(&names.primary()).is_some(), "what is left when nobody can be asked");
}

#[test]
fn a_no_is_kept_for_the_negative_ttl() {
    let (mut zone, _) = zone();
    let mut client = Resolver::new(CachePolicy::Forever);
    let name = format!("later.{DEFAULT_DOMAIN}");
    assert_eq!(client.resolve(&mut zone, &name, now(0)), None);
    assert_eq!(client.lookup(&name, now(4)), Lookup::NoAddress);
    assert_eq!(client.lookup(&name, now(5)), Lookup::Miss);
}
