//! Commands as lines, replies as JavaScript's values.

use primacy_port::Answer;
use primacy_sim::reply::{self, Reply};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::rows::millis;

/// The line behind `string | readonly string[]`.
pub(crate) fn line(words: JsValue) -> Result<String, JsError> {
    if let Some(line) = words.as_string() {
        return Ok(line);
    }
    let words: Vec<String> = serde_wasm_bindgen::from_value(words)
        .map_err(|_| JsError::new("a command is a text, or a list of texts"))?;
    let quoted: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.as_bytes().escape_ascii())).collect();
    Ok(quoted.join(" "))
}

/// A value of `Value`.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Nil(Option<()>),
    List(Vec<Self>),
}

impl From<Reply> for Value {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Simple(text) | Reply::Error(text) => Self::Text(text),
            Reply::Integer(number) => Self::Number(number),
            Reply::Bulk(bytes) => Self::Text(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(other) => other.as_bytes().escape_ascii().to_string(),
            }),
            Reply::Nil => Self::Nil(None),
            Reply::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    failed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    took_ms: f64,
}

/// What came of a command; `None`: nothing within the time that a command may take.
pub(crate) fn answer(answer: Option<&Answer>, took_ns: u64) -> Row {
    let Some(answer) = answer else {
        let silence = "no reply within 20 s of virtual time".to_owned();
        return Row {
            failed: true,
            value: None,
            error: Some(silence.clone()),
            text: silence,
            node: None,
            took_ms: millis(took_ns),
        };
    };
    let node = answer.node.map(|node| primacy_core::id::NodeId(node).to_string());
    let took_ms = millis(answer.at_ns.saturating_sub(answer.asked_ns));
    let text = answer.text.clone();
    let (value, error) = match reply::parse(&answer.resp) {
        Ok(Some((Reply::Error(why), _))) => (None, Some(why)),
        Ok(Some((reply, _))) => (Some(Value::from(reply)), None),
        _ if answer.failed => (None, Some(text.clone())),
        _ => (Some(Value::Text(text.clone())), None),
    };
    Row { failed: error.is_some(), value, error, text, node, took_ms }
}
