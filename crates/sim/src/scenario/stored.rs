//! A client's description as links hold it: what is new stands behind the last field, so that links made before it still
//! mean the same.

use serde::{Deserialize, Serialize};

use super::{Caching, ClientSpec, Mix, ReadBack, Retry, Via};

#[derive(Serialize, Deserialize)]
pub(super) struct Spec {
    via: Via,
    zone: u8,
    think_us: u32,
    mix: Mix,
    wait_for: u8,
    wait_ms: u16,
    keys: u8,
    padding: u16,
    retry: Retry,
    timeout_ms: u16,
    habits: Habits,
}

/// The first two are the byte of the flag that once stood there alone.
#[derive(Serialize, Deserialize)]
enum Habits {
    Forever,
    Honours,
    Own { cache: Caching, read_back: Option<ReadBack>, starts_ms: u32 },
    Skewed { cache: Caching, read_back: Option<ReadBack>, starts_ms: u32, hot: u8 },
}

impl From<Spec> for ClientSpec {
    fn from(s: Spec) -> Self {
        let (cache, read_back, starts_ms, hot) = match s.habits {
            Habits::Forever => (Caching::Forever, None, 0, 0),
            Habits::Honours => (Caching::Honours, None, 0, 0),
            Habits::Own { cache, read_back, starts_ms } => (cache, read_back, starts_ms, 0),
            Habits::Skewed { cache, read_back, starts_ms, hot } => (cache, read_back, starts_ms, hot),
        };
        let Spec { via, zone, think_us, mix, wait_for, wait_ms, keys, padding, retry, timeout_ms, .. } = s;
        Self {
            via,
            zone,
            think_us,
            mix,
            wait_for,
            wait_ms,
            keys,
            padding,
            retry,
            timeout_ms,
            cache,
            read_back,
            starts_ms,
            hot,
        }
    }
}

impl From<ClientSpec> for Spec {
    fn from(c: ClientSpec) -> Self {
        let habits = match (c.cache, c.read_back, c.starts_ms, c.hot) {
            (Caching::Forever, None, 0, 0) => Habits::Forever,
            (Caching::Honours, None, 0, 0) => Habits::Honours,
            (cache, read_back, starts_ms, 0) => Habits::Own { cache, read_back, starts_ms },
            (cache, read_back, starts_ms, hot) => Habits::Skewed { cache, read_back, starts_ms, hot },
        };
        let ClientSpec {
            via, zone, think_us, mix, wait_for, wait_ms, keys, padding, retry, timeout_ms, ..
        } = c;
        Self { via, zone, think_us, mix, wait_for, wait_ms, keys, padding, retry, timeout_ms, habits }
    }
}
