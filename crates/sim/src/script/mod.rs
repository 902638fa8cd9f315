//! Scenarios as text, in the style of etcd-raft's interaction tests: commands, `----`, the lines that they answer, and
//! comments that tell the story. The same files run in `cargo test`, in the browser and from the page.

mod describe;
mod library;
mod parse;
mod runner;

pub use describe::event as describe_event;
pub use library::SCRIPTS;
pub use parse::{Block, ScriptError, parse};
pub use runner::Runner;

/// Runs a script and returns it with the answers as they are now.
///
/// # Errors
/// A line that cannot be understood.
pub fn run(text: &str) -> Result<String, ScriptError> {
    let mut runner = Runner::default();
    let mut out = String::new();
    for block in parse(text) {
        match block {
            Block::Text(line) => {
                out.push_str(&line);
                out.push('\n');
            }
            Block::Commands { line, commands, .. } => {
                let mut answer = Vec::new();
                for (n, command) in commands.iter().enumerate() {
                    out.push_str(command);
                    out.push('\n');
                    let wrong = |what| ScriptError { line: line + n, what };
                    answer.extend(runner.execute(command).map_err(wrong)?);
                }
                out.push_str("----\n");
                for line in answer {
                    out.push_str(&line);
                    out.push('\n');
                }
            }
        }
    }
    Ok(out)
}

/// Compares a script with its answered self.
///
/// # Errors
/// The first line that differs, with both versions.
pub fn compare(text: &str, answered: &str) -> Result<(), String> {
    if text == answered {
        return Ok(());
    }
    let (mut expected, mut got) = (text.lines(), answered.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (expected.next(), got.next()) {
            (None, None) => return Err("only line ends differ".to_owned()),
            (a, b) if a == b => {}
            (a, b) => {
                let show = |line: Option<&str>| line.unwrap_or("(end)").to_owned();
                return Err(format!("line {line}: expected \"{}\", got \"{}\"", show(a), show(b)));
            }
        }
    }
}
