//! The parameters of a request, taken one by one, so that those left over are unknown.

use std::collections::BTreeMap;

use super::error::{ApiError, repeat};
use crate::suggest::nearest;
use crate::time::parse_iso;

/// Bytes of a request's body or query string.
pub const MAX_BODY: usize = 65_536;
/// Parameters of a request.
pub const MAX_PARAMETERS: usize = 500;

/// Parameters of a signature in the query string; any credentials will do here.
const SIGNATURE: &[&str] = &[
    "AWSAccessKeyId",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
];

pub(super) struct Form {
    given: BTreeMap<String, String>,
    /// Names asked for, to suggest one of them.
    asked: Vec<&'static str>,
}

impl Form {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let malformed = |message: String| Err(ApiError::new("MalformedQueryString", message));
        if body.len() > MAX_BODY {
            return malformed(format!("The request has more than {MAX_BODY} bytes."));
        }
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for (number, (name, value)) in form_urlencoded::parse(body.trim_ascii()).enumerate() {
            if number >= MAX_PARAMETERS {
                return malformed(format!("The request has more than {MAX_PARAMETERS} parameters."));
            }
            if name.starts_with("X-Amz-") || SIGNATURE.contains(&name.as_ref()) {
                continue;
            }
            if let Some((name, _)) = given.get_key_value(&*name) {
                return malformed(format!("The parameter {} is given twice.", repeat(name)));
            }
            given.insert(name.into_owned(), value.into_owned());
        }
        Ok(Self { given, asked: Vec::new() })
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.asked.push(name);
        self.given.remove(name)
    }

    pub(super) fn required(&mut self, name: &'static str) -> Result<String, ApiError> {
        let missing =
            || ApiError::new("MissingParameter", format!("The request must contain the parameter {name}"));
        self.text(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// A whole number that is not negative.
    pub(super) fn whole(&mut self, name: &'static str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong = || {
            ApiError::invalid_value(format!(
                "Invalid value {} for {name}. Must be a whole number",
                repeat(&text)
            ))
        };
        text.parse().map(Some).map_err(|_| wrong())
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, ApiError> {
        match self.text(name).map(|text| text.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let other = repeat(other);
                Err(ApiError::invalid_value(format!(
                    "Invalid value {other} for {name}. Must be true or false"
                )))
            }
        }
    }

    /// Milliseconds since 1970.
    pub(super) fn time(&mut self, name: &'static str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong = || {
            let text = repeat(&text);
            ApiError::invalid_value(format!(
                "Invalid value {text} for {name}. Must be like 2026-01-02T03:04:05Z"
            ))
        };
        parse_iso(&text).map(Some).ok_or_else(wrong)
    }

    /// A list: `Name.AnyWord.1` or `Name.1`, in the order of the numbers, gaps allowed; clients differ in the word.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<String> {
        self.asked.push(name);
        let number = |key: &str| -> Option<u32> {
            let rest = key.strip_prefix(name)?.strip_prefix('.')?;
            rest.rsplit_once('.').map_or(rest, |(_, number)| number).parse().ok()
        };
        let mut keys: Vec<(u32, String)> =
            self.given.keys().filter_map(|key| Some((number(key)?, key.clone()))).collect();
        // A hostile body holds tens of thousands of them.
        keys.sort();
        // An empty list is sent as an empty text under the bare name.
        if self.given.get(name).is_some_and(String::is_empty) {
            self.given.remove(name);
        }
        keys.into_iter().filter_map(|(_, key)| self.given.remove(&key)).collect()
    }

    /// The first parameter that begins with one of these names, of which AWS knows more than Primacy.
    pub(super) fn take_any(&self, names: &[&'static str]) -> Option<&'static str> {
        let base = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
        self.given.keys().find_map(|key| names.iter().copied().find(|name| *name == base(key)))
    }

    /// Everything must have been asked for.
    pub(super) fn finish(self, action: &str) -> Result<(), ApiError> {
        let Some(left) = self.given.keys().next() else {
            return Ok(());
        };
        let guess = nearest(left, self.asked.iter().copied())
            .map(|near| format!(" Did you mean {near}?"))
            .unwrap_or_default();
        let message = format!("Unknown parameter {} for {action}.{guess}", repeat(left));
        Err(ApiError::new("InvalidQueryParameter", message))
    }
}
