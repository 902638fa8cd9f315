//! `aws elasticache …`: the words of the command line as a request of the Query API.

use form_urlencoded::Serializer;

use super::{Form, refused};
use crate::api::{ApiRequest, NOT_YET, SERVED, VERSION, parse};

/// Options of every `aws` command that change nothing here, with a value.
const GLOBAL: &[&str] = &["--endpoint-url", "--region", "--profile", "--color"];
/// The same without a value.
const GLOBAL_FLAGS: &[&str] = &["--no-cli-pager", "--no-paginate", "--no-sign-request", "--no-verify-ssl"];

/// Reads what follows `aws`.
pub(super) fn read(words: &[String]) -> Result<(ApiRequest, Form), String> {
    let (words, form) = without_globals(words)?;
    let Some((service, rest)) = words.split_first() else {
        return Err("usage: aws elasticache <operation> [options]".into());
    };
    if *service != "elasticache" {
        return Err(format!("aws: error: only the service elasticache is here, not {service}"));
    }
    let (operation, options) = rest.split_first().map_or(("help", &[][..]), |(first, rest)| (*first, rest));
    let action = pascal(operation);
    if operation == "help" || !(SERVED.contains(&action.as_str()) || NOT_YET.contains(&action.as_str())) {
        return Err(choices(operation));
    }
    let body = body(&action, options)?;
    let request = parse(body.as_bytes()).map_err(|error| refused(&action, &error))?;
    Ok((request, form))
}

fn without_globals(words: &[String]) -> Result<(Vec<&str>, Form), String> {
    let (mut kept, mut form, mut words) = (Vec::new(), Form::Json, words.iter().map(String::as_str));
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        if name == "--output" || GLOBAL.contains(&name) {
            let missing = || format!("aws: error: argument {name}: expected one argument");
            let value = value.or_else(|| words.next()).ok_or_else(missing)?;
            if name == "--output" {
                form = output(value)?;
            }
        } else if name == "--query" {
            return Err("aws: error: argument --query: not available here".into());
        } else if !GLOBAL_FLAGS.contains(&word) {
            kept.push(word);
        }
    }
    Ok((kept, form))
}

fn output(form: &str) -> Result<Form, String> {
    match form {
        "json" => Ok(Form::Json),
        "text" => Ok(Form::Text),
        other => {
            Err(format!("aws: error: argument --output: {other} is not available here, only json and text"))
        }
    }
}

fn choices(operation: &str) -> String {
    let known: Vec<String> = SERVED.iter().map(|action| kebab(action)).collect();
    let known = known.join("\n  ");
    if operation == "help" {
        return format!("aws elasticache has these operations here:\n  {known}");
    }
    format!("aws: error: argument operation: Invalid choice {operation}, valid choices are:\n  {known}")
}

/// `--name value …` as a form. A name without a value is a flag; `--no-name` is its opposite.
fn body(action: &str, options: &[&str]) -> Result<String, String> {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", VERSION);
    let mut rest = options;
    while let [first, tail @ ..] = rest {
        let Some(option) = first.strip_prefix("--") else {
            return Err(format!("aws: error: Unknown options: {first}"));
        };
        let count = tail.iter().take_while(|word| !word.starts_with("--")).count();
        let (given, after) = tail.split_at(count);
        rest = after;
        let (option, given) = match option.split_once('=') {
            Some((option, value)) => (option, vec![value]),
            None => (option, given.to_vec()),
        };
        match given.as_slice() {
            [] if is_flag(option) => match option.strip_prefix("no-") {
                Some(opposite) => form.append_pair(&pascal(opposite), "false"),
                None => form.append_pair(&pascal(option), "true"),
            },
            [] => return Err(format!("aws: error: argument --{option}: expected one argument")),
            values if LISTS.contains(&option) => {
                for (value, number) in values.iter().zip(1..) {
                    form.append_pair(&format!("{}.{number}", pascal(option)), value);
                }
                &mut form
            }
            [value] => form.append_pair(&pascal(option), value),
            [_, extra, ..] => return Err(format!("aws: error: Unknown options: {extra}")),
        };
    }
    Ok(form.finish())
}

/// Options that take several values.
const LISTS: &[&str] = &["cache-node-ids-to-reboot", "replicas-to-remove"];

fn is_flag(option: &str) -> bool {
    const FLAGS: &[&str] = &[
        "show-cache-node-info",
        "show-cache-clusters-not-in-replication-groups",
        "automatic-failover-enabled",
        "multi-az-enabled",
        "apply-immediately",
    ];
    FLAGS.contains(&option.strip_prefix("no-").unwrap_or(option))
}

/// `multi-az-enabled` → `MultiAZEnabled`.
fn pascal(kebab: &str) -> String {
    let part = |part: &str| match part {
        "az" => "AZ".to_owned(),
        part => {
            let mut chars = part.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
        }
    };
    kebab.split('-').map(part).collect()
}

/// `TestFailover` → `test-failover`.
fn kebab(action: &str) -> String {
    let mut out = String::new();
    for c in action.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
