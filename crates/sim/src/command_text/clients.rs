//! Applications as words: `via=configuration every=100ms does=set+get retry=jitter`.

use super::units::{
    duration, micros, millis, number, show_micros, show_millis, show_via, show_zone, via, zone,
};
use crate::command::Setting;
use crate::scenario::{Caching, ClientSpec, Mix, ReadBack, Retry, Via};

/// First and longest wait of a back-off whose words name none, in milliseconds.
const BACKOFF_MS: (u16, u16) = (50, 1000);
/// Wait of `retry=fixed` without a time, in milliseconds.
const FIXED_MS: u16 = 100;

/// The application that `client` without a word adds.
pub fn plain() -> ClientSpec {
    ClientSpec {
        via: Via::Configuration,
        think_us: 50_000,
        retry: Retry::Backoff { base_ms: 20, max_ms: 500, jitter: true },
        timeout_ms: 500,
        ..ClientSpec::default()
    }
}

/// Reads `name=value` words.
pub(super) fn settings(words: &[&str]) -> Result<Vec<Setting>, String> {
    words.iter().map(|word| setting(word)).collect()
}

/// The words that make `spec` out of [`plain`].
pub(super) fn show_spec(spec: &ClientSpec) -> String {
    let plain = plain();
    let all = |spec: &ClientSpec| {
        [
            Setting::Via(spec.via),
            Setting::Zone(spec.zone),
            Setting::Every(spec.think_us),
            Setting::Does(spec.mix),
            Setting::WaitFor(spec.wait_for),
            Setting::WaitTime(spec.wait_ms),
            Setting::Keys(spec.keys),
            Setting::Padding(spec.padding),
            Setting::Retry(spec.retry),
            Setting::Timeout(spec.timeout_ms),
            Setting::Cache(spec.cache),
            Setting::ReadBack(spec.read_back),
            Setting::Starts(spec.starts_ms),
            Setting::Hot(spec.hot),
        ]
    };
    let differ = all(spec).into_iter().zip(all(&plain)).filter(|(a, b)| a != b);
    differ.map(|(setting, _)| format!(" {}", show(&setting))).collect()
}

/// One setting's word.
pub(super) fn show(setting: &Setting) -> String {
    match setting {
        Setting::Via(way) => format!("via={}", show_via(*way)),
        Setting::Zone(index) => format!("zone={}", show_zone(*index)),
        Setting::Every(us) => format!("every={}", show_micros(*us)),
        Setting::Does(mix) => format!("does={}", show_mix(*mix)),
        Setting::WaitFor(n) => format!("wait-for={n}"),
        Setting::WaitTime(ms) => format!("wait-time={}", show_millis(u32::from(*ms))),
        Setting::Keys(n) => format!("keys={n}"),
        Setting::Padding(n) => format!("padding={n}"),
        Setting::Retry(retry) => format!("retry={}", show_retry(*retry)),
        Setting::Timeout(ms) => format!("timeout={}", show_millis(u32::from(*ms))),
        Setting::Cache(cache) => format!("ttl={}", show_caching(*cache)),
        Setting::Starts(ms) => format!("start-after={}", show_millis(*ms)),
        Setting::Hot(percent) => format!("hot={percent}%"),
        Setting::ReadBack(None) => "read-back=off".to_owned(),
        Setting::ReadBack(Some(back)) => {
            format!("read-back={}@{}", show_via(back.via), show_micros(back.after_us))
        }
    }
}

fn setting(word: &str) -> Result<Setting, String> {
    let (name, value) = word.split_once('=').ok_or_else(|| format!("{word} is no name=value"))?;
    Ok(match name {
        "via" => Setting::Via(via(value)?),
        "zone" => Setting::Zone(zone(value)?),
        "every" => Setting::Every(micros(value)?),
        "does" => Setting::Does(mix(value)?),
        "wait-for" => Setting::WaitFor(number(value, "number of replicas")?),
        "wait-time" => Setting::WaitTime(millis(value)?),
        "keys" => match number(value, "number of keys, 1 to 255")? {
            0 => return Err("an application uses at least one key".to_owned()),
            keys => Setting::Keys(keys),
        },
        "padding" => Setting::Padding(number(value, "number of bytes")?),
        "retry" => Setting::Retry(retry(value)?),
        "timeout" => Setting::Timeout(millis(value)?),
        "ttl" => Setting::Cache(caching(value)?),
        "read-back" => Setting::ReadBack(read_back(value)?),
        "hot" => match number(value.trim_end_matches('%'), "percentage")? {
            percent @ 0..=100 => Setting::Hot(percent),
            _ => return Err("at most 100% of the operations can use one key".to_owned()),
        },
        "start-after" => Setting::Starts(millis(value)?),
        _ => return Err(format!("an application has no {name}")),
    })
}

const OPERATIONS: [&str; 7] = ["set", "get", "incr", "wait", "multi", "token", "expire"];

fn mix(text: &str) -> Result<Mix, String> {
    let mut weights = [0u8; 7];
    for part in text.split('+') {
        let (name, weight) = part.split_once('*').unwrap_or((part, "1"));
        let at = OPERATIONS.iter().position(|operation| *operation == name);
        let at = at.ok_or_else(|| format!("{name} is none of {}", OPERATIONS.join(", ")))?;
        weights[at] = number(weight, "weight, 1 to 255")?;
    }
    if weights == [0; 7] {
        return Err("an application does at least one thing".to_owned());
    }
    let [set, get, incr, wait, multi, token, expire] = weights;
    Ok(Mix { set, get, incr, wait, multi, token, expire })
}

/// The operations with their weights, as in `set*3+get`.
pub fn show_mix(mix: Mix) -> String {
    let weights = [mix.set, mix.get, mix.incr, mix.wait, mix.multi, mix.token, mix.expire];
    let done = OPERATIONS.iter().zip(weights).filter(|(_, weight)| *weight > 0);
    let part = |(name, weight): (&&str, u8)| match weight {
        1 => (*name).to_owned(),
        _ => format!("{name}*{weight}"),
    };
    let text = done.map(part).collect::<Vec<_>>().join("+");
    // Nothing at all cannot be said in weights; a mix of zeros reads, which is what the world makes of it.
    if text.is_empty() { "get".to_owned() } else { text }
}

fn retry(text: &str) -> Result<Retry, String> {
    let (name, times) = text.split_once(':').unwrap_or((text, ""));
    let backoff = |jitter| {
        let (base_ms, max_ms) = match times.split_once("..") {
            None if times.is_empty() => BACKOFF_MS,
            Some((base, max)) => (millis(base)?, millis(max)?),
            None => return Err(format!("retry={name}: write {name}:50ms..1s")),
        };
        Ok(Retry::Backoff { base_ms, max_ms, jitter })
    };
    match name {
        "none" => Ok(Retry::None),
        "immediate" => Ok(Retry::Immediate),
        "fixed" if times.is_empty() => Ok(Retry::Fixed(FIXED_MS)),
        "fixed" => millis(times).map(Retry::Fixed),
        "backoff" => backoff(false),
        "jitter" => backoff(true),
        _ => Err(format!(
            "retry={text}: write none, immediate, fixed:100ms, backoff:50ms..1s or jitter:50ms..1s"
        )),
    }
}

pub(super) fn show_retry(retry: Retry) -> String {
    let ms = |ms: u16| show_millis(u32::from(ms));
    match retry {
        Retry::None => "none".to_owned(),
        Retry::Immediate => "immediate".to_owned(),
        Retry::Fixed(wait) => format!("fixed:{}", ms(wait)),
        Retry::Backoff { base_ms, max_ms, jitter } => {
            format!("{}:{}..{}", if jitter { "jitter" } else { "backoff" }, ms(base_ms), ms(max_ms))
        }
    }
}

fn caching(text: &str) -> Result<Caching, String> {
    Ok(match text {
        "honours" | "on" => Caching::Honours,
        "forever" | "off" => Caching::Forever,
        "never" => Caching::Never,
        time => Caching::Fixed { ms: u32::try_from(duration(time)? / 1_000_000).map_err(|_| "too long")? },
    })
}

fn show_caching(cache: Caching) -> String {
    match cache {
        Caching::Honours => "honours".to_owned(),
        Caching::Forever => "forever".to_owned(),
        Caching::Never => "never".to_owned(),
        Caching::Fixed { ms } => show_millis(ms),
    }
}

fn read_back(text: &str) -> Result<Option<ReadBack>, String> {
    if text == "off" {
        return Ok(None);
    }
    let (way, after) = text.split_once('@').unwrap_or((text, "0ms"));
    Ok(Some(ReadBack { via: via(way)?, after_us: micros(after)? }))
}
