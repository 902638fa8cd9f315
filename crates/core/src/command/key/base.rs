use crate::command::Ctx;
use crate::resp::{Args, reply};

pub(super) fn del(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let mut deleted = 0;
    for key in args.from(1) {
        if let Some(at) = ctx.peek(key) {
            ctx.db.remove(at);
            deleted += 1;
        }
    }
    if deleted > 0 {
        ctx.effect.changed();
    }
    reply::integer(ctx.out, deleted);
}

pub(super) fn exists(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let found = args.from(1).filter(|key| ctx.find(key).is_some()).count();
    reply::count(ctx.out, found);
}

pub(super) fn type_of(ctx: &mut Ctx<'_>, args: &Args<'_>) {
    let name = ctx.peek(args.get(1)).map_or("none", |at| ctx.db.kind(at).name());
    reply::simple(ctx.out, name);
}
