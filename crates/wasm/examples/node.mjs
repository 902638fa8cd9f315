// A retry loop under a failover, as a test: node --test node.mjs
//
// The loop is what you would write in your application; only the clock is virtual, so half a minute without a primary takes
// milliseconds, and the same seed fails in the same way every time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Group } from "primacy";

/** Your code: exponential back-off, and how often it had to ask. */
function setWithRetry(group, key, value, { attempts, baseMs, maxMs }) {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const answer = group.command("primary", ["SET", key, value]);
    if (!answer.failed) return attempt;
    group.advance(Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
  }
  throw new Error(`gave up after ${attempts} attempts`);
}

test("a retry loop with back-off outlives the primary's zone", () => {
  const group = new Group({ profile: "aws", seed: 7 });
  const old = group.primary;
  group.loseZone("a");
  const attempts = setWithRetry(group, "cart:7", "3", { attempts: 30, baseMs: 100, maxMs: 10_000 });
  assert.ok(attempts > 1, "the first attempt meets silence");
  assert.notEqual(group.primary, old);
  assert.equal(group.command("primary", "GET cart:7").value, "3");
});

test("three quick attempts are not enough", () => {
  const group = new Group({ profile: "aws", seed: 7 });
  group.loseZone("a");
  const hasty = () => setWithRetry(group, "cart:7", "3", { attempts: 3, baseMs: 100, maxMs: 100 });
  assert.throws(hasty, /gave up/);
});

test("a hardcoded address stays broken, the configuration endpoint recovers", () => {
  const group = new Group({ profile: "demo" });
  const hardcoded = group.addClient({ via: group.primary });
  const careful = group.addClient({ via: "configuration" });
  group.advance(2_000);
  group.loseZone("a");
  group.advance(60_000);
  const client = (name) => group.view().clients.find((one) => one.name === name);
  const recent = group.nowMs - 1_000;
  assert.ok(client(careful).lastOkMs > recent);
  assert.ok(client(hardcoded).lastOkMs < recent);
});
