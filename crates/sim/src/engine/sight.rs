//! The world as the port's view.

use primacy_core::endpoint::cluster_id;
use primacy_core::group::view::GroupStatus;
use primacy_core::id::NodeId;
use primacy_port::{ClientSight, LinkSight, NodeSight, PacketSight, View};

use crate::check::Key;
use crate::command_text::show_via;
use crate::scenario::{ClientSpec, Retry, Via};
use crate::world::{World, WorldView};

/// Everything that there is now; faults in the words of `fault`.
pub(super) fn view(world: &World, fault: impl Fn(&crate::fault::FaultKind) -> String) -> View {
    let seen = world.observe(u64::MAX);
    let timing = world.scenario().timing.timing();
    let group = world.coordinator.group.as_deref();
    let status = group.map_or("no coordinator", |group| match group.status() {
        GroupStatus::Creating => "creating",
        GroupStatus::Available => "available",
        GroupStatus::Modifying => "modifying",
        GroupStatus::Deleting => "deleting",
    });
    let clock = world.coordinator.clock.now(world.now_ns());
    View {
        now_ns: seen.now_ns,
        group: world.group_id.clone(),
        status: status.to_owned(),
        epoch: world.store.registers.shard.as_ref().map_or(0, |shard| shard.epoch.0),
        lease_ns: u64::try_from(timing.lease.as_nanos()).unwrap_or(u64::MAX),
        ttl_s: world.dns.zone.ttl(),
        automatic_failover: world.group_config.spec.automatic_failover,
        zones: zones(world),
        nodes: nodes(world, &seen),
        coordinator_up: seen.coordinator_up,
        coordinator_paused: seen.coordinator_paused,
        links: seen.links.iter().map(link).collect(),
        packets: seen.packets.iter().map(packet).collect(),
        packets_in_all: seen.packets_in_all,
        clients: (0..world.clients.len()).filter_map(|index| client(world, &seen, index)).collect(),
        faults: world.faults().map(fault).collect(),
        lost_writes: world.checks.lost_acks.count,
        test_failovers_left: group.map_or(0, |g| u8::try_from(g.tests_left(clock)).unwrap_or(u8::MAX)),
        newest_event: world.newest_event(),
        steps: seen.steps,
        trace: seen.trace,
        violation: seen.violation,
        endpoints: seen.endpoints,
    }
}

fn zones(world: &World) -> Vec<(String, bool)> {
    let dark = |zone: usize| world.machines.values().any(|m| usize::from(m.zone) == zone && !m.powered);
    world.zone_names.iter().enumerate().map(|(at, name)| (name.to_string(), dark(at))).collect()
}

fn nodes(world: &World, seen: &WorldView) -> Vec<NodeSight> {
    let lags = world.lags();
    let lag = |id: NodeId| lags.iter().find(|lag| lag.node == id).map_or(0, |lag| lag.ns);
    let sight = |node: &crate::world::NodeSight| NodeSight {
        id: node.id,
        name: cluster_id(&world.group_id, node.id),
        dns_name: node.dns_name.clone(),
        zone: node.zone.to_string(),
        up: node.up,
        powered: node.powered,
        paused: node.paused,
        incarnation: node.incarnation,
        role: node.role,
        is_primary: node.is_primary,
        epoch: node.epoch.0,
        offset: node.offset,
        lag_bytes: node.lag_bytes,
        lag_ns: lag(node.id),
        opseq: node.opseq,
        keys: node.keys,
        lease_ns: node.lease_ns,
        failsafe: node.failsafe,
        link_up: node.link_up,
        next_timer: node.next_timer.clone(),
        pid: 0,
    };
    seen.nodes.iter().map(sight).collect()
}

fn link(link: &crate::world::LinkView) -> LinkSight {
    LinkSight { from: link.from, to: link.to, cut: link.cut, delay_us: link.delay_us }
}

fn packet(packet: &crate::world::PacketView) -> PacketSight {
    PacketSight {
        from: packet.from,
        to: packet.to,
        control: packet.control,
        len: packet.len,
        left_ns: packet.left_ns,
        arrives_ns: packet.arrives_ns,
    }
}

/// An application's name.
pub(super) fn client_name(index: usize) -> String {
    format!("c{}", index + 1)
}

fn client(world: &World, seen: &WorldView, index: usize) -> Option<ClientSight> {
    let client = world.clients.get(index)?;
    let sight = seen.clients.get(index)?;
    let cached = world.cached(index);
    let outdated = cached.is_some_and(|(node, _)| match sight.via {
        // Its answers take turns: another one is not yet a wrong one.
        Via::Reader => !world.reads_from(node),
        via => world.name_of(via).is_some_and(|name| world.resolve(&name).is_some_and(|now| now != node)),
    });
    Some(ClientSight {
        index: u16::from(sight.index),
        name: client_name(index),
        via: sight.via,
        does: format!("{}; its keys are {}", does(&client.spec), keys_of(sight.index)),
        retry: retry(client.spec.retry),
        stopped: sight.stopped,
        state: sight.state.clone(),
        node: sight.node,
        cached,
        outdated,
        ok: sight.ok,
        errors: sight.errors,
        stale_reads: sight.stale_reads,
        last_error: sight.last_error.clone(),
        last_ok_ns: sight.last_ok_ns,
        worked: sight.recent.last().map(|result| result.1),
    })
}

/// How an application's keys begin, which count applications from 0, where names count from 1.
fn keys_of(client: u8) -> String {
    let first = Key { owner: client, ..Key::default() }.name();
    let first = String::from_utf8_lossy(&first);
    format!("{}:…", first.split(':').next().unwrap_or_default())
}

fn does(spec: &ClientSpec) -> String {
    let mix = spec.mix;
    let wait = format!("SET+WAIT {}", spec.wait_for);
    let all = [
        (mix.set, "SET"),
        (mix.get, "GET"),
        (mix.incr, "INCR"),
        (mix.wait, wait.as_str()),
        (mix.multi, "MULTI"),
        (mix.token, "SET+TOKEN"),
        (mix.expire, "SET PX"),
    ];
    let some: Vec<&str> = all.iter().filter(|(weight, _)| *weight > 0).map(|(_, word)| *word).collect();
    let some = some.join(", ");
    match spec.read_back {
        None => some,
        Some(back) => {
            let after = u64::from(back.after_us) / 1000;
            format!("{some}, then GET from {} after {after} ms", show_via(back.via))
        }
    }
}

fn retry(retry: Retry) -> String {
    match retry {
        Retry::None => "does not retry".to_owned(),
        Retry::Immediate => "at once".to_owned(),
        Retry::Fixed(ms) => format!("every {ms} ms"),
        Retry::Backoff { base_ms, max_ms, jitter } => {
            let how = if jitter { "at random up to" } else { "after" };
            format!("{how} {base_ms} ms, doubling to {max_ms} ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_applications_keys_are_told_as_they_are_named() {
        assert_eq!((client_name(0), keys_of(0)), ("c1".to_owned(), "c0:…".to_owned()));
        assert_eq!(keys_of(12), "c12:…");
    }
}
