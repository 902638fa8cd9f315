//! Turns the lessons' texts, `lessons/*.md`, into HTML: the page ships no Markdown parser.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use pulldown_cmark::{Options, Parser, html};

/// Headings of a lesson's text, in their order.
const PARTS: [&str; 3] = ["## The setup\n", "## What to watch\n", "## Why it is so\n"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=lessons");
    // So that the page's data can be cut in two as its functions are (crates/split).
    if env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
        // Constants stand behind the stack. 0x110000, one more than the last character, is in the code for `None`, and would look
        // like the address of one.
        println!("cargo::rustc-link-arg-bins=-zstack-size=0x120000");
    }
    let mut names: Vec<String> = fs::read_dir("lessons")?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort_unstable();
    let mut code = "/// Every lesson's text: its name, the setup, what to watch, why.\npub(crate) static TEXTS: &[Text] = &[\n".to_owned();
    for name in names.iter().filter(|name| name.as_bytes().first().is_some_and(u8::is_ascii_digit)) {
        let text = fs::read_to_string(Path::new("lessons").join(name))?;
        let [setup, watch, why] =
            parts(&text).ok_or_else(|| format!("lessons/{name} lacks one of {PARTS:?}"))?.map(html_of);
        let slug = name
            .trim_end_matches(".md")
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches('-');
        writeln!(code, "    Text {{ slug: {slug:?}, setup: {setup:?}, watch: {watch:?}, why: {why:?} }},")?;
    }
    let real = html_of(&fs::read_to_string("lessons/real.md")?);
    writeln!(
        code,
        "];\n/// What is real here, and what is simplified.\npub(crate) static REAL: &str = {real:?};"
    )?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("lessons.rs"), code)?;
    Ok(())
}

/// What stands under each heading.
fn parts(text: &str) -> Option<[&str; 3]> {
    let [first, second, third] = PARTS;
    let (_, rest) = text.split_once(first)?;
    let (setup, rest) = rest.split_once(second)?;
    let (watch, why) = rest.split_once(third)?;
    Some([setup, watch, why])
}

fn html_of(markdown: &str) -> String {
    let mut out = String::new();
    html::push_html(&mut out, Parser::new_ext(markdown.trim(), Options::ENABLE_TABLES));
    // A wide table scrolls by itself instead of widening the page.
    out.replace("<table>", "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"table\"><table>")
        .replace("</table>", "</table></div>")
        .trim()
        .to_owned()
}
