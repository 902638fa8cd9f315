use crate::command::{Ctx, error};
use crate::keyspace::{At, View};
use crate::resp::{Args, parse_i64, reply};

/// Longest string that Redis keeps in its object's own allocation, in bytes.
const EMBEDDED_MAX: usize = 44;

const HELP: &[&str] = &[
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "FREQ <key>",
    "    Return the access frequency index of the <key>. The returned integer is",
    "    proportional to the logarithm of the recent access frequency of the key.",
    "IDLETIME <key>",
    "    Return the idle time of the <key>, that is the approximated number of",
    "    seconds elapsed since the last access to the key.",
    "REFCOUNT <key>",
    "    Return the number of references of the value associated with the specified",
    "    <key>.",
    "HELP",
    "    Prints this help.",
];

const NO_LFU: &str = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
    switching between policies at runtime LRU and LFU data will take some time to adjust.";

pub(super) fn object(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let (name, answer): (&str, fn(&mut Ctx<'_>, At)) = match &*args.get(1).to_ascii_lowercase() {
        b"encoding" => {
            ("object|encoding", |ctx, at| reply::bulk(ctx.out, encoding(ctx.db.view(at)).as_bytes()))
        }
        b"freq" => ("object|freq", |ctx, _| ctx.error(NO_LFU)),
        b"idletime" => ("object|idletime", idletime),
        b"refcount" => ("object|refcount", |ctx, _| reply::integer(ctx.out, 1)),
        b"help" if args.len() == 2 => {
            reply::array(ctx.out, HELP.len());
            return HELP.iter().for_each(|line| reply::simple(ctx.out, line));
        }
        b"help" => return error::wrong_arity_of(ctx.out, "object|help"),
        _ => return error::unknown_subcommand(ctx.out, "object", args.get(1)),
    };
    if args.len() != 3 {
        return error::wrong_arity_of(ctx.out, name);
    }
    match ctx.peek(args.get(2)) {
        Some(at) => answer(ctx, at),
        None => reply::nil(ctx.out),
    }
}

fn idletime(ctx: &mut Ctx<'_>, at: At) {
    let idle = ctx.seconds().saturating_sub(ctx.db.accessed(at));
    reply::integer(ctx.out, i64::from(idle));
}

fn encoding(view: View<'_>) -> &'static str {
    match view {
        View::Text(text) if parse_i64(text).is_some() => "int",
        View::Text(text) if text.len() <= EMBEDDED_MAX => "embstr",
        View::Text(_) => "raw",
        View::List(_) => "quicklist",
        View::Hash(hash) => hash.encoding(),
        View::Set(set) => set.encoding(),
    }
}
