// The npm package as its users have it: its examples, its types under the strictest TypeScript, and both kinds of loading.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { launch, TSC } from "../../../../tests/page/browser.mjs";
import { serve } from "../../../../tests/page/serve.mjs";

const FOLDER = process.env.PRIMACY_NPM ?? new URL("../../../../target/npm/primacy", import.meta.url).pathname;
const { Group, actions } = await import(pathToFileURL(join(FOLDER, "node.mjs")));

it("the Node example passes", () => {
  // Without the variable a child of a test reports to its parent in a form of its own.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const ran = spawnSync(process.execPath, ["--test", "--test-reporter=spec", join(FOLDER, "examples/node.mjs")], { encoding: "utf8", env });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /pass 3/);
});

describe("the browser example", () => {
  let server;
  let browser;
  before(async () => {
    server = await serve(FOLDER, { policy: false });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it("fails over in a page and says so in AWS's words", async () => {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${server.url}examples/browser.html`);
    await page.waitForSelector("body[data-done]").catch((error) => assert.fail(`${errors} ${error.message}`));
    const log = await page.locator("#log").textContent();
    assert.deepEqual(errors, []);
    assert.match(log, /primary: 001\nSET cart 3: OK\nconfirmed by 2 replicas\n/);
    assert.match(log, /Test Failover API called for node group 0001/);
    assert.match(log, /Failover from primary node \S+-001 to replica node \S+-00[23] completed/);
    assert.match(log, /GET cart: "3"/);
  });
});

it("equal seeds give equal runs, and a link brings one back", () => {
  const play = () => {
    const group = new Group({ seed: 9 });
    group.addClient({ does: ["set", "get"], everyMs: 20 });
    group.advance(1_000);
    group.kill("primary");
    group.advance(5_000);
    return group;
  };
  const [one, other] = [play(), play()];
  assert.equal(one.traceHash, other.traceHash);
  assert.equal(one.replayHash(), one.traceHash);
  const again = Group.fromLink(`https://example.com/#${one.link()}`);
  again.seek(one.nowMs);
  assert.equal(again.traceHash, one.traceHash);
});

it("replies are values, failures are answers, and mistakes are exceptions", () => {
  const group = new Group();
  const says = (words, target = "primary") => group.command(target, words);
  assert.equal(says("SET k 'a b'").value, "OK");
  assert.equal(says(["GET", "k"]).value, "a b");
  assert.equal(says("GET nothing").value, null);
  assert.deepEqual(says("LRANGE nothing 0 -1").value, []);
  assert.equal(says("INCR n").value, 1);
  assert.equal(says(["SET", "bytes", "ü\n\"'\\"]).value, "OK");
  assert.equal(says("GET bytes").value, "ü\n\"'\\");
  const readonly = says("SET k 1", "002");
  assert.ok(readonly.failed && readonly.error.startsWith("READONLY"), readonly.error);
  assert.throws(() => says("GET k", "nowhere"), /nowhere|target/);
  assert.throws(() => group.do("kil 001"), /kill/);
  assert.throws(() => new Group({ replicas: 6 }), /at most 5 replicas/);
  assert.throws(() => new Group({ replica: 1 }), /replica/);
  assert.throws(() => Group.fromTemplate("Resources: 1"), /mapping/);
  assert.throws(() => group.advance(-1), /-1/);
});

it("every fault by name does what its words say", () => {
  const group = new Group({ replicas: 3 });
  const running = (act) => {
    act();
    return group.view().faults.join(", ");
  };
  assert.match(running(() => group.pause("002")), /pause 002/);
  assert.equal(running(() => group.resume("002")), "");
  assert.match(running(() => group.cut("003", "nodes")), /cut 003 nodes/);
  assert.equal(running(() => group.mend("003", "nodes")), "");
  assert.match(running(() => group.delay("001", "002", 200)), /delay 001 002 200ms/);
  assert.match(running(() => group.loseZone("c")), /lose c/);
  assert.equal(running(() => group.heal()), "");
  group.advance(10_000);
  group.failover("003");
  group.until(() => group.primary === "003", 10_000);
  group.advance(10_000);
  group.reboot("002");
  group.advance(10_000);
  group.setReplicas(4);
  group.until(() => group.view().nodes.length === 5, 10_000);
  assert.throws(() => group.setReplicas(6), /at most 5/);
  group.setReplicas(2);
  group.advance(10_000);
  assert.equal(group.view().nodes.length, 3);
  group.testFailover();
  assert.throws(() => group.testFailover(), /refused/);
  assert.throws(() => group.until(() => false, 100), /100 ms/);
  assert.ok(actions().some(({ usage }) => usage.startsWith("kill")));
});

it("every event leads back to its cause, in order", () => {
  const group = new Group();
  group.kill("primary");
  group.advance(10_000);
  const events = group.events();
  const promoted = events.findLast((event) => event.aws?.message.startsWith("Failover from primary node"));
  const chain = group.why(promoted.id);
  assert.ok(chain.length > 1, JSON.stringify(chain));
  assert.equal(chain[0].event, promoted.id);
  chain.reduce((later, cause) => (assert.ok(cause.atMs <= later.atMs), cause));
  assert.deepEqual(group.events(promoted.id - 1)[0], promoted);
});

it("the types say everything, and nothing is any", () => {
  const types = readFileSync(join(FOLDER, "index.d.ts"), "utf8");
  const code = types.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  assert.doesNotMatch(code, /\bany\b/);
  const file = join(FOLDER, "types.mts");
  copyFileSync(new URL("types.mts", import.meta.url), file);
  const options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2022"];
  try {
    execFileSync(process.execPath, [TSC, ...options, "--lib", "es2023,dom,esnext.disposable", file], { encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

it("what is returned has the fields that the types name", () => {
  const group = new Group();
  group.addClient();
  group.advance(1_000);
  group.kill("primary");
  group.advance(3_000);
  const types = readFileSync(join(FOLDER, "index.d.ts"), "utf8");
  const fields = (name) => {
    const body = types.match(new RegExp(`interface ${name} \\{([^]*?)\\n\\}`))[1].replace(/\/\*[^]*?\*\//g, "");
    return [...body.matchAll(/^ {4}readonly (\w+)(\??):/gm)].map(([, field, optional]) => ({ field, optional }));
  };
  const check = (name, value) => {
    const known = fields(name);
    for (const key of Object.keys(value)) assert.ok(known.some(({ field }) => field === key), `${name}.${key} has no type`);
    for (const { field, optional } of known) assert.ok(optional || field in value, `${name}.${field} is missing`);
  };
  const view = group.view();
  check("GroupView", view);
  view.nodes.forEach((node) => check("NodeView", node));
  view.clients.forEach((client) => check("ClientView", client));
  view.endpoints.forEach((endpoint) => check("Endpoint", endpoint));
  group.events().forEach((event) => check("GroupEvent", event));
  check("Reply", group.command("primary", "PING"));
  check("Failure", group.command("primary", "NOSUCHCOMMAND"));
  actions().forEach((action) => check("Action", action));
  group.why(group.events().at(-1).id).forEach((cause) => check("Cause", cause));
});
