//! The scripts of `tests/scripts`, as the page and the browser tests load them.

macro_rules! library {
    ($($name:literal),* $(,)?) => {
        /// Every script by its name, in the order of the story.
        pub const SCRIPTS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../tests/scripts/", $name, ".txt")))),*];
    };
}

library![
    "story",
    "stale_read",
    "best_replica",
    "lost_writes_counted",
    "loss_told_again",
    "endpoint_client",
    "stopped_primary",
    "suspended_primary",
    "split_brain",
    "empty_primary",
    "chained_failovers",
    "wait_across_epoch",
    "planned_failover",
    "replicas",
    "coordinator_hung",
    "coordinator_storeless",
    "memory_full",
    "coordinator_lost",
    "coordinator_lost_no_failsafe",
    "two_coordinators",
    "coordinator_wakes",
    "grant_outlives_jump",
    "coordinator_jumps",
    "zone_lost",
    "all_replicas_lost",
    "all_nodes_lost",
    "failover_off",
    "reboot",
    "forged",
    "timing_aws",
];
