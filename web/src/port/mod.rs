//! Ways to an engine. The page asks through [`SimPort`] and hears through one function; which engine stands behind it is
//! decided when the session begins and shows nowhere but in what the engine can do.

pub(crate) mod live;
pub(crate) mod local;
pub(crate) mod worker;

use std::rc::Rc;

use leptos::prelude::window;
use primacy_port::{Ask, Tell};

use local::Local;
use worker::Worker;

/// What comes back from an engine or the way to it.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// An answer, or, from a real group, news.
    Told(Tell),
    /// How a line to a real group fares. In the tab there is no line and nobody says this.
    Line(Line),
    /// Something that the person should know.
    Notice(String),
    /// The engine is gone and will not answer again: what it said last, for a crash report.
    Died(String),
}

/// A line to a real group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Line {
    /// There is none: the engine lives in the tab.
    #[default]
    None,
    /// Trying for the n-th time.
    Connecting {
        /// From 1 upwards.
        attempt: u32,
    },
    /// Open; milliseconds there and back, once they are known.
    Open {
        /// Measured on the newest answer.
        rtt_ms: Option<u32>,
    },
    /// Lost; tries again after so many milliseconds.
    Waiting {
        /// The next attempt's number.
        attempt: u32,
        /// Until then.
        wait_ms: u32,
        /// Why it was lost.
        why: String,
    },
}

/// Hears everything that comes back. Never called from within [`SimPort::ask`].
pub(crate) type Ears = Rc<dyn Fn(Said)>;

/// A way to an engine.
pub(crate) trait SimPort {
    /// Sends a question; the answers go to the [`Ears`] that the port was made with, in the order of the questions.
    fn ask(&self, ask: Ask);
}

/// The best engine that this browser can run. `?engine=thread` in the page's address asks for one without a worker.
pub(crate) fn simulated(ears: Ears) -> Box<dyn SimPort> {
    let thread = window().location().search().is_ok_and(|search| search.contains("engine=thread"));
    if thread {
        return Box::new(Local::new(ears));
    }
    match Worker::new(Rc::clone(&ears)) {
        Ok(worker) => Box::new(worker),
        Err(_) => Box::new(Local::new(ears)),
    }
}
