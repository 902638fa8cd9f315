//! Replication groups from JavaScript: create one, run commands, inject faults, advance virtual time, read what
//! happened. The group is the production core in the simulator's world, so equal seeds give equal runs.
//!
//! `npm/README` of the package is `README.md`; the types that TypeScript sees are `api.d.ts`.

mod faults;
mod options;
mod reply;
mod rows;

use std::cell::RefCell;
use std::sync::Arc;

use primacy_port::{Ask, Frame, Lane, Opening, Subject, Tell, Told, What};
use primacy_sim::engine::Engine;
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("api.d.ts");

const MS: f64 = 1_000_000.0;
/// Events of one question to the engine: some milliseconds, and few questions for a long time.
const EVENTS: u32 = 100_000;
/// Virtual milliseconds that [`Group::until`] waits when nothing else is said.
const PATIENCE_MS: f64 = 600_000.0;

/// The package's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The actions of `do`, with what each of them is for.
///
/// # Errors
/// A value that JavaScript cannot hold.
#[wasm_bindgen(unchecked_return_type = "Action[]")]
pub fn actions() -> Result<JsValue, JsError> {
    let rows = primacy_sim::command_text::TABLE.iter().map(|(usage, what)| rows::Action { usage, what });
    to_js(&rows.collect::<Vec<_>>())
}

/// One replication group in virtual time: it stands still unless you let time pass.
#[wasm_bindgen]
pub struct Group {
    // A function that `until` calls may use the group itself.
    inner: RefCell<Inner>,
}

struct Inner {
    engine: Engine,
    asked: u32,
    frame: Frame,
}

#[wasm_bindgen]
impl Group {
    /// A group in service, by default the one primary and two replicas of the README.
    ///
    /// # Errors
    /// An unknown option, or a value out of its range.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "GroupOptions")] options: JsValue,
    ) -> Result<Self, JsError> {
        let scenario = options::scenario(options)?;
        Self::open(Opening::Link(primacy_sim::link::fragment(&scenario)))
    }

    /// A group as a CloudFormation template (YAML or JSON) declares it.
    ///
    /// # Errors
    /// What is wrong with the template, with line and column.
    #[wasm_bindgen(js_name = fromTemplate)]
    pub fn from_template(text: String, seed: Option<f64>) -> Result<Self, JsError> {
        let seed = options::whole(seed.unwrap_or(1.0), "seed")?;
        Self::open(Opening::Template { text, seed })
    }

    /// The run that a link of the page, or [`Group::link`], holds: with its seed and everything that was done.
    ///
    /// # Errors
    /// The text is no link, or it was cut off.
    #[wasm_bindgen(js_name = fromLink)]
    pub fn from_link(link: &str) -> Result<Self, JsError> {
        let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment);
        Self::open(Opening::Link(fragment.to_owned()))
    }

    fn open(opening: Opening) -> Result<Self, JsError> {
        let inner = Inner { engine: Engine::new(), asked: 0, frame: Frame::default() };
        let group = Self { inner: RefCell::new(inner) };
        group.ask(What::Open(opening))?;
        Ok(group)
    }

    /// Virtual milliseconds since the beginning.
    #[wasm_bindgen(getter, js_name = nowMs)]
    pub fn now_ms(&self) -> f64 {
        rows::millis(self.now_ns())
    }

    /// The number that decides the run.
    #[wasm_bindgen(getter)]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a seed from JavaScript was exact; one from a link is shown"
    )]
    pub fn seed(&self) -> f64 {
        self.inner.borrow().frame.seed as f64
    }

    /// Lets virtual time pass.
    ///
    /// # Errors
    /// A time that is negative or no number, or an invariant that broke.
    pub fn advance(&self, ms: f64) -> Result<(), JsError> {
        let until = self.now_ns().saturating_add(options::nanos(ms)?);
        self.run_to(until)
    }

    /// Lets time pass until `done` says so, and returns how long that took in milliseconds. `done` is asked every
    /// `stepMs` (10) of virtual time.
    ///
    /// # Errors
    /// It did not happen within `limitMs` (ten minutes), or `done` threw.
    pub fn until(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(view: GroupView) => boolean")] done: &js_sys::Function,
        #[wasm_bindgen(js_name = limitMs)] limit_ms: Option<f64>,
        #[wasm_bindgen(js_name = stepMs)] step_ms: Option<f64>,
    ) -> Result<f64, JsValue> {
        let begun = self.now_ns();
        let limit_ms = limit_ms.unwrap_or(PATIENCE_MS);
        let end = begun.saturating_add(options::nanos(limit_ms)?);
        let step = options::nanos(step_ms.unwrap_or(10.0))?.max(1);
        loop {
            let now = self.now_ns();
            if done.call1(&JsValue::UNDEFINED, &self.view()?)?.is_truthy() {
                return Ok(rows::millis(now - begun));
            }
            if now >= end {
                return Err(JsError::new(&format!("it did not happen within {limit_ms} ms")).into());
            }
            self.run_to((now + step).min(end))?;
        }
    }

    /// Sends a command and lets time pass until the reply is there, at most 20 s. A text is split as redis-cli does
    /// it; a list is taken word by word. `aws elasticache …` and `dig NAME` are understood too. Each `connection`, 0 to
    /// 7, is one of its own.
    ///
    /// # Errors
    /// An unknown target, or a line that cannot be split. What the group answers is never thrown.
    #[wasm_bindgen(unchecked_return_type = "Answer")]
    pub fn command(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Target")] target: String,
        #[wasm_bindgen(unchecked_param_type = "string | readonly string[]")] words: JsValue,
        connection: Option<u8>,
    ) -> Result<JsValue, JsError> {
        let terminal = connection.unwrap_or(0);
        let line = reply::line(words)?;
        let asked = self.now_ns();
        self.ask(What::Type { terminal, target, line, run: true })?;
        let frame = &self.inner.borrow().frame;
        let answer = frame.answers.iter().rfind(|answer| answer.terminal == terminal);
        to_js(&reply::answer(answer, frame.view.now_ns - asked))
    }

    /// Carries out an action in words, such as `kill 001`, `cut primary replicas`, `set ttl 60s`, `client x50 via=reader`:
    /// the language of the page and of the scripts; `actions()` lists it.
    ///
    /// # Errors
    /// Words that cannot be understood, or a request that the coordinator refused.
    #[wasm_bindgen(js_name = do)]
    pub fn act(&self, action: String) -> Result<(), JsError> {
        self.ask(What::Do(action))?;
        self.inner.borrow().frame.notices.first().map_or(Ok(()), |why| Err(JsError::new(why)))
    }

    /// Events of the group with a number above `since`, oldest first; the newest 200.
    ///
    /// # Errors
    /// A number that is negative or not whole.
    #[wasm_bindgen(unchecked_return_type = "GroupEvent[]")]
    pub fn events(&self, since: Option<f64>) -> Result<JsValue, JsError> {
        let since = options::whole(since.unwrap_or(0.0), "since")?;
        let Some(Told::History(history)) = self.ask(What::History)? else { return to_js(&[(); 0]) };
        let now = self.now_ns();
        let news = history.events.into_iter().filter(|row| row.id > since && row.at_ns <= now);
        to_js(&news.map(rows::Event::from).collect::<Vec<_>>())
    }

    /// Why an event happened: it first, its last cause last.
    ///
    /// # Errors
    /// There is no such event.
    #[wasm_bindgen(unchecked_return_type = "Cause[]")]
    pub fn why(&self, event: f64) -> Result<JsValue, JsError> {
        let event = options::whole(event, "event")?;
        let Some(Told::Why(chain)) = self.ask(What::Why(Subject::Event(event)))? else {
            return Err(JsError::new(&format!("there is no event {event}")));
        };
        to_js(&chain.into_iter().map(rows::Cause::from).collect::<Vec<_>>())
    }

    /// Everything visible now.
    ///
    /// # Errors
    /// A value that JavaScript cannot hold.
    #[wasm_bindgen(unchecked_return_type = "GroupView")]
    pub fn view(&self) -> Result<JsValue, JsError> {
        to_js(&rows::View::from(self.inner.borrow().frame.view.clone()))
    }

    /// The member that the group's record names primary.
    #[wasm_bindgen(getter, unchecked_return_type = "NodeId | undefined")]
    pub fn primary(&self) -> Option<String> {
        let nodes = &self.inner.borrow().frame.view.nodes;
        nodes.iter().find(|node| node.is_primary).map(|node| node.id.to_string())
    }

    /// Goes to another moment: back into the past, or on.
    ///
    /// # Errors
    /// A time that is negative or no number.
    pub fn seek(&self, ms: f64) -> Result<(), JsError> {
        let at_ns = options::nanos(ms)?;
        self.ask(What::Seek { at_ns }).map(drop)
    }

    /// The run as text: open the page with it behind `#`, or give it to `Group.fromLink`.
    ///
    /// # Errors
    /// There is no run.
    pub fn link(&self) -> Result<String, JsError> {
        self.text(What::Link)
    }

    /// The group as it is now as a CloudFormation template.
    ///
    /// # Errors
    /// There is no group.
    pub fn template(&self) -> Result<String, JsError> {
        self.text(What::Template)
    }

    /// The hash of everything that has happened: equal hashes, equal runs.
    #[wasm_bindgen(getter, js_name = traceHash)]
    pub fn trace_hash(&self) -> String {
        self.inner.borrow().frame.view.trace.clone()
    }

    /// The hash that a new run of the same scenario has at this moment: always that of `traceHash`.
    ///
    /// # Errors
    /// There is no run.
    #[wasm_bindgen(js_name = replayHash)]
    pub fn replay_hash(&self) -> Result<String, JsError> {
        self.text(What::Proof)
    }

    fn text(&self, what: What) -> Result<String, JsError> {
        match self.ask(what)? {
            Some(Told::Text(text)) => Ok(text),
            _ => Err(JsError::new("the engine did not answer")),
        }
    }

    fn run_to(&self, until_ns: u64) -> Result<(), JsError> {
        while self.now_ns() < until_ns {
            self.ask(What::Run { until_ns, events: EVENTS })?;
            if let Some(violation) = &self.inner.borrow().frame.view.violation {
                return Err(JsError::new(&format!("a bug of primacy: an invariant broke: {violation}")));
            }
        }
        Ok(())
    }

    fn now_ns(&self) -> u64 {
        self.inner.borrow().frame.view.now_ns
    }

    /// Asks, keeps the frame that comes back, and returns any other answer.
    fn ask(&self, what: What) -> Result<Option<Told>, JsError> {
        let mut inner = self.inner.borrow_mut();
        inner.asked += 1;
        let number = inner.asked;
        let mut other = None;
        for Tell { told, .. } in inner.engine.ask(Ask { number, lane: Lane::A, what }) {
            match told {
                Told::Frame(frame) => inner.frame = Arc::unwrap_or_clone(frame),
                Told::Refused(why) => return Err(JsError::new(&why)),
                Told::Ready(_) | Told::Closed => {}
                told => other = Some(told),
            }
        }
        Ok(other)
    }
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|e| JsError::new(&e.to_string()))
}
