//! How a session begins.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use primacy_core::map::Map;
use primacy_port::Caps;

use super::clockwork::Clockwork;
use super::recovery::Recovery;
use super::{Backstage, Session, Tab};
use crate::model::Rows;
use crate::port::{Ears, Line, simulated};
use crate::speed::Speed;

impl Session {
    /// A session with an engine, in which nothing runs yet.
    pub(crate) fn start() -> Self {
        let backstage = Backstage {
            port: None,
            clockwork: Clockwork::default(),
            recovery: Recovery::default(),
            entry: String::new(),
            latest: [None, None],
            awaited: Map::new(),
            hooks: Map::new(),
            asked: 0,
            hooked: 0,
            noticed: 0,
        };
        let session = Self {
            frame: [Rows::new(), Rows::new()],
            history: [RwSignal::new(Arc::default()), RwSignal::new(Arc::default())],
            series: [RwSignal::new(Arc::default()), RwSignal::new(Arc::default())],
            charted: RwSignal::new(None),
            lesson: RwSignal::new(None),
            why: RwSignal::new(None),
            caps: RwSignal::new(Caps::default()),
            line: RwSignal::new(Line::None),
            playing: RwSignal::new(false),
            speed: RwSignal::new(Speed::REAL),
            selected: RwSignal::new(None),
            tab: RwSignal::new(Tab::default()),
            twin: RwSignal::new(false),
            table: RwSignal::new(false),
            keys: RwSignal::new(true),
            slowing: RwSignal::new(false),
            still: RwSignal::new(false),
            verbose: RwSignal::new(false),
            notices: RwSignal::new(Vec::new()),
            news: RwSignal::new(String::new()),
            answers: RwSignal::new(Vec::new()),
            run: RwSignal::new(0),
            busy: RwSignal::new(0),
            died: RwSignal::new(None),
            back: StoredValue::new_local(backstage),
        };
        connect(session);
        session.pause_while_hidden();
        session
    }

    /// Another run has begun: what belonged to the old one goes.
    pub(super) fn begin_run(&self) {
        self.rewind_clockwork();
        self.selected.set(None);
        self.why.set(None);
        self.lesson.set(None);
        self.answers.set(Vec::new());
        self.news.set(String::new());
        self.notices.update(|notices| notices.retain(|notice| !notice.bad));
        self.twin.set(false);
        self.back.update_value(|b| {
            b.latest[1] = None;
            b.recovery = Recovery::default();
        });
        self.run.update(|run| *run += 1);
        self.remember_act("");
        self.after_change();
    }

    fn pause_while_hidden(&self) {
        let session = *self;
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden()
                && session.playing.get_untracked()
                && !session.caps.with_untracked(|c| c.live)
            {
                session.pause();
                session.notice(false, "Paused while this page was hidden.");
            }
        });
        on_cleanup(move || handle.remove());
    }
}

/// Gives a session an engine.
pub(super) fn connect(session: Session) {
    let ears: Ears = Rc::new(move |said| session.hear(said));
    let port = simulated(ears);
    session.back.update_value(|b| b.port = Some(port));
}
