//! The view as a part of a link: when, what is selected, which tab, how fast, compared with what.
//!
//! It follows the run's own fragment behind a tilde, so that an engine never sees it: `r=1&v=…&s=…~t=12480~n=2`.

use leptos::prelude::*;
use primacy_port::{Lane, Opening};

use crate::session::{Pick, Session, Tab};
use crate::speed::Speed;
use crate::trail::Entry;

/// Longest link that chats and mails leave whole.
pub(crate) const LONGEST: usize = 2_000;

const TABS: [(Tab, &str); 4] =
    [(Tab::Terminal, "terminal"), (Tab::Template, "template"), (Tab::Inspect, "inspect"), (Tab::Api, "api")];

/// What a link says about the view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) at_ms: Option<u64>,
    pub(crate) selected: Option<Pick>,
    pub(crate) tab: Option<Tab>,
    pub(crate) speed: Option<i32>,
    /// The twin's difference.
    pub(crate) twin: Option<String>,
    pub(crate) table: bool,
    /// Time passed. A link that is shared opens standing still, so only the way back to a run says so.
    pub(crate) playing: bool,
    /// The lesson under way, which a link that is shared leaves out too.
    pub(crate) lesson: Option<u8>,
}

/// A fragment without `#`: the run's part, and the view.
pub(crate) fn split(fragment: &str) -> (&str, Sight) {
    let mut parts = fragment.split('~');
    let run = parts.next().unwrap_or_default();
    let mut sight = Sight::default();
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match name {
            "t" => sight.at_ms = value.parse().ok(),
            "n" => sight.selected = value.parse().ok().map(Pick::Node),
            "c" => sight.selected = value.parse().ok().map(Pick::Client),
            "e" => sight.selected = value.parse().ok().map(Pick::Event),
            "tab" => sight.tab = TABS.iter().find(|t| t.1 == value).map(|t| t.0),
            "x" => sight.speed = value.parse().ok(),
            "b" => sight.twin = Some(value.replace('+', " ")),
            "m" => sight.table = value == "table",
            "p" => sight.playing = value == "1",
            "l" => sight.lesson = value.parse().ok(),
            _ => {}
        }
    }
    (run, sight)
}

/// The view in a link, with its tildes.
pub(crate) fn text(sight: &Sight) -> String {
    let mut text = String::new();
    let mut add = |name: &str, value: String| {
        text.push('~');
        text.push_str(name);
        text.push('=');
        text.push_str(&value);
    };
    if let Some(ms) = sight.at_ms {
        add("t", ms.to_string());
    }
    match sight.selected {
        Some(Pick::Node(id)) => add("n", id.to_string()),
        Some(Pick::Client(index)) => add("c", index.to_string()),
        Some(Pick::Event(id)) => add("e", id.to_string()),
        _ => {}
    }
    if let Some(tab) = sight.tab.and_then(|tab| TABS.iter().find(|t| t.0 == tab)) {
        add("tab", tab.1.to_owned());
    }
    if let Some(notch) = sight.speed {
        add("x", notch.to_string());
    }
    if let Some(twin) = &sight.twin {
        add("b", twin.replace(' ', "+"));
    }
    if sight.table {
        add("m", "table".to_owned());
    }
    if sight.playing {
        add("p", "1".to_owned());
    }
    if let Some(lesson) = sight.lesson {
        add("l", lesson.to_string());
    }
    text
}

/// The view as it is.
pub(crate) fn now(session: Session) -> Sight {
    let twin = session.latest(Lane::B).filter(|_| session.twin.get_untracked()).map(|f| f.difference.clone());
    Sight {
        at_ms: Some(session.now_ns() / 1_000_000),
        selected: session.selected.get_untracked(),
        tab: Some(session.tab.get_untracked()),
        speed: Some(session.speed.get_untracked().notch()),
        twin,
        table: session.table.get_untracked(),
        ..Sight::default()
    }
}

/// Opens what a fragment says, at its moment.
pub(crate) fn open(session: Session, fragment: &str, entry: Entry) {
    let (run, sight) = split(fragment);
    let link = run.to_owned();
    let opening = match sight.lesson {
        Some(lesson) => Opening::Course { lesson, link },
        None => Opening::Link(link),
    };
    session.open_at(entry, opening, move |session| restore(session, sight));
}

fn restore(session: Session, sight: Sight) {
    if let Some(tab) = sight.tab {
        session.tab.set(tab);
    }
    if let Some(notch) = sight.speed {
        session.speed.set(Speed::at(notch));
    }
    session.table.set(sight.table);
    session.selected.set(sight.selected);
    if let Some(twin) = sight.twin {
        session.set_twin(twin);
    }
    if let Some(ms) = sight.at_ms {
        session.pause();
        session.seek_then(ms * 1_000_000, move |session| {
            if sight.playing {
                session.play();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_view_survives_its_way_through_a_link() {
        let sight = Sight {
            at_ms: Some(12_480),
            selected: Some(Pick::Client(2)),
            tab: Some(Tab::Inspect),
            speed: Some(6),
            twin: Some("set ttl 60s".into()),
            table: true,
            playing: true,
            lesson: Some(3),
        };
        let link = format!("r=1&v=a&s=b{}", text(&sight));
        assert_eq!(split(&link), ("r=1&v=a&s=b", sight));
        assert_eq!(split("r=1&s=b"), ("r=1&s=b", Sight::default()));
        assert_eq!(split("r=1~t=x~y").1, Sight::default());
    }
}
