/** A member's number as text, `"001"` to `"006"`. */
export type NodeId = string;

/** Where a command goes: an endpoint's name, or one member. */
export type Target = "primary" | "configuration" | "reader" | NodeId;

/** A member, or whoever is primary when the fault begins. */
export type Who = "primary" | NodeId;

/** One side of a cut or a delay. */
export type Side = Who | "nodes" | "replicas" | "coordinator" | "clients" | "all" | `zone-${Zone}`;

/** A zone's letter: `"a"` is `us-east-1a`. */
export type Zone = "a" | "b" | "c" | "d" | "e" | "f";

/** How a group is made; everything has a default. */
export interface GroupOptions {
  /** Decides every delay and every choice: equal seeds give equal runs. 1. */
  seed?: number;
  /** Replicas beside the primary, 0 to 5. 2. */
  replicas?: number;
  /** Zones over which the members are spread, 1 to 6. 3. */
  zones?: number;
  /** `AutomaticFailoverEnabled`. true. */
  automaticFailover?: boolean;
  /** Timers. A primary that falls silent is replaced after about 1 s with `lan`, 4 s with `demo`, 24 s with `aws`. `lan`. */
  profile?: "lan" | "demo" | "aws";
}

/** An application that runs beside your code and uses the group. */
export interface ClientOptions {
  /** How it finds its node; a member's number is an address written into it. `configuration`. */
  via?: Target;
  /** What it does, one after the other. `["set"]`. */
  does?: ReadonlyArray<"set" | "get" | "incr" | "wait" | "multi" | "token" | "expire">;
  /** Milliseconds between two operations. 50. */
  everyMs?: number;
  /** What it does after an error. `jitter:20ms..500ms`. */
  retry?: "none" | "immediate" | `fixed:${string}` | `backoff:${string}..${string}` | `jitter:${string}..${string}`;
  /** Looks its endpoint up again when the record's TTL has passed. true. */
  honoursTtl?: boolean;
}

/** What a RESP reply holds. Bulk strings that are not UTF-8 have `\xHH` in them. */
export type Value = string | number | null | Value[];

/** A reply that is no error. */
export interface Reply {
  readonly failed: false;
  readonly value: Value;
  /** As redis-cli prints it. */
  readonly text: string;
  /** Who answered; absent for `aws …` and `dig …`. */
  readonly node?: NodeId;
  /** Virtual time from the question to the answer, connecting included. */
  readonly tookMs: number;
}

/** An error reply, a connection that failed, or silence. */
export interface Failure {
  readonly failed: true;
  /** `READONLY …` and other error replies as they stand, or why there is no reply. */
  readonly error: string;
  readonly text: string;
  /** Who answered; absent when nobody did. */
  readonly node?: NodeId;
  readonly tookMs: number;
}

/** What came of a command. */
export type Answer = Reply | Failure;

/** Something that happened to the group. */
export interface GroupEvent {
  /** From 1 upwards. */
  readonly id: number;
  readonly atMs: number;
  /** AWS's own words, when AWS has such an event. */
  readonly aws?: {
    readonly sourceType: "replication-group" | "cache-cluster";
    readonly source: string;
    readonly message: string;
  };
  /** What happened, in a sentence. */
  readonly text: string;
  /** Number of the event that made it happen. */
  readonly cause?: number;
  /** The member that it is about. */
  readonly node?: NodeId;
}

/** One link of a chain of causes. */
export interface Cause {
  readonly atMs: number;
  readonly text: string;
  readonly event?: number;
}

/** What a member does. */
export type Role =
  | "joining"
  | "detached"
  | "full-sync"
  | "following"
  | "frozen"
  | "primary-without-lease"
  | "primary-serving"
  | "primary-paused"
  | "primary-released";

/** One member as it is, not as the coordinator believes it to be. */
export interface NodeView {
  readonly id: NodeId;
  /** `CacheClusterId`. */
  readonly name: string;
  readonly dnsName: string;
  readonly zone: string;
  /** Its process runs. */
  readonly up: boolean;
  /** Its machine has power. */
  readonly powered: boolean;
  /** Its process is stopped (SIGSTOP). */
  readonly paused: boolean;
  /** Absent when it does not run. */
  readonly role?: Role;
  /** The group's record names it primary. */
  readonly isPrimary: boolean;
  readonly epoch: number;
  /** Bytes of the replication stream. */
  readonly offset: number;
  /** Bytes behind the primary. */
  readonly lagBytes: number;
  readonly keys: number;
  /** How long it may still acknowledge writes, when it holds a lease. */
  readonly leaseMs?: number;
  /** Its link to the primary is up. */
  readonly linkUp: boolean;
}

/** An application of `addClient`. */
export interface ClientView {
  readonly name: string;
  /** `thinking`, `connecting`, `waiting` or `backing off`. */
  readonly state: string;
  readonly stopped: boolean;
  /** The member that it talks to. */
  readonly node?: NodeId;
  readonly ok: number;
  readonly errors: number;
  /** Reads that returned less than had been acknowledged before. */
  readonly staleReads: number;
  readonly lastError?: string;
  /** When an operation last succeeded. */
  readonly lastOkMs: number;
}

/** A name and the member that it resolves to now. */
export interface Endpoint {
  readonly name: string;
  readonly node?: NodeId;
}

/** The group and what is around it at one moment. */
export interface GroupView {
  readonly nowMs: number;
  readonly id: string;
  /** `creating`, `available`, `modifying`, `deleting` or `no coordinator`. */
  readonly status: string;
  readonly epoch: number;
  readonly automaticFailover: boolean;
  readonly nodes: readonly NodeView[];
  readonly endpoints: readonly Endpoint[];
  readonly clients: readonly ClientView[];
  /** Faults that run, in the words that began them. */
  readonly faults: readonly string[];
  /** Acknowledged writes that failovers have lost so far. */
  readonly lostWrites: number;
  /** `TestFailover` calls that are left of the 15 in 24 hours. */
  readonly testFailoversLeft: number;
  /** Events of the simulation so far. */
  readonly steps: number;
  /** The invariant that broke: always absent, or you have found a bug of ours. */
  readonly violation?: string;
}

/** One of the actions of `do`. */
export interface Action {
  /** Its words, such as `kill NODE [unseen]`. */
  readonly usage: string;
  readonly what: string;
}
