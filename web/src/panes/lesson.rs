//! The lessons: the list, and the one under way. What is done and what the numbers are the engine says.

mod list;
mod numbers;
mod predict;
mod real;
mod tasks;

use leptos::prelude::*;
use primacy_port::{Lane, Opening, Progress};
use primacy_sim::lesson::{self, Does, Further, Lesson};
use primacy_sim::link;
use primacy_view::view;

use crate::effect::effect;
use crate::lessons::{self, TEXTS};
use crate::session::{Session, Tab};
use crate::shell::rooms::{Over, Rooms, Side, rooms};
use crate::speed::Speed;

use list::List;
use numbers::Numbers;
use predict::Predict;
pub(crate) use real::{Real, show_real};
use tasks::Tasks;

const MS: u64 = 1_000_000;

/// A visitor's way through the lessons; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Course {
    session: Session,
    rooms: Rooms,
    /// The lesson under way, as the engine says.
    pub(crate) current: Memo<Option<u8>>,
    /// Lessons played to their end in this browser.
    pub(crate) finished: RwSignal<Vec<u8>>,
    /// Goes up with every beginning of a lesson.
    begun: RwSignal<u32>,
    /// The answer that was chosen before the run.
    guess: RwSignal<Option<usize>>,
    /// The learner lets the run go.
    started: RwSignal<bool>,
    /// Which tasks are done: once done they stay so, wherever the timeline is.
    ticks: Memo<Ticks>,
}

/// Done tasks of one beginning of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ticks {
    begun: u32,
    done: Vec<bool>,
}

impl Course {
    /// The course of this page; the panes and keys find it in the context.
    pub(crate) fn provide(session: Session) -> Self {
        let facts = session.rows(Lane::A).facts;
        let current = Memo::new(move |_| facts.lesson().get());
        let begun = RwSignal::new(0);
        let ticks = Memo::new(move |before: Option<&Ticks>| {
            let begun = begun.get();
            let now = session.lesson.get().filter(|p| Some(p.lesson) == current.get()).map(|p| p.done);
            let mut ticks =
                before.filter(|t| t.begun == begun).cloned().unwrap_or(Ticks { begun, done: Vec::new() });
            for (at, done) in now.unwrap_or_default().into_iter().enumerate() {
                match ticks.done.get_mut(at) {
                    Some(tick) => *tick |= done,
                    None => ticks.done.push(done),
                }
            }
            ticks
        });
        let course = Self {
            session,
            rooms: rooms(),
            current,
            finished: RwSignal::new(lessons::done()),
            begun,
            guess: RwSignal::new(None),
            started: RwSignal::new(false),
            ticks,
        };
        effect(move || course.note_end());
        // Keys, palette and links open lessons too.
        Effect::new(move |before: Option<Option<u8>>| {
            let now = course.current.get();
            if before.flatten() != now
                && let Some(lesson) = now.and_then(lesson::lesson)
            {
                course.settle(lesson);
            }
            now
        });
        // Whoever presses play has begun, with a guess or without; and a run that Back has led to had begun before.
        let warm =
            move || current.get().and_then(lesson::lesson).map(|lesson| u64::from(lesson.warm_ms) * MS);
        let passed = Memo::new(move |_| warm().is_some_and(|warm| facts.now_ns().get() > warm));
        effect(move || {
            if passed.get() || session.playing.get() && course.current.get_untracked().is_some() {
                course.started.set(true);
            }
        });
        provide_context(course);
        course
    }

    /// Begins a lesson; it waits for the learner's guess.
    pub(crate) fn begin(&self, number: u8) {
        let Some(lesson) = lesson::lesson(number) else { return };
        let course = *self;
        self.session.open_then(Opening::Lesson(number), move |_| course.settle(lesson));
    }

    /// A lesson has just been opened: time stands still until the learner has guessed.
    fn settle(&self, lesson: &Lesson) {
        self.rooms.dismiss_intro();
        self.rooms.side.set(Side::Lessons);
        self.session.pause();
        self.session.speed.set(speed_of(lesson));
        self.guess.set(None);
        self.started.set(false);
        self.begun.update(|n| *n += 1);
        focus("lesson-title");
    }

    /// Back to the usual group, and to the list.
    pub(crate) fn leave(&self) {
        self.session.open_then(Opening::Preset("first".into()), |session| session.play());
    }

    /// Lets time pass.
    fn start(&self) {
        self.started.set(true);
        self.session.play();
    }

    /// Does what a task's button does.
    fn carry_out(&self, does: Does) {
        self.started.set(true);
        match does {
            Does::Wait => {}
            Does::Command(words) => self.session.act(words),
            Does::Line(line) => self.session.type_line(0, "configuration", line),
            Does::Template(text) => {
                self.session.open(Opening::Template { text: text.into(), seed: self.seed() });
            }
        }
        self.session.play();
    }

    /// The lesson's run from its beginning as a sandbox, with one thing done in it.
    fn go_further(&self, lesson: &'static Lesson, further: &'static Further) {
        if further.command.is_empty() {
            return self.keep(lesson);
        }
        let link = link::fragment(&(lesson.setup)());
        // Whoever ended the lesson at full speed would find the fault long over.
        self.session.speed.set(speed_of(lesson));
        self.session.open_then(Opening::Link(link), move |session| {
            // What is done in both runs would undo a difference of its own kind.
            if let Some(difference) = lesson.twin.filter(|twin| !twin.starts_with("client")) {
                session.set_twin(difference);
            }
            session.act(further.command);
            session.play();
        });
    }

    /// What a lesson offers to take away is of this very run: as a link of the last lesson, as a template of that on templates.
    fn keep(&self, lesson: &Lesson) {
        self.rooms.drawer.set(false);
        match lesson.number {
            13 => self.rooms.over.set(Over::Share),
            _ => self.session.tab.set(Tab::Template),
        }
    }

    fn seed(&self) -> u64 {
        self.current.get_untracked().and_then(lesson::lesson).map_or(0, |lesson| (lesson.setup)().seed)
    }

    fn ticked(&self, task: usize) -> bool {
        self.ticks.with(|ticks| ticks.done.get(task).copied().unwrap_or(false))
    }

    /// Every task of the lesson is done.
    fn ended(&self) -> bool {
        self.ticks.with(|ticks| !ticks.done.is_empty() && ticks.done.iter().all(|done| *done))
    }

    fn note_end(&self) {
        let ended = self.ended();
        if let Some(number) = self.current.get().filter(|_| ended)
            && !self.finished.with_untracked(|all| all.contains(&number))
        {
            self.finished.update(|all| all.push(number));
            lessons::remember(&self.finished.get_untracked());
        }
    }

    fn progress(&self) -> Option<Progress> {
        self.session.lesson.get().filter(|progress| Some(progress.lesson) == self.current.get())
    }
}

/// The notch nearest to the lesson's speed, from below.
fn speed_of(lesson: &Lesson) -> Speed {
    let wanted = f64::from(lesson.speed) * 1e3;
    (0..=Speed::MAX.notch()).map(Speed::at).rfind(|speed| speed.ns_per_ms() <= wanted).unwrap_or(Speed::REAL)
}

fn focus(id: &'static str) {
    // The element is there once the frame of the new lesson has been drawn.
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(id) {
            let element: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(element);
            let _ = element.focus();
        }
    });
}

/// A lesson's place in words.
fn place(number: u8) -> String {
    match number {
        0 => "Introduction".into(),
        13 => "★ The last one".into(),
        n => format!("Lesson {n} of 12"),
    }
}

/// The list of lessons, or the one under way.
#[component]
pub(crate) fn Lessons() -> impl IntoView {
    let course = expect_context::<Course>();
    let under_way = move || course.current.get().and_then(lesson::lesson);
    view! {
        <section
            class="panel lesson"
            aria-label="Lessons"
            data-testid="lesson"
            data-lesson=move || course.current.get().map(|number| number.to_string()).unwrap_or_default()
        >
            {move || match under_way() {
                Some(lesson) => view! { <One lesson /> }.into_any(),
                None => view! { <List /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn One(lesson: &'static Lesson) -> impl IntoView {
    let course = expect_context::<Course>();
    let text = TEXTS.iter().find(|text| text.slug == lesson.slug);
    let part = move |part: fn(&lessons::Text) -> &'static str| text.map_or("", part);
    view! {
        <header class="lesson-head">
            <p class="quiet">{place(lesson.number)}</p>
            <h2 id="lesson-title" tabindex="-1">{lesson.title}</h2>
            <Quotes quotes=lesson.quotes />
        </header>
        <div class="prose" inner_html=part(|text| text.setup) />
        <Predict lesson />
        <h3>"Do"</h3>
        <Tasks lesson />
        <h3>"See"</h3>
        <div class="prose" inner_html=part(|text| text.watch) />
        <Numbers />
        <details class="because" prop:open=move || course.ended()>
            <summary>"Why it is so"</summary>
            <div class="prose" inner_html=part(|text| text.why) />
        </details>
        <h3>"Break it further"</h3>
        <ul class="further">
            {lesson
                .further
                .iter()
                .map(|further| {
                    view! {
                        <li>
                            <button on:click=move |_| course.go_further(lesson, further)>{further.text}</button>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <p class="quiet small">"Opens the same run, with the same chance, without the lesson."</p>
        <Ways number=lesson.number />
    }
}

#[component]
fn Quotes(quotes: &'static [&'static str]) -> impl IntoView {
    let (first, rest) = quotes.split_first().map_or(("", quotes), |(first, rest)| (*first, rest));
    view! {
        <blockquote>{first}</blockquote>
        <Show when=move || !rest.is_empty()>
            <details class="quotes">
                <summary>"More of the text"</summary>
                {rest.iter().map(|quote| view! { <blockquote>{*quote}</blockquote> }).collect_view()}
            </details>
        </Show>
    }
}

#[component]
fn Ways(number: u8) -> impl IntoView {
    let course = expect_context::<Course>();
    let neighbour = move |step: i16| u8::try_from(i16::from(number) + step).ok().and_then(lesson::lesson);
    view! {
        <nav class="ways" aria-label="Other lessons">
            {neighbour(-1).map(|lesson| {
                view! { <button on:click=move |_| course.begin(lesson.number)>"← " {lesson.title}</button> }
            })}
            <button on:click=move |_| course.leave()>"All lessons"</button>
            <button on:click=move |_| course.begin(number)>"Again"</button>
            {neighbour(1).map(|lesson| {
                view! {
                    <button class=move || if course.ended() { "strong" } else { "" } on:click=move |_| course.begin(lesson.number)>
                        {lesson.title} " →"
                    </button>
                }
            })}
        </nav>
    }
}
