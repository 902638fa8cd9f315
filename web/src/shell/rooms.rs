//! How the page is divided: what is open, how wide it is, and what lies over it.

use leptos::prelude::*;

use crate::effect::effect;
use crate::prefs;

/// What the column at the left shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Side {
    #[default]
    Lessons,
    Sandbox,
    Gallery,
}

/// What lies over the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Over {
    #[default]
    Nothing,
    /// The command palette.
    Palette,
    /// The link of this run.
    Share,
    /// The list of keys.
    Keys,
    /// The choice of a twin's difference.
    Twin,
}

/// A border that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Border {
    Left,
    Right,
    Lower,
}

impl Border {
    /// Smallest, usual and largest size of the part behind it, in pixels.
    pub(crate) const fn sizes(self) -> (i32, i32, i32) {
        match self {
            Self::Left => (220, 280, 480),
            Self::Right => (300, 372, 720),
            Self::Lower => (120, 186, 480),
        }
    }
}

/// A part of the page behind a border.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) size: RwSignal<i32>,
    pub(crate) open: RwSignal<bool>,
}

impl Room {
    fn new(border: Border, kept: Option<(i32, bool)>) -> Self {
        let (least, usual, most) = border.sizes();
        let (size, open) = kept.unwrap_or((usual, true));
        Self { size: RwSignal::new(size.clamp(least, most)), open: RwSignal::new(open) }
    }
}

/// The handle; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Rooms {
    pub(crate) side: RwSignal<Side>,
    pub(crate) over: RwSignal<Over>,
    /// The left column as a drawer, where there is no room beside the stage.
    pub(crate) drawer: RwSignal<bool>,
    /// The introduction is shown.
    pub(crate) intro: RwSignal<bool>,
    /// The columns beside two runs are folded away for as long as they are compared, or until somebody asks for one.
    pub(crate) folded: RwSignal<bool>,
    left: Room,
    right: Room,
    lower: Room,
}

impl Rooms {
    /// As they were left.
    pub(crate) fn provide() -> Self {
        let kept = prefs::recall(prefs::LAYOUT).unwrap_or_default();
        let mut kept = kept.split(' ').map(|word| {
            let (size, open) = word.split_once(':')?;
            Some((size.parse().ok()?, open == "open"))
        });
        let mut room = |border| Room::new(border, kept.next().flatten());
        let rooms = Self {
            left: room(Border::Left),
            right: room(Border::Right),
            lower: room(Border::Lower),
            side: RwSignal::new(Side::default()),
            over: RwSignal::new(Over::default()),
            drawer: RwSignal::new(false),
            folded: RwSignal::new(false),
            intro: RwSignal::new(prefs::recall(prefs::INTRO).is_none()),
        };
        provide_context(rooms);
        effect(move || {
            let word =
                |room: Room| format!("{}:{}", room.size.get(), if room.open.get() { "open" } else { "shut" });
            let all = [rooms.left, rooms.right, rooms.lower].map(word).join(" ");
            prefs::remember(prefs::LAYOUT, &all);
        });
        rooms
    }

    /// The part behind a border.
    pub(crate) fn behind(&self, border: Border) -> Room {
        match border {
            Border::Left => self.left,
            Border::Right => self.right,
            Border::Lower => self.lower,
        }
    }

    /// Opens what lies over the page, or closes it if it is open.
    pub(crate) fn toggle(&self, over: Over) {
        self.over.update(|now| *now = if *now == over { Over::Nothing } else { over });
    }

    /// Shows something in the left column.
    pub(crate) fn show(&self, side: Side) {
        self.side.set(side);
        self.folded.set(false);
        self.left.open.set(true);
        self.drawer.set(true);
    }

    /// The introduction is over, and does not come back.
    pub(crate) fn dismiss_intro(&self) {
        self.intro.set(false);
        prefs::remember(prefs::INTRO, "done");
    }
}

/// The rooms of the page.
pub(crate) fn rooms() -> Rooms {
    expect_context::<Rooms>()
}
