//! DNS messages: a query's bytes in, the answer's bytes out. What a name means is core's ([`Zone`]).

use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, MessageType, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use primacy_core::endpoint::{self, Answer, QType, RecordData, Zone};
use primacy_core::time::Now;

/// Longest UDP answer, in bytes, whatever the query allows: a spoofed query must not be amplified.
pub(crate) const UDP_LIMIT: usize = 512;

/// The answer to `query`, at most `limit` bytes; `None` for what is no query at all (an answer, or too short).
pub(crate) fn answer(query: &[u8], zone: &mut Zone, limit: usize, now: Now) -> Option<Vec<u8>> {
    let message = match Message::from_vec(query) {
        Ok(message) if message.metadata.message_type == MessageType::Query => message,
        Ok(_) => return None,
        Err(_) => return malformed(query),
    };
    let mut reply = Message::response(message.metadata.id, message.metadata.op_code);
    reply.metadata = Metadata::response_from_request(&message.metadata);
    reply.metadata.recursion_available = false;
    reply.queries.clone_from(&message.queries);
    if message.edns.is_some() {
        reply.set_edns(Edns::new());
    }
    reply.metadata.response_code = fill(&message, &mut reply, zone, now);
    let bytes = reply.to_vec().ok()?;
    if bytes.len() <= limit {
        return Some(bytes);
    }
    reply.truncate().to_vec().ok()
}

/// FORMERR with the query's id, for bytes that are a query's header and then nonsense.
fn malformed(query: &[u8]) -> Option<Vec<u8>> {
    let header: &[u8; 12] = query.first_chunk()?;
    let is_answer = header[2] & 0x80 != 0;
    let id = u16::from_be_bytes([header[0], header[1]]);
    (!is_answer).then(|| Message::error_msg(id, OpCode::Query, ResponseCode::FormErr).to_vec().ok()).flatten()
}

fn fill(message: &Message, reply: &mut Message, zone: &mut Zone, now: Now) -> ResponseCode {
    if message.metadata.op_code != OpCode::Query {
        return ResponseCode::NotImp;
    }
    let [query] = message.queries.as_slice() else { return ResponseCode::FormErr };
    if message.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
        return ResponseCode::BADVERS;
    }
    if query.query_class() != DNSClass::IN {
        return ResponseCode::Refused;
    }
    let (code, authority) = match zone.resolve(&query.name().to_ascii(), qtype(query.query_type()), now) {
        Answer::NoError { records, .. } => {
            reply.answers.extend(records.iter().filter_map(record));
            (ResponseCode::NoError, None)
        }
        Answer::NoData { soa } => (ResponseCode::NoError, Some(soa)),
        Answer::NxDomain { soa } => (ResponseCode::NXDomain, Some(soa)),
        Answer::Refused => return ResponseCode::Refused,
    };
    reply.metadata.authoritative = true;
    reply.authorities.extend(authority.and_then(|soa| {
        let (name, ttl) = (soa.name.clone(), soa.negative_ttl);
        record(&endpoint::Record { name, ttl, data: RecordData::Soa(soa) })
    }));
    code
}

const fn qtype(record_type: RecordType) -> QType {
    match record_type {
        RecordType::A => QType::A,
        RecordType::AAAA => QType::Aaaa,
        RecordType::CNAME => QType::Cname,
        RecordType::SOA => QType::Soa,
        RecordType::NS => QType::Ns,
        RecordType::ANY => QType::Any,
        _ => QType::Other,
    }
}

fn record(record: &endpoint::Record) -> Option<Record> {
    let data = match &record.data {
        RecordData::Address(IpAddr::V4(addr)) => RData::A(A(*addr)),
        RecordData::Address(IpAddr::V6(addr)) => RData::AAAA(AAAA(*addr)),
        RecordData::Cname(target) => RData::CNAME(CNAME(name(target)?)),
        RecordData::Ns(server) => RData::NS(NS(name(server)?)),
        RecordData::Soa(soa) => RData::SOA(self::soa(soa)?),
    };
    Some(Record::from_rdata(name(&record.name)?, record.ttl, data))
}

fn soa(soa: &endpoint::Soa) -> Option<SOA> {
    /// Secondaries do not exist; the values are those of a common zone file, in seconds.
    const REFRESH: i32 = 3600;
    const RETRY: i32 = 600;
    const EXPIRE: i32 = 86_400;
    let server = name(&format!("ns.{}", soa.name))?;
    let mailbox = name(&format!("hostmaster.{}", soa.name))?;
    Some(SOA::new(server, mailbox, soa.serial, REFRESH, RETRY, EXPIRE, soa.negative_ttl))
}

fn name(text: &str) -> Option<Name> {
    Name::from_ascii(format!("{text}.")).ok()
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::Query;
    use primacy_core::endpoint::{Endpoints, Names};
    use primacy_core::id::{Epoch, NodeId};

    use super::*;

    fn zone() -> (Zone, Names) {
        let names = Names::new("my-group", "us-east-1", endpoint::DEFAULT_DOMAIN);
        let node = |n| (NodeId(n), format!("127.0.1.{n}:6379").parse().expect("an address"));
        let nodes: Vec<_> = (1..=3).map(node).collect();
        let endpoints =
            Endpoints { epoch: Epoch(1), primary: Some(node(1)), readers: nodes[1..].to_vec(), nodes };
        let mut zone = Zone::new(endpoint::DEFAULT_DOMAIN, 1);
        zone.publish(&names, endpoints, Now::default());
        (zone, names)
    }

    fn ask(zone: &mut Zone, name: &str, record_type: RecordType) -> Message {
        let mut query = Message::new(9, MessageType::Query, OpCode::Query);
        query.add_query(Query::query(Name::from_ascii(name).expect("a name"), record_type));
        let query = query.to_vec().expect("encodes");
        let bytes = answer(&query, zone, UDP_LIMIT, Now::default()).expect("an answer");
        assert!(bytes.len() <= UDP_LIMIT);
        Message::from_vec(&bytes).expect("decodes")
    }

    #[test]
    fn a_known_name_gets_its_alias_and_address() {
        let (mut zone, names) = zone();
        let reply = ask(&mut zone, &format!("{}.", names.primary().to_ascii_uppercase()), RecordType::A);
        assert_eq!(reply.metadata.response_code, ResponseCode::NoError);
        assert!(reply.metadata.authoritative);
        let types: Vec<RecordType> = reply.answers.iter().map(Record::record_type).collect();
        assert_eq!(types, [RecordType::CNAME, RecordType::A]);
    }

    #[test]
    fn negative_answers_carry_the_soa() {
        let (mut zone, names) = zone();
        for (name, record_type, code) in [
            (names.node(NodeId(1)), RecordType::AAAA, ResponseCode::NoError),
            (format!("x.{}", endpoint::DEFAULT_DOMAIN), RecordType::A, ResponseCode::NXDomain),
            (endpoint::DEFAULT_DOMAIN.into(), RecordType::A, ResponseCode::NoError),
        ] {
            let reply = ask(&mut zone, &format!("{name}."), record_type);
            assert_eq!((reply.metadata.response_code, reply.answers.len()), (code, 0), "{name}");
            assert_eq!(reply.authorities.first().map(Record::record_type), Some(RecordType::SOA), "{name}");
        }
    }

    #[test]
    fn other_zones_are_refused() {
        let (mut zone, _) = zone();
        for name in ["example.com.", ".", "notcache.primacy.internal.", "primacy.internal."] {
            let reply = ask(&mut zone, name, RecordType::A);
            assert_eq!(reply.metadata.response_code, ResponseCode::Refused, "{name}");
            assert!(reply.answers.is_empty() && reply.authorities.is_empty());
        }
    }

    #[test]
    fn nonsense_is_answered_briefly_or_not_at_all() {
        let (mut zone, _) = zone();
        let mut ask = |bytes: &[u8]| answer(bytes, &mut zone, UDP_LIMIT, Now::default());
        assert_eq!(ask(b""), None);
        assert_eq!(ask(&[0xff; 11]), None);
        assert_eq!(ask(&[0xff; 40]), None);
        let garbled = ask(&[0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 1]).expect("FORMERR");
        let reply = Message::from_vec(&garbled).expect("decodes");
        assert_eq!((reply.metadata.id, reply.metadata.response_code), (9, ResponseCode::FormErr));
    }
}
