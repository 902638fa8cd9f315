//! The switch between a run in the tab and the real group of the server that the page comes from.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use primacy_port::{Caps, Frame, Lane, What};

use super::Session;
use crate::port::live::{self, Live};
use crate::port::{Ears, Line};
use crate::trail::{self, Entry};

impl Session {
    /// The engine is a real group: time passes by itself.
    pub(crate) fn is_live(&self) -> bool {
        self.caps.with(|caps| caps.live)
    }

    /// The engine carries out commands that begin with this word. A simulated one does all that it knows.
    pub(crate) fn grants(&self, word: &str) -> bool {
        self.caps.with(|caps| !caps.live || caps.commands.iter().any(|granted| granted == word))
    }

    /// Looks at the real group. Whatever is opened after it is opened in the tab.
    pub(crate) fn look_at_real_group(&self, entry: Entry) {
        let Some(url) = live::address() else { return };
        trail::step(*self, trail::place(*self), &self.newest_link(), entry, "#live");
        let session = *self;
        let ears: Ears = Rc::new(move |said| session.hear(said));
        self.caps.set(Caps { live: true, ..Caps::default() });
        self.back.update_value(|b| {
            // What was asked of the old engine is answered by nobody.
            b.awaited.clear();
            b.latest = [Some(Arc::new(Frame::default())), None];
            b.port = Some(Box::new(Live::new(url, ears)));
        });
        self.busy.set(0);
        self.history[0].set(Arc::default());
        self.series[0].set(Arc::default());
        self.died.set(None);
        self.playing.set(true);
        self.begin_run();
    }

    /// A run that begins is one in the tab: it needs an engine there.
    pub(super) fn leave_real_group(&self) {
        if self.caps.with_untracked(|caps| caps.live) {
            self.line.set(Line::None);
            self.caps.set(Caps::default());
            self.back.update_value(|b| b.awaited.clear());
            self.busy.set(0);
            super::start::connect(*self);
        }
    }

    /// From the recording back to what is now.
    pub(crate) fn catch_up(&self) {
        self.play();
        self.seek(u64::MAX);
    }

    /// The look at a real group goes on, or stays where it is; the group itself goes on in any case.
    pub(super) fn look_on(&self, on: bool) {
        if self.caps.with_untracked(|caps| caps.live) {
            let until_ns = if on { u64::MAX } else { 0 };
            self.ask(Lane::A, What::Run { until_ns, events: u32::from(on) });
        }
    }
}
