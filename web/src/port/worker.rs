//! An engine in a worker: the page stays responsive while the world computes, and outlives an engine that panics.
//!
//! There is one build: the page hands its compiled module to a worker whose script (in index.html) imports the page's own glue by
//! the glue's hashed name, so that page and engine are always of one build. See `serve` for the other end.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array, WebAssembly};
use leptos::prelude::window;
use primacy_port::{Ask, Tell, What, wire};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent};

use super::local::Local;
use super::{Ears, Said, SimPort};
use crate::rest;

/// Said to a worker instead of a question, it makes the engine panic: `?crash` in the page's address and the action
/// `crash` let a test see what the page does then.
const CRASH: &str = "crash";

/// Where index.html keeps the worker that waits.
const WAITING: &str = "primacyWorker";

/// What begins a worker in index.html.
const BEGIN: &str = "primacyBegin";

thread_local! {
    /// The worker that waits has been given the module.
    static HAS_MODULE: Cell<bool> = const { Cell::new(false) };
    /// The rest of the module, for every worker.
    static REST: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    /// The worker at work.
    static NEWEST: RefCell<Weak<Inner>> = const { RefCell::new(Weak::new()) };
}

type Heard<E> = Closure<dyn FnMut(E)>;

/// See the module.
pub(crate) struct Worker {
    inner: Rc<Inner>,
    /// Kept as long as the worker may call them.
    _heard: (Heard<MessageEvent>, Heard<ErrorEvent>),
}

struct Inner {
    worker: web_sys::Worker,
    ears: Ears,
    state: RefCell<State>,
}

impl State {
    fn started(&mut self) {
        if let Self::Starting(_) = self {
            *self = Self::Running;
        }
    }
}

enum State {
    /// It has not said anything yet; what it was asked, in case that it never does.
    Starting(Vec<Ask>),
    Running,
    /// No worker can be had.
    Thread(Box<Local>),
    Dead,
}

impl Worker {
    /// Starts a worker.
    ///
    /// # Errors
    /// The browser refuses workers. One that fails later is replaced by an engine in the page's thread.
    pub(crate) fn new(ears: Ears) -> Result<Self, JsValue> {
        let waiting = waiting();
        let has_module = HAS_MODULE.take() && waiting.is_some();
        if waiting.is_some() {
            Reflect::set(&window(), &WAITING.into(), &JsValue::UNDEFINED)?;
        }
        let worker = waiting.map_or_else(begin, Ok)?;
        let inner = Rc::new(Inner { worker, ears, state: RefCell::new(State::Starting(Vec::new())) });
        let (on_message, on_error) = (Rc::clone(&inner), Rc::clone(&inner));
        let message = Closure::<dyn FnMut(_)>::new(move |ev: MessageEvent| on_message.hear(&ev.data()));
        let error = Closure::<dyn FnMut(_)>::new(move |ev: ErrorEvent| on_error.fail(&ev.message()));
        inner.worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        inner.worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        if !has_module {
            inner.worker.post_message(&wasm_bindgen::module())?;
        }
        if let Some(rest) = REST.with_borrow(Clone::clone) {
            inner.worker.post_message(&rest)?;
        }
        NEWEST.set(Rc::downgrade(&inner));
        Ok(Self { inner, _heard: (message, error) })
    }
}

/// The worker that index.html has started, until it is taken: it has loaded its glue while the page's module was under way.
fn waiting() -> Option<web_sys::Worker> {
    Reflect::get(&window(), &WAITING.into()).ok()?.dyn_into().ok()
}

/// Hands the module to the worker that waits, before the page is made: a browser passes nothing on to a new worker while the page's
/// thread is busy, and so the engine begins together with the page instead of after it.
pub(crate) fn hand_over() {
    if let Some(worker) = waiting() {
        HAS_MODULE.set(worker.post_message(&wasm_bindgen::module()).is_ok());
    }
}

/// Gives every worker the rest of the module.
pub(crate) fn hand_over_rest(module: JsValue) {
    if let Some(inner) = NEWEST.with_borrow(Weak::upgrade) {
        let _ = inner.worker.post_message(&module);
    }
    REST.set(Some(module));
}

/// Another worker that waits for its module, begun by index.html as the first one was.
fn begin() -> Result<web_sys::Worker, JsValue> {
    let begin: js_sys::Function = Reflect::get(&window(), &BEGIN.into())?.dyn_into()?;
    begin.call0(&JsValue::UNDEFINED)?.dyn_into()
}

impl SimPort for Worker {
    fn ask(&self, ask: Ask) {
        match &mut *self.inner.state.borrow_mut() {
            State::Starting(held) => {
                self.inner.post(&ask);
                held.push(ask);
            }
            State::Running => self.inner.post(&ask),
            State::Thread(local) => local.ask(ask),
            State::Dead => {}
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.inner.worker.set_onmessage(None);
        self.inner.worker.set_onerror(None);
        self.inner.worker.terminate();
    }
}

impl Inner {
    fn post(&self, ask: &Ask) {
        let crash = matches!(&ask.what, What::Do(text) if text == CRASH) && may_crash();
        let posted = if crash {
            self.worker.post_message(&CRASH.into())
        } else {
            let buffer = buffer(&wire::encode(ask));
            self.worker.post_message_with_transfer(&buffer, &Array::of1(&buffer))
        };
        debug_assert!(posted.is_ok(), "a buffer can always be transferred");
    }

    fn hear(&self, data: &JsValue) {
        if let Some(words) = data.as_string() {
            return self.fail(&words);
        }
        let Some(told) = data.dyn_ref::<ArrayBuffer>().map(|b| Uint8Array::new(b).to_vec()) else { return };
        self.state.borrow_mut().started();
        match wire::decode::<Tell>(&told) {
            Ok(tell) => (self.ears)(Said::Told(tell)),
            Err(why) => self.fail(&why.to_string()),
        }
    }

    /// The worker did not start, or has panicked. It says so once in words and once by an error; the first counts.
    fn fail(&self, words: &str) {
        let held = match &mut *self.state.borrow_mut() {
            State::Starting(held) => Some(std::mem::take(held)),
            state @ State::Running => {
                *state = State::Dead;
                None
            }
            State::Thread(_) | State::Dead => return,
        };
        let Some(held) = held else { return (self.ears)(Said::Died(words.to_owned())) };
        let local = Local::new(Rc::clone(&self.ears));
        held.into_iter().for_each(|ask| local.ask(ask));
        *self.state.borrow_mut() = State::Thread(Box::new(local));
        (self.ears)(Said::Notice(format!(
            "No worker could be started ({words}): the group runs in the page's own thread, and busy moments may stutter."
        )));
    }
}

/// The page's address has `?crash`.
pub(crate) fn may_crash() -> bool {
    window().location().search().is_ok_and(|search| search.contains(CRASH))
}

fn buffer(bytes: &[u8]) -> ArrayBuffer {
    Uint8Array::from(bytes).buffer()
}

/// This binary runs in a worker, not in a page.
pub(crate) fn in_worker() -> bool {
    js_sys::global().has_type::<DedicatedWorkerGlobalScope>()
}

/// The worker's side: an engine that answers what is posted.
pub(crate) fn serve() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let last_words = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        let _ = last_words.post_message(&info.to_string().into());
    }));
    let mut engine = primacy_sim::engine::Engine::new();
    let ready = engine.told();
    let voice = scope.clone();
    let say = move |tell: &Tell| {
        let buffer = buffer(&wire::encode(tell));
        let _ = voice.post_message_with_transfer(&buffer, &Array::of1(&buffer));
    };
    ready.iter().for_each(&say);
    let heard = Closure::<dyn FnMut(_)>::new(move |ev: MessageEvent| {
        assert!(!ev.data().is_string(), "The page asked the engine to crash.");
        if ev.data().has_type::<WebAssembly::Module>() {
            // Without it each part fetches the rest when it is called for.
            let _ = rest::take(&ev.data());
            return;
        }
        let Some(bytes) = ev.data().dyn_ref::<ArrayBuffer>().map(|b| Uint8Array::new(b).to_vec()) else {
            return;
        };
        if let Ok(ask) = wire::decode::<Ask>(&bytes) {
            engine.ask(ask).iter().for_each(&say);
        }
    });
    scope.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}
