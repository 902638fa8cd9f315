//! `dig NAME`: a question to the name server and its answer in dig's form.

use std::fmt::Write as _;

use primacy_core::endpoint::{Answer, Names, QType, Record, RecordData, Soa, Zone};
use primacy_core::id::NodeId;
use primacy_core::time::Now;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    name: String,
    qtype: QType,
    short: bool,
}

/// Reads what follows `dig`. Which server and which port are asked is not the question's to say here.
pub(super) fn read(words: &[String]) -> Result<Question, String> {
    let mut question = Question { name: String::new(), qtype: QType::A, short: false };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "+short" => question.short = true,
            "-p" => drop(words.next()),
            _ if word.starts_with('@') || word.starts_with('+') => {}
            _ if word.starts_with('-') => return Err(format!("Invalid option: {word}")),
            _ => match qtype(word) {
                Some(qtype) => question.qtype = qtype,
                None if question.name.is_empty() => word.clone_into(&mut question.name),
                None => return Err(format!("one name at a time: {} or {word}", question.name)),
            },
        }
    }
    if question.name.is_empty() {
        return Err("usage: dig NAME [A|AAAA|CNAME|SOA|NS|ANY] [+short]; NAME may be primary, reader, configuration or 002"
            .into());
    }
    Ok(question)
}

fn qtype(word: &str) -> Option<QType> {
    Some(match word.to_ascii_uppercase().as_str() {
        "A" => QType::A,
        "AAAA" => QType::Aaaa,
        "CNAME" => QType::Cname,
        "SOA" => QType::Soa,
        "NS" => QType::Ns,
        "ANY" => QType::Any,
        _ => return None,
    })
}

/// Asks the zone, and prints what dig prints of the answer.
pub fn answer(question: &Question, names: &Names, zone: &mut Zone, now: Now) -> String {
    let name = full(&question.name, names);
    let name = name.trim_end_matches('.');
    let (status, records, authority) = match zone.resolve(name, question.qtype, now) {
        Answer::NoError { records, .. } => ("NOERROR", records, None),
        Answer::NoData { soa } => ("NOERROR", Vec::new(), Some(soa)),
        Answer::NxDomain { soa } => ("NXDOMAIN", Vec::new(), Some(soa)),
        Answer::Refused => ("REFUSED", Vec::new(), None),
    };
    let mut out = String::new();
    if question.short {
        let lines: Vec<String> = records.iter().map(|record| data(&record.data).1).collect();
        return lines.join("\n");
    }
    // Writing to a String cannot fail.
    _ = writeln!(out, ";; ->>HEADER<<- opcode: QUERY, status: {status}");
    let aa = if status == "REFUSED" { "" } else { " aa" };
    let (answers, authorities) = (records.len(), usize::from(authority.is_some()));
    _ = writeln!(
        out,
        ";; flags: qr{aa} rd; QUERY: 1, ANSWER: {answers}, AUTHORITY: {authorities}, ADDITIONAL: 0"
    );
    _ = writeln!(out, "\n;; QUESTION SECTION:\n;{name}.\t\tIN\t{}", word(question.qtype));
    if !records.is_empty() {
        out.push_str("\n;; ANSWER SECTION:\n");
    }
    for record in &records {
        line(&mut out, record);
    }
    if let Some(soa) = authority {
        out.push_str("\n;; AUTHORITY SECTION:\n");
        let (name, ttl) = (soa.name.clone(), soa.negative_ttl);
        line(&mut out, &Record { name, ttl, data: RecordData::Soa(soa) });
    }
    out.truncate(out.trim_end().len());
    out
}

/// The short words for a group's names.
fn full(name: &str, names: &Names) -> String {
    match name {
        "primary" => names.primary(),
        "reader" => names.reader(),
        "configuration" => names.configuration(),
        other if other.len() == 3 && other.bytes().all(|b| b.is_ascii_digit()) => {
            other.parse().map_or_else(|_| other.to_owned(), |number| names.node(NodeId(number)))
        }
        other => other.to_owned(),
    }
}

const fn word(qtype: QType) -> &'static str {
    match qtype {
        QType::A | QType::Other => "A",
        QType::Aaaa => "AAAA",
        QType::Cname => "CNAME",
        QType::Soa => "SOA",
        QType::Ns => "NS",
        QType::Any => "ANY",
    }
}

fn line(out: &mut String, record: &Record) {
    let (kind, data) = data(&record.data);
    _ = writeln!(out, "{}.\t{}\tIN\t{kind}\t{data}", record.name, record.ttl);
}

fn data(data: &RecordData) -> (&'static str, String) {
    match data {
        RecordData::Cname(to) => ("CNAME", format!("{to}.")),
        RecordData::Address(addr) => (if addr.is_ipv4() { "A" } else { "AAAA" }, addr.to_string()),
        RecordData::Ns(server) => ("NS", format!("{server}.")),
        RecordData::Soa(Soa { name, serial, negative_ttl }) => {
            ("SOA", format!("ns.{name}. hostmaster.{name}. {serial} 3600 600 86400 {negative_ttl}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primacy_core::endpoint::{DEFAULT_DOMAIN, Endpoints};
    use primacy_core::id::Epoch;

    fn ask(line: &str) -> String {
        let names = Names::new("my-group", "us-east-1", DEFAULT_DOMAIN);
        let node = |n| (NodeId(n), format!("127.0.1.{n}:6379").parse().expect("an address"));
        let nodes: Vec<_> = (1..=2).map(node).collect();
        let readers = nodes[1..].to_vec();
        let endpoints = Endpoints { epoch: Epoch(1), primary: Some(node(1)), readers, nodes };
        let mut zone = Zone::new(DEFAULT_DOMAIN, 5);
        zone.publish(&names, endpoints, Now::default());
        let words: Vec<String> = line.split_whitespace().map(Into::into).collect();
        let question = read(&words).expect("a question");
        answer(&question, &names, &mut zone, Now::default()).replace(&names.hash(), "HASH")
    }

    #[test]
    fn an_endpoint_is_an_alias_of_its_node() {
        let text = ask("@127.0.0.1 -p 5379 primary");
        let answer = ";; ANSWER SECTION:\n\
            my-group.HASH.ng.0001.use1.cache.primacy.internal.\t5\tIN\tCNAME\tmy-group-001.HASH.0001.use1.cache.primacy.internal.\n\
            my-group-001.HASH.0001.use1.cache.primacy.internal.\t5\tIN\tA\t127.0.1.1";
        assert!(text.contains("status: NOERROR") && text.ends_with(answer), "{text}");
        assert_eq!(ask("002 +short"), "127.0.1.2");
    }

    #[test]
    fn what_is_not_there_is_said_to_be_not_there() {
        assert!(ask("nothing.cache.primacy.internal").contains("status: NXDOMAIN"));
        assert!(ask("example.com").contains("status: REFUSED"));
        assert!(ask("002 AAAA").contains("AUTHORITY: 1"));
        assert!(read(&[]).is_err() && read(&["-x".into()]).is_err());
    }
}
