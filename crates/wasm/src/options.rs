//! What JavaScript hands in, checked.

use primacy_sim::scenario::{Profile, Scenario};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

/// The largest whole number that JavaScript counts without gaps.
const MOST: f64 = 9_007_199_254_740_991.0;

/// What a group may be created with.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    seed: f64,
    replicas: u8,
    zones: u8,
    automatic_failover: bool,
    profile: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1.0, replicas: 2, zones: 3, automatic_failover: true, profile: "lan".into() }
    }
}

/// The scenario that `GroupOptions` describe.
pub(crate) fn scenario(options: JsValue) -> Result<Scenario, JsError> {
    let options: Options = read(options, &["seed", "replicas", "zones", "automaticFailover", "profile"])?;
    let timing = match options.profile.as_str() {
        "lan" => Profile::Lan,
        "demo" => Profile::Demo,
        "aws" => Profile::Aws,
        other => return Err(JsError::new(&format!("profile {other:?}: lan, demo or aws"))),
    };
    let scenario = Scenario {
        seed: whole(options.seed, "seed")?,
        replicas: options.replicas,
        zones: options.zones,
        automatic_failover: options.automatic_failover,
        timing,
        ..Scenario::default()
    };
    scenario.check().map_err(JsError::new)?;
    Ok(scenario)
}

/// Options with these names, all of them optional. A name that is not among them is a mistake, which serde does not see here.
pub(crate) fn read<T: DeserializeOwned + Default>(options: JsValue, names: &[&str]) -> Result<T, JsError> {
    if options.is_undefined() {
        return Ok(T::default());
    }
    let Some(object) = options.dyn_ref::<js_sys::Object>() else {
        return Err(JsError::new("options are an object"));
    };
    for name in js_sys::Object::keys(object).iter().filter_map(|name| name.as_string()) {
        if !names.contains(&name.as_str()) {
            return Err(JsError::new(&format!("there is no option {name}; there are {}", names.join(", "))));
        }
    }
    serde_wasm_bindgen::from_value(options).map_err(|e| JsError::new(&e.to_string()))
}

/// A number of JavaScript's as the whole number that it has to be.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its range is checked")]
pub(crate) fn whole(number: f64, name: &str) -> Result<u64, JsError> {
    if number.fract() == 0.0 && (0.0..=MOST).contains(&number) {
        return Ok(number as u64);
    }
    Err(JsError::new(&format!("{name} is a whole number from 0 to 2^53 - 1, not {number}")))
}

/// Milliseconds of JavaScript's in nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its range is checked")]
pub(crate) fn nanos(ms: f64) -> Result<u64, JsError> {
    if (0.0..=MOST / super::MS).contains(&ms) {
        return Ok((ms * super::MS).round() as u64);
    }
    Err(JsError::new(&format!("a time is 0 to 9,007,199,254 ms, not {ms}")))
}
