//! `primacy up`: the parent process.

mod addresses;
mod control;
mod coordinator;
pub(crate) mod deed;
mod forward;
mod ports;
mod screen;
mod supervise;
mod telling;
mod who;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::rc::Rc;
use std::string::FromUtf8Error;

use primacy_aws::template::{self, Options};
use primacy_core::group::GroupConfig;
use primacy_core::group::spec::GroupSpec;
use primacy_core::rng::Rng;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{LocalSet, spawn_local};

use crate::cli::Up;
use crate::fail::Fail;
use crate::live::Desk;
use crate::{dns, http, log, node, profile};
use addresses::Addresses;
use coordinator::Coordinator;
use ports::{Bound, Ports};
use supervise::{Common, Supervisor};

/// What the servers of the parent share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The group.
    pub(crate) coordinator: Rc<Coordinator>,
    /// Where the parent listens.
    pub(crate) ports: Ports,
    /// What the page's live connections share.
    pub(crate) desk: Desk,
}

/// Runs the group that the template declares until a signal ends it.
pub(crate) fn run(options: &Up) -> Result<(), Fail> {
    if options.data_dir.is_some() {
        return Err(Fail::input("--data-dir: keeping data in a directory is not there yet")
            .hint("leave it out; data and state live in memory, and in the replicas"));
    }
    let (spec, template, warnings) = declared(&options.template, options.strict)?;
    let config = config(options, spec)?;
    for (node, _) in &options.link_delays {
        if node.0 > u16::from(config.spec.replicas) + 1 {
            return Err(Fail::input(format!("--link-delay: the group has no node {node}")));
        }
    }
    let screen = std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal()
        && !options.plain
        && !options.json_logs;
    node::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Fail::new(format!("cannot start the event loop: {error}")))?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let bound = Bound::new(options).await?;
        let addresses = Addresses::choose(options.node_port)?;
        eprint!("{warnings}");
        log::init(options.log_level, options.json_logs, screen);
        let desk = Desk::new(template, options.page_faults.granted());
        serve(options, config, (bound, addresses), desk, screen).await
    })
}

/// Reads the template: the group, the text, the warnings. Every finding is rendered with its place in the source.
fn declared(path: &Path, strict: bool) -> Result<(GroupSpec, String, String), Fail> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Fail::input(format!("cannot read the template {name}: {error}"))
            .hint("give the path of a CloudFormation template; examples/replication-group.yaml is one")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| no_text(&name, &error))?;
    let render = |findings: &[primacy_aws::Diagnostic]| -> String {
        findings.iter().map(|finding| primacy_aws::render(finding, &name, &text)).collect()
    };
    let parsed = template::parse(&text, Options { strict }).map_err(|findings| {
        Fail::input(format!("the template cannot be used\n{}", render(&findings).trim_end()))
    })?;
    let warnings = render(&parsed.warnings);
    let many = parsed.groups.len();
    let mut groups = parsed.groups.into_iter();
    match (groups.next(), groups.next()) {
        (Some(spec), None) => Ok((spec, text, warnings)),
        _ => Err(Fail::input(format!(
            "the template declares {many} replication groups; one at a time can run"
        ))
        .hint("run one `primacy up` for each, with its own template and ports")),
    }
}

fn no_text(name: &str, error: &FromUtf8Error) -> Fail {
    let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(good).chars().rev().take_while(|c| *c != '\n').count() + 1;
    Fail::input(format!("the template cannot be used: {name}:{line}:{column}: this is no UTF-8 text"))
        .hint("save it as UTF-8; a template is YAML or JSON")
}

fn config(options: &Up, spec: GroupSpec) -> Result<GroupConfig, Fail> {
    let mut config = GroupConfig::new(spec);
    config.timing = profile::timing(options.profile, &options.sets)?;
    config.region.clone_from(&options.region);
    config.failsafe = !options.no_failsafe;
    if options.zones.is_empty() {
        config.zones = ["a", "b", "c"].map(|letter| format!("{}{letter}", options.region)).to_vec();
    } else {
        config.zones.clone_from(&options.zones);
    }
    Ok(config)
}

/// 32 bytes of the system's, or spread from `--seed`.
fn seed(options: &Up) -> Result<[u8; 32], Fail> {
    match options.seed {
        Some(seed) => Ok(Rng::from_u64(seed).bytes()),
        None => random(),
    }
}

fn random() -> Result<[u8; 32], Fail> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Fail::new(format!("the system gives no random bytes: {error}")))?;
    Ok(bytes)
}

async fn serve(
    options: &Up,
    config: GroupConfig,
    (bound, addresses): (Bound, Addresses),
    desk: Desk,
    screen: bool,
) -> Result<(), Fail> {
    let seed = seed(options)?;
    // Never made from --seed: whoever knows that number must not be able to seal a frame.
    let secret = random()?;
    let common = Common {
        group: config.spec.id.clone(),
        control: bound.ports.control,
        secret: secret.to_vec(),
        timing: config.timing,
        failsafe: config.failsafe,
        max_memory: options.maxmemory,
        link_delays: options.link_delays.iter().copied().collect::<BTreeMap<_, _>>(),
        seed,
    };
    let mut stop = Stop::new()?;
    let coordinator = Coordinator::new(config, seed, Supervisor::new(common, addresses));
    let shared = Rc::new(Shared { coordinator: Rc::clone(&coordinator), ports: bound.ports, desk });
    let (primary, reader) = (Rc::clone(&coordinator), Rc::clone(&coordinator));
    spawn_local(control::serve(bound.control, Rc::clone(&coordinator), Rc::from(secret)));
    spawn_local(dns::serve_udp(bound.dns_udp, coordinator.zone()));
    spawn_local(dns::serve_tcp(bound.dns_tcp, coordinator.zone()));
    spawn_local(forward::serve(bound.primary, Rc::new(move || primary.primary())));
    spawn_local(forward::serve(bound.reader, Rc::new(move || reader.reader())));
    spawn_local(http::serve(bound.api, Rc::clone(&shared)));
    spawn_local(Rc::clone(&coordinator).keep_time());
    let ports = &shared.ports;
    tracing::debug!(control = %ports.control, "nodes connect here");
    tracing::info!(
        api = %format_args!("http://{}", ports.api), primary = %ports.primary, reader = %ports.reader, dns = %ports.dns,
        "ready"
    );
    coordinator.pump();
    if screen {
        spawn_local(screen::keep_drawn(Rc::clone(&shared)));
    }
    stop.wait().await;
    log::draw_block(String::new());
    tracing::info!("stopping");
    coordinator.supervisor().stop().await;
    Ok(())
}

/// The signals that end the program.
struct Stop {
    signals: [tokio::signal::unix::Signal; 3],
}

impl Stop {
    fn new() -> Result<Self, Fail> {
        let listen =
            |kind| signal(kind).map_err(|error| Fail::new(format!("cannot listen for signals: {error}")));
        let signals = [
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ];
        Ok(Self { signals })
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
