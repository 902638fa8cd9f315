//! Lines that a person types which are not for a node: `aws elasticache …` and `dig NAME`; and help for all lines.
//!
//! The words are [`primacy_aws::console`]'s, so that a simulated and a real group answer alike.

mod complete;
mod hint;
#[cfg(test)]
mod tests;

pub use complete::{Candidate, complete, is_whole};
pub use hint::{hint, prompt};

use primacy_aws::api::{ApiError, ApiRequest, Effect, Response, respond};
use primacy_aws::console::{self, Form, Typed};
use primacy_core::group::Request;

use crate::command::Command;
use crate::fault::{Named, Operation, Who};
use crate::world::World;

/// What a line comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// It is answered, and nothing has changed.
    Said(Result<String, String>),
    /// It is an action: do [`Deed::command`], then ask for [`Deed::verdict`].
    Does(Box<Deed>),
}

/// A request that changes the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The action.
    pub command: Command,
    request: ApiRequest,
    effect: Effect,
    response: Response,
    form: Form,
}

impl Deed {
    /// What `aws` prints, right after the action was done: the group as it was before, or the coordinator's refusal.
    ///
    /// # Errors
    /// The refusal in the words of `aws`.
    pub fn verdict(&self, world: &World) -> Result<String, String> {
        match world.last_request() {
            Some(Err(error)) => {
                let refused = ApiError::refused(&self.effect, error).respond(&request_id(world));
                console::print(&self.request, &refused, self.form)
            }
            _ => console::print(&self.request, &self.response, self.form),
        }
    }
}

/// Understands a line for `aws` or `dig`, with comments and continued lines as a shell takes them; `None` for any other.
pub fn read(world: &World, line: &str) -> Option<Spoken> {
    console::as_shell(line)?;
    Some(match console::read(line) {
        Err(error) => Spoken::Said(Err(error)),
        Ok(Typed::Nothing | Typed::Resp(_)) => return None,
        Ok(Typed::Dig(question)) => Spoken::Said(dig(world, &question)),
        Ok(Typed::Api(request, form)) => ask(world, request, form),
    })
}

/// Answers a line for `aws` or `dig`, and does what it asks for at once; `None` for any other line.
pub fn answer(world: &mut World, line: &str) -> Option<Result<String, String>> {
    Some(match read(world, line)? {
        Spoken::Said(text) => text,
        Spoken::Does(deed) => {
            world.apply(deed.command.clone());
            deed.verdict(world)
        }
    })
}

fn ask(world: &World, request: ApiRequest, form: Form) -> Spoken {
    let Some(view) = world.group_view() else {
        let text = "Could not connect to the endpoint URL: the coordinator does not run";
        return Spoken::Said(Err(text.to_owned()));
    };
    let now = world.coordinator.clock.now(world.now_ns());
    let mut response = respond(&request, &[view], now.unix_ms, &request_id(world));
    match response.effect.take().and_then(|effect| Some((command(&effect.request)?, effect))) {
        Some((command, effect)) => Spoken::Does(Box::new(Deed { command, request, effect, response, form })),
        None => Spoken::Said(console::print(&request, &response, form)),
    }
}

/// The action behind a request; `None`: there is nothing to do.
fn command(request: &Request) -> Option<Command> {
    let operation = match request {
        Request::TestFailover { .. } => Operation::TestFailover,
        Request::Failover { target } => Operation::Failover(target.map(Who::Node)),
        Request::Reboot { node } => Operation::Reboot(Who::Node(*node)),
        Request::SetAutomaticFailover { enabled } => Operation::AutomaticFailover(*enabled),
        Request::IncreaseReplicas { count: Some(count) }
        | Request::DecreaseReplicas { count: Some(count), .. }
        | Request::SetReplicas { count } => Operation::Replicas(*count),
        Request::IncreaseReplicas { count: None } => Operation::AddReplica,
        Request::DecreaseReplicas { remove, .. } => match remove.as_slice() {
            [one] => Operation::RemoveReplica(Some(Who::Node(*one))),
            several => Operation::RemoveReplicas(Named::of(several.iter().copied())?),
        },
        Request::Delete => return None,
    };
    Some(Command::operate(operation))
}

fn dig(world: &World, question: &console::Question) -> Result<String, String> {
    if world.dns.failing > 0 {
        return Err(";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL".to_owned());
    }
    // Asking must not change whose turn it is at the reader endpoint: a look is no action.
    let mut zone = world.dns.stale.as_deref().unwrap_or(&world.dns.zone).clone();
    let now = world.names_clock.now(world.now_ns());
    Ok(console::dig(question, &world.dns.names, &mut zone, now))
}

fn request_id(world: &World) -> String {
    primacy_aws::names::request_id(crate::world::nonce(world.scenario().seed, 61, world.trace().events()))
}
