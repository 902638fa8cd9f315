// Never run: TypeScript reads it. A change of the package's types that breaks a user's code breaks this first.
import { Group, version } from "./index.js";
import type { Answer, GroupEvent, GroupOptions, GroupView, NodeId, Role } from "./index.js";

const options: GroupOptions = { seed: 7, replicas: 3, profile: "aws" };
const group: Group = new Group(options);
const other: Group = Group.fromTemplate("Resources: {}", 7);
const answer: Answer = group.command("primary", ["SET", "k", "v"]);
if (answer.failed) {
  const why: string = answer.error;
  console.log(why);
} else {
  const who: NodeId | undefined = answer.node;
  console.log(who, answer.value, answer.tookMs.toFixed(1));
}
const took: number = group.until((view: GroupView) => view.nodes.every((node) => node.up), 1_000, 5);
const roles: (Role | undefined)[] = group.view().nodes.map((node) => node.role);
const words: string[] = group.events().map((event: GroupEvent) => event.aws?.message ?? event.text);
const primary: NodeId | undefined = group.primary;
group.cut("primary", "zone-b");
group.addClient({ via: "reader", does: ["get"], retry: "jitter:20ms..1s" });
console.log(version(), took, roles, words, primary, other.traceHash);

// @ts-expect-error a profile that does not exist
new Group({ profile: "wan" });
// @ts-expect-error a zone that does not exist
group.loseZone("z");
// @ts-expect-error a reply is read only after asking whether there is one
console.log(group.command("primary", "GET k").value);
group.free();
