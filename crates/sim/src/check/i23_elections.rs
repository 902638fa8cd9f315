//! I23: without a fault that touches a path or a process there is one election, the first; clocks within 1 %, wall
//! clock jumps, name servers, slow and flooding clients, full memory, slow processors and forgeries depose nobody.

use crate::fault::FaultKind;
use crate::world::World;

pub(crate) fn harmless(kind: &FaultKind) -> bool {
    match kind {
        FaultKind::Drift { .. } | FaultKind::CoordinatorDrift { .. } => !kind.strays(),
        FaultKind::WallJump { .. }
        | FaultKind::DnsStale
        | FaultKind::DnsFail
        | FaultKind::DeafClient(_)
        | FaultKind::Doubled { .. }
        | FaultKind::CutPipeline { .. }
        | FaultKind::Flood { .. }
        | FaultKind::Memory { .. }
        | FaultKind::Slow { .. }
        | FaultKind::Forge(_) => true,
        _ => false,
    }
}

pub(crate) fn check(world: &World) -> Result<(), String> {
    let quiet = world.scenario.commands.is_empty() && world.scenario.faults.iter().all(|f| harmless(&f.kind));
    let epochs = world.checks.histories.epochs().count();
    if quiet && epochs != 1 {
        return Err(format!("{epochs} elections without a reason"));
    }
    Ok(())
}
