//! Structured logs on standard error: lines for people, or JSON.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging. With `screen` the lines go above the live table.
pub(crate) fn init(level: Level, json: bool, screen: bool) {
    let builder =
        tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(Lines { screen });
    let started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_ansi(io::stderr().is_terminal()).try_init()
    };
    // Only a second call fails, and there is none.
    drop(started);
}

#[derive(Clone, Copy, Debug)]
struct Lines {
    screen: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { screen: self.screen, bytes: Vec::new() }
    }
}

/// One event's line, written as a whole when it is complete.
struct Line {
    screen: bool,
    bytes: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.screen {
            above_block(&self.bytes);
        } else {
            let _nowhere_to_complain = io::stderr().write_all(&self.bytes);
        }
    }
}

/// The live block at the terminal's lower end: its text, and how many lines it takes.
static BLOCK: Mutex<(String, usize)> = Mutex::new((String::new(), 0));

fn block() -> MutexGuard<'static, (String, usize)> {
    BLOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Moves to the block's first line and clears to the screen's end.
fn erase(lines: usize) -> String {
    if lines == 0 { String::new() } else { format!("\x1b[{lines}F\x1b[J") }
}

/// Replaces the block. Its lines must not be longer than the terminal is wide. An empty text takes it away.
pub(crate) fn draw_block(text: String) {
    let mut block = block();
    if block.0 == text {
        return;
    }
    let lines = text.lines().count();
    write(&format!("{}{text}", erase(block.1)));
    *block = (text, lines);
}

/// Prints lines above the block.
fn above_block(bytes: &[u8]) {
    let block = block();
    write(&format!("{}{}{}", erase(block.1), String::from_utf8_lossy(bytes), block.0));
}

fn write(text: &str) {
    let mut out = io::stdout().lock();
    // A terminal that is gone ends the program by SIGHUP.
    let _gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
