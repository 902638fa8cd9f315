//! The page's module in two parts: what a first look needs, and the rest, which the page fetches behind it (`crates/split`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::context::{Context, Fingerprint};
use crate::fail::{Doing, Outcome, failed};
use crate::process;

/// The names of the functions that come later, kept by `cargo xtask profile`.
pub(crate) const LATER: &str = "web/later.txt";

/// The arms of other functions that come later, kept like these.
pub(crate) const ARMS: &str = "web/later-arms.txt";

/// The module as the linker wrote it, which says what is a constant and who mentions it.
const LINKED: &str = "target/wasm/wasm32-unknown-unknown/wasm-release/primacy-web.wasm";

/// The module as it was before it was cut, with its names.
pub(crate) fn whole(context: &Context) -> PathBuf {
    context.root.join("target/page-whole.wasm")
}

/// Cuts the module of the built page. Each part is named by what is in both, so that no cache can ever mix two builds.
pub(crate) fn cut(context: &Context) -> Outcome<()> {
    let page = context.page();
    let built = module_of(&page)?;
    let bytes = std::fs::read(&built).doing(|| format!("read {}", built.display()))?;
    let cannot = |why: Box<dyn std::error::Error>| failed(format!("the module cannot be cut: {why}"));
    let primacy_split::Shortened { module: bytes, names } = primacy_split::shorten(&bytes).map_err(cannot)?;
    rename(&glue_of(&built), &names)?;
    std::fs::write(whole(context), &bytes).doing(|| format!("write {}", whole(context).display()))?;
    let list = |name: &str| std::fs::read_to_string(context.root.join(name)).doing(|| format!("read {name}"));
    let linked = context.root.join(LINKED);
    let linked = std::fs::read(&linked).doing(|| format!("read {}", linked.display()))?;
    let cut = primacy_split::cut(&bytes, Some(&linked), &list(LATER)?, &list(ARMS)?).map_err(cannot)?;
    println!("Page: {}", cut.told);
    let mut mark = Fingerprint::new();
    mark.add(&cut.first);
    mark.add(&cut.rest);
    let (first, rest) =
        (format!("primacy-{}_bg.wasm", mark.hex()), format!("primacy-{}_rest.wasm", mark.hex()));
    for (name, part) in [(&first, &cut.first), (&rest, &cut.rest)] {
        std::fs::write(page.join(name), part).doing(|| format!("write {name}"))?;
    }
    std::fs::remove_file(&built).doing(|| format!("remove {}", built.display()))?;
    let old = built.file_name().unwrap_or_default().to_string_lossy().into_owned();
    tell(&page.join("index.html"), &old, &first, &rest)?;
    let mut list = context.command("sh");
    list.arg("web/pwa/list.sh").arg(&page);
    match process::stream(&mut list, Duration::from_secs(60))?.ok {
        true => Ok(()),
        false => Err(failed("the list of the page's files could not be written")),
    }
}

/// The page's module as Trunk has left it.
fn module_of(page: &Path) -> Outcome<PathBuf> {
    let entries = std::fs::read_dir(page).doing(|| format!("read {}", page.display()))?;
    let module = |path: &PathBuf| path.to_string_lossy().ends_with("_bg.wasm");
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(module)
        .ok_or_else(|| failed("Trunk has built no module"))
}

/// The script through which the module and the browser talk.
fn glue_of(module: &Path) -> PathBuf {
    PathBuf::from(module.to_string_lossy().replace("_bg.wasm", ".js"))
}

/// Renames in the glue what has been renamed in the module.
fn rename(glue: &Path, names: &[(String, String)]) -> Outcome<()> {
    let mut script = std::fs::read_to_string(glue).doing(|| format!("read {}", glue.display()))?;
    for (old, new) in names {
        if script.matches(old).count() != 1 {
            return Err(failed(format!("{} does not have {old} once", glue.display())));
        }
        script = script.replace(old, new);
    }
    std::fs::write(glue, script).doing(|| format!("write {}", glue.display()))
}

/// Writes the parts' names into the page.
fn tell(index: &Path, old: &str, first: &str, rest: &str) -> Outcome<()> {
    let html = std::fs::read_to_string(index).doing(|| format!("read {}", index.display()))?;
    let named = html.replace(old, first);
    let Some((head, body)) = named.split_once("</head>").filter(|_| named != html) else {
        return Err(failed(format!("{} does not name {old}", index.display())));
    };
    let html = format!("{head}<meta name=\"rest\" content=\"{rest}\" /></head>{body}");
    std::fs::write(index, html).doing(|| format!("write {}", index.display()))
}
