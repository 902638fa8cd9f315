//! What a person types at a terminal: a RESP command, `aws elasticache …` or `dig NAME`. The simulated and the real group
//! answer it with the same words, because the words are made here.

mod aws;
mod dig;
mod json;
mod text;

use primacy_core::resp::words;

use crate::api::{ApiError, ApiRequest, Response};

pub use dig::{Question, answer as dig};

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `--output json`, which is what `aws` does when nobody says otherwise.
    #[default]
    Json,
    /// `--output text`.
    Text,
}

/// A line that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Only space.
    Nothing,
    /// A command for a node.
    Resp(Vec<Vec<u8>>),
    /// A request to the API: for [`crate::api::respond`], then [`print`] in the form that the line asks for.
    Api(ApiRequest, Form),
    /// A question to the name server: for [`dig`].
    Dig(Question),
}

/// Reads a line.
///
/// # Errors
/// What `redis-cli`, `aws` or `dig` would say instead of asking.
pub fn read(line: &str) -> Result<Typed, String> {
    let shell = as_shell(line);
    let words = words(shell.as_deref().unwrap_or(line).as_bytes()).ok_or("Invalid argument(s)")?;
    let text = |words: &[Vec<u8>]| -> Vec<String> {
        words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
    };
    match words.split_first() {
        None => Ok(Typed::Nothing),
        Some((first, rest)) if first == b"aws" => {
            aws::read(&text(rest)).map(|(request, form)| Typed::Api(request, form))
        }
        Some((first, rest)) if first == b"dig" => dig::read(&text(rest)).map(Typed::Dig),
        Some(_) => Ok(Typed::Resp(words)),
    }
}

/// A line for `aws` or `dig` as a shell reads it: comments are left out, and a backslash at a line's end goes on in the next
/// line, so that what a manual shows can be pasted whole. `None` for any other line: `#` may be a key.
pub fn as_shell(line: &str) -> Option<String> {
    let mut code = String::new();
    for line in line.lines() {
        let line = without_comment(line);
        code.push_str(line.trim_end().strip_suffix('\\').unwrap_or(line));
        code.push(' ');
    }
    let first = code.split_whitespace().next()?;
    matches!(first, "aws" | "dig").then(|| code.trim().to_owned())
}

/// A comment begins with a `#` that begins a word outside quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return &line[..at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    line
}

/// What `aws` prints for an answer; nothing for an empty one.
///
/// # Errors
/// The sentence of an answer that is an error.
pub fn print(request: &ApiRequest, response: &Response, form: Form) -> Result<String, String> {
    let tree = json::tree(&response.body).ok_or("Unable to parse response")?;
    if response.status == 200 {
        let result = tree.child(&format!("{}Result", request.action()));
        return Ok(match form {
            Form::Json => json::print(result),
            Form::Text => text::print(result),
        });
    }
    let text = |name| tree.child("Error").and_then(|e| e.child(name)).map_or("", |e| e.text.as_str());
    Err(sentence(text("Code"), request.action(), text("Message")))
}

fn sentence(code: &str, action: &str, message: &str) -> String {
    format!("An error occurred ({code}) when calling the {action} operation: {message}")
}

/// An error of the request itself, as `aws` prints it.
fn refused(action: &str, error: &ApiError) -> String {
    sentence(error.code, action, &error.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::respond;
    use crate::api::tests::view;

    fn run(line: &str) -> Result<String, String> {
        let Typed::Api(request, form) = read(line)? else { panic!("{line} is no request") };
        print(&request, &respond(&request, &[view()], 0, "id"), form)
    }

    #[test]
    fn a_line_is_a_command_a_request_or_a_question() {
        assert_eq!(read("  "), Ok(Typed::Nothing));
        assert_eq!(read(r#"set a "b c""#), Ok(Typed::Resp(vec![b"set".into(), b"a".into(), b"b c".into()])));
        assert!(matches!(read("dig primary"), Ok(Typed::Dig(_))));
        assert_eq!(read("set \"a"), Err("Invalid argument(s)".into()));
    }

    #[test]
    fn what_a_manual_shows_can_be_pasted_whole() {
        let pasted = "# Example using the AWS CLI to force a failover for testing\n\
            aws elasticache test-failover \\\n    --replication-group-id my-group \\\n    \
            --node-group-id 0001 # The ID of the shard you want to test";
        let (group, node_group) = ("my-group".to_owned(), "0001".to_owned());
        let request = ApiRequest::TestFailover { group, node_group };
        assert_eq!(read(pasted), Ok(Typed::Api(request, Form::Json)));
        let key = vec![b"GET".to_vec(), b"#1".to_vec()];
        assert_eq!(read("GET #1"), Ok(Typed::Resp(key)));
        assert_eq!(as_shell("dig 'a # b' # c").as_deref(), Some("dig 'a # b'"));
        assert_eq!(as_shell("# only words"), None);
    }

    #[test]
    fn a_description_is_printed_as_aws_prints_it() {
        let text =
            run("aws elasticache describe-replication-groups --replication-group-id my-group").unwrap();
        assert!(text.starts_with("{\n    \"ReplicationGroups\": [\n        {\n"), "{text}");
        assert!(text.contains("\"ReplicationGroupId\": \"my-group\","), "{text}");
        assert!(text.contains("\"AutomaticFailover\": \"enabled\""), "{text}");
        assert!(text.contains("\"ClusterEnabled\": false"), "{text}");
        assert!(text.contains("\"Port\": 6379"), "{text}");
        let text = run("aws elasticache describe-replication-groups --output text").unwrap();
        assert!(text.starts_with("REPLICATIONGROUPS\t") && text.contains("\nNODEGROUPS\t0001\t"), "{text}");
        let table = run("aws elasticache describe-events --output table").unwrap_err();
        assert!(table.contains("json") && table.contains("text"), "{table}");
        let events = run("aws elasticache describe-events --duration 60").unwrap();
        assert!(events.starts_with("{\n    \"Events\": ["), "{events}");
    }

    #[test]
    fn mistakes_are_told_in_the_words_of_aws() {
        let unknown = run("aws elasticache describe-replication-groups --replication-group-id other");
        assert_eq!(
            unknown,
            Err("An error occurred (ReplicationGroupNotFoundFault) when calling the DescribeReplicationGroups operation: \
                 ReplicationGroup other not found."
                .into())
        );
        let missing = run("aws elasticache test-failover --replication-group-id my-group").unwrap_err();
        assert!(missing.contains("(MissingParameter)") && missing.contains("NodeGroupId"), "{missing}");
        assert!(run("aws s3 ls").unwrap_err().contains("elasticache"));
        assert!(run("aws elasticache dance").unwrap_err().contains("test-failover"));
        assert!(
            run("aws elasticache describe-events --duration").unwrap_err().contains("expected one argument")
        );
    }

    #[test]
    fn a_reboot_names_its_nodes_in_a_list() {
        let line = "aws elasticache reboot-cache-cluster --cache-cluster-id my-group-001 --cache-node-ids-to-reboot 0001";
        let Ok(Typed::Api(request, _)) = read(line) else { panic!("not understood") };
        let nodes = vec!["0001".to_owned()];
        assert_eq!(request, ApiRequest::RebootCacheCluster { cluster: "my-group-001".into(), nodes });
    }
}
