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
    Own { cache: Caching, read_back: Option<ReadBack> },
}

impl From<Spec> for ClientSpec {
    fn from(s: Spec) -> Self {
        let (cache, read_back) = match s.habits {
            Habits::Forever => (Caching::Forever, None),
            Habits::Honours => (Caching::Honours, None),
            Habits::Own { cache, read_back } => (cache, read_back),
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
        }
    }
}

impl From<ClientSpec> for Spec {
    fn from(c: ClientSpec) -> Self {
        let habits = match (c.cache, c.read_back) {
            (Caching::Forever, None) => Habits::Forever,
            (Caching::Honours, None) => Habits::Honours,
            (cache, read_back) => Habits::Own { cache, read_back },
        };
        let ClientSpec {
            via, zone, think_us, mix, wait_for, wait_ms, keys, padding, retry, timeout_ms, ..
        } = c;
        Self { via, zone, think_us, mix, wait_for, wait_ms, keys, padding, retry, timeout_ms, habits }
    }
}
