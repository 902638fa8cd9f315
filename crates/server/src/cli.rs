//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use primacy_core::id::NodeId;

use crate::duration;
use crate::profile::Profile;

/// Replication groups that fail over: a primary, its replicas, one name that always points to the primary.
#[derive(Debug, Parser)]
#[command(name = "primacy", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Start with: primacy up examples/replication-group.yaml")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the group that a CloudFormation template declares, and keep it running
    Up(Box<Up>),
    /// Show a running group: nodes, roles, offsets, endpoints
    Status(Api),
    /// Show what happened to a running group, each event with its reason
    Events(Api),
    /// Hand the primary's role over without losing a write (a planned failover)
    Failover {
        /// Number of the node that is to become primary, such as 002; the best replica when not given
        #[arg(long, value_parser = node_id, value_name = "NODE")]
        to: Option<NodeId>,
        #[command(flatten)]
        api: Api,
    },
    /// Kill the primary as AWS's TestFailover does, and let a replica take over
    TestFailover(Api),
    /// End a node's process at once, as kill -9 does
    Kill(OneNode),
    /// Stop a node's process without ending it, as kill -STOP does: the primary's lease runs out
    Pause(OneNode),
    /// Let a paused node go on, as kill -CONT does
    Resume(OneNode),
    /// Restart a node's process with empty memory, as AWS's RebootCacheCluster does (no failover)
    Reboot(OneNode),
    /// One node's process; started by `up`
    #[command(hide = true)]
    Node {
        /// Shown by `ps`; the order comes on standard input
        name: Option<String>,
    },
}

/// A command about one node.
#[derive(Debug, Args)]
pub(crate) struct OneNode {
    /// Number of the node, such as 001
    #[arg(value_parser = node_id, value_name = "NODE")]
    pub(crate) node: NodeId,
    #[command(flatten)]
    pub(crate) api: Api,
}

/// Where the running `primacy up` listens.
#[derive(Debug, Args)]
pub(crate) struct Api {
    /// Address of the API of the running `primacy up`
    #[arg(long, default_value = "http://127.0.0.1:8379", value_name = "URL")]
    pub(crate) api: String,
}

/// `primacy up`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without a terminal the group's state goes to the log: one line per event, on standard error.
Ports set to 0 take any free port; the line `ready …` tells which.
Everything listens on loopback addresses only.")]
pub(crate) struct Up {
    /// CloudFormation template (YAML or JSON) with one AWS::ElastiCache::ReplicationGroup
    pub(crate) template: PathBuf,
    /// Timing of detection, leases, replacement and DNS
    #[arg(long, value_enum, default_value_t = Profile::Lan)]
    pub(crate) profile: Profile,
    /// Change one timing of the profile, such as --set lease=2s; can be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Refuse what CloudFormation would refuse, such as a !Ref to a resource that is not in the template
    #[arg(long)]
    pub(crate) strict: bool,
    /// Availability zones to place the nodes in
    #[arg(long, value_delimiter = ',', value_name = "ZONE,…")]
    pub(crate) zones: Vec<String>,
    /// Region that names and ARNs carry
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: String,
    /// Stable local address of the primary: each new connection goes to the current primary. The reader's is the port
    /// after it
    #[arg(long, default_value_t = 6379)]
    pub(crate) port: u16,
    /// Port of every node on its own address 127.0.G.N
    #[arg(long, default_value_t = 6379)]
    pub(crate) node_port: u16,
    /// Port of the DNS server, UDP and TCP
    #[arg(long, default_value_t = 5379)]
    pub(crate) dns_port: u16,
    /// Port of the page and of the AWS API
    #[arg(long, default_value_t = 8379)]
    pub(crate) api_port: u16,
    /// Delay what a replica receives, such as 002=200ms, to watch stale reads; can be repeated
    #[arg(long = "link-delay", value_name = "NODE=DURATION", value_parser = link_delay)]
    pub(crate) link_delays: Vec<(NodeId, Duration)>,
    /// Let the page kill, pause and reboot nodes and fail over; it can be reached from this machine only
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub(crate) page_faults: Switch,
    /// Seed of the names and replication ids; drawn by the system when not given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Most memory of one node's data, such as 512mb; 0: no limit
    #[arg(long, default_value = "0", value_parser = bytes, value_name = "BYTES")]
    pub(crate) maxmemory: u64,
    /// Stop the primary's writes when the coordinator cannot be reached, even if all replicas grant a lease
    #[arg(long)]
    pub(crate) no_failsafe: bool,
    /// Keep data and state in a directory (not there yet: everything is in memory)
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Log lines as JSON
    #[arg(long)]
    pub(crate) json_logs: bool,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    pub(crate) log_level: tracing::Level,
    /// Log lines instead of the live table, also on a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Granted.
    On,
    /// Refused.
    Off,
}

impl Switch {
    /// True for `on`.
    pub(crate) fn granted(self) -> bool {
        self == Self::On
    }
}

/// Reads `002`, `2` or a whole node name that ends in `-002`.
pub(crate) fn node_id(text: &str) -> Result<NodeId, String> {
    let digits = text.rsplit('-').next().unwrap_or(text);
    match digits.parse::<u16>() {
        Ok(number) if number > 0 => Ok(NodeId(number)),
        _ => Err("a node is named by its number, such as 002".to_owned()),
    }
}

fn link_delay(text: &str) -> Result<(NodeId, Duration), String> {
    let (node, delay) = text.split_once('=').ok_or("expected NODE=DURATION, such as 002=200ms")?;
    Ok((node_id(node)?, duration::parse(delay)?))
}

/// Reads `104857600`, `100mb` or `1gb`, as Redis's `maxmemory` (powers of 1024 with a `b`, of 1000 without).
fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let split = lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len());
    let (number, unit) = lower.split_at(split);
    let factor: u64 = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return Err(format!("`{text}` is no size; write bytes, or a number with kb, mb or gb")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(factor))
        .ok_or_else(|| format!("`{text}` is no size"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nodes_and_sizes_are_read() {
        assert_eq!(node_id("my-replication-group-002"), Ok(NodeId(2)));
        assert_eq!(node_id("3"), Ok(NodeId(3)));
        assert!(node_id("0").is_err() && node_id("x").is_err());
        assert_eq!(link_delay("002=200ms"), Ok((NodeId(2), Duration::from_millis(200))));
        assert_eq!(bytes("2kb"), Ok(2048));
        assert!(bytes("many").is_err());
    }
}
