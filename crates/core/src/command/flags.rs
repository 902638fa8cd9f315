use core::ops::BitOr;

/// What a command may do; the names are those of Redis's COMMAND.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            /// Every flag with its name in Redis's COMMAND reply.
            pub const NAMES: &[(Self, &str)] = &[$((Self::$name, $text)),*];
        }
    };
}

flags! {
    /// Changes data.
    WRITE = 0, "write";
    /// Reads data only.
    READONLY = 1, "readonly";
    /// Refused with -OOM when the memory limit is reached.
    DENYOOM = 2, "denyoom";
    /// For operators.
    ADMIN = 3, "admin";
    /// Publish and subscribe.
    PUBSUB = 4, "pubsub";
    /// Not from scripts.
    NOSCRIPT = 5, "noscript";
    /// May wait.
    BLOCKING = 6, "blocking";
    /// Runs while the data set is being loaded.
    LOADING = 7, "loading";
    /// Runs on a replica whose link is down.
    STALE = 8, "stale";
    /// Not shown to MONITOR.
    SKIP_MONITOR = 9, "skip_monitor";
    /// Constant or logarithmic time.
    FAST = 10, "fast";
    /// Before authentication too.
    NO_AUTH = 11, "no_auth";
    /// Keys are not at fixed places.
    MOVABLEKEYS = 12, "movablekeys";
    /// Not within MULTI.
    NO_MULTI = 13, "no_multi";
}

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// Whether all flags of `other` are set.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}
