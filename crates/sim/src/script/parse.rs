//! The shape of a script.

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A comment or an empty line, as it stands.
    Text(String),
    /// Commands and the answer that is expected.
    Commands {
        /// Line of the first command, from 1.
        line: usize,
        /// One command a line.
        commands: Vec<String>,
        /// Expected lines.
        expected: Vec<String>,
    },
}

/// A command that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for ScriptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ScriptError {}

/// Cuts a script into its parts. Commands end at `----`; their answer ends at an empty line.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        if line.trim().is_empty() || line.starts_with('#') {
            blocks.push(Block::Text(line.to_owned()));
            continue;
        }
        let (mut commands, mut expected) = (vec![line.to_owned()], Vec::new());
        let ends = |line: &str| line.trim().is_empty() || line.starts_with('#');
        while let Some((_, next)) = lines.next_if(|(_, next)| !ends(next)) {
            if next == "----" {
                while let Some((_, answer)) = lines.next_if(|(_, answer)| !answer.trim().is_empty()) {
                    expected.push(answer.to_owned());
                }
                break;
            }
            commands.push(next.to_owned());
        }
        blocks.push(Block::Commands { line: number + 1, commands, expected });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_answers_and_comments_are_told_apart() {
        let blocks = parse("# story\n\ngroup\nrun 1s\n----\nok\nok\n\nstatus\n----\n");
        assert_eq!(blocks.len(), 5);
        let Block::Commands { line, commands, expected } = &blocks[2] else { panic!("{blocks:?}") };
        assert_eq!((*line, commands.len(), expected.len()), (3, 2, 2));
    }
}
