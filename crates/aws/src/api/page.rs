//! Long lists in pages.

use super::error::ApiError;
use super::form::Form;
use super::xml::Xml;

/// Least `MaxRecords`.
pub const MIN_RECORDS: u64 = 20;
/// Most `MaxRecords`, and the default.
pub const MAX_RECORDS: u64 = 100;

/// `MaxRecords` and `Marker`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `MaxRecords`; `None`: 100.
    pub records: Option<u64>,
    /// The key of the last item of the page before, out of the `Marker`.
    pub after: Option<String>,
}

impl Page {
    pub(super) fn read(form: &mut Form) -> Result<Self, ApiError> {
        let records = form.whole("MaxRecords")?;
        if let Some(n) = records.filter(|n| !(MIN_RECORDS..=MAX_RECORDS).contains(n)) {
            let message =
                format!("Invalid value {n} for MaxRecords. Must be between {MIN_RECORDS} and {MAX_RECORDS}");
            return Err(ApiError::invalid_value(message));
        }
        let after = match form.text("Marker").filter(|marker| !marker.is_empty()) {
            None => None,
            Some(marker) => {
                Some(decode(&marker).ok_or_else(|| ApiError::invalid_value("Invalid value for Marker."))?)
            }
        };
        Ok(Self { records, after })
    }

    /// The items of this page, in the order of their keys, and the marker of the next one, already written to `xml`.
    /// Keys stay valid while items come and go between two pages.
    pub(super) fn cut<T>(&self, mut items: Vec<(String, T)>, xml: &mut Xml) -> Vec<T> {
        items.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(after) = &self.after {
            items.retain(|(key, _)| key > after);
        }
        let most = usize::try_from(self.records.unwrap_or(MAX_RECORDS)).unwrap_or(usize::MAX);
        if items.len() > most {
            items.truncate(most);
            if let Some((key, _)) = items.last() {
                xml.leaf("Marker", &encode(key));
            }
        }
        items.into_iter().map(|(_, item)| item).collect()
    }
}

/// Hexadecimal, so that nobody takes a marker apart.
fn encode(key: &str) -> String {
    key.bytes().map(|b| format!("{b:02x}")).collect()
}

fn decode(marker: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        marker.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    String::from_utf8(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()).ok()
}
