//! An engine in the page's own thread: for tests, and for browsers in which no worker starts.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::task::spawn_local;
use primacy_port::{Ask, Tell};
use primacy_sim::engine::Engine;

use super::{Ears, Said, SimPort};

/// See the module.
pub(crate) struct Local {
    engine: RefCell<Engine>,
    ears: Ears,
}

impl Local {
    /// Makes an engine, which says at once what it can do.
    pub(crate) fn new(ears: Ears) -> Self {
        let mut engine = Engine::new();
        let ready = engine.told();
        let local = Self { engine: RefCell::new(engine), ears };
        local.say(ready.into_iter().collect());
        local
    }

    fn say(&self, tells: Vec<Tell>) {
        let ears = Rc::clone(&self.ears);
        // Later, so that nobody hears an answer while he still asks.
        spawn_local(async move { tells.into_iter().for_each(|tell| ears(Said::Told(tell))) });
    }
}

impl SimPort for Local {
    fn ask(&self, ask: Ask) {
        let tells = self.engine.borrow_mut().ask(ask);
        self.say(tells);
    }
}
