// The page inside the release binary, attached to a real group with real traffic. Part of the step `e2e`, which has the binary.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { launch } from "../browser.mjs";
import { visit } from "../visitor.mjs";

const ROOT = new URL("../../../", import.meta.url).pathname;
const BINARY = process.env.PRIMACY_BIN ?? `${ROOT}target/release/primacy`;
const held = {};

/** `primacy up` on free ports; `ready` prints them. */
async function up() {
  const ports = ["--port", "--api-port", "--dns-port"].flatMap((option) => [option, "0"]);
  const group = spawn(BINARY, ["up", "examples/replication-group.yaml", ...ports], { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const line = await new Promise((resolve, reject) => {
    group.once("exit", () => reject(new Error(`primacy up ended: ${log}`)));
    group.stderr.on("data", (data) => {
      log += data;
      const ready = log.split("\n").find((line) => line.includes(" ready "));
      if (ready) resolve(ready);
    });
  });
  const fields = Object.fromEntries([...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  return { group, url: `${fields.api.replace(/\/$/, "")}/`, port: Number(fields.primary.split(":").at(-1)) };
}

/** An application that writes without end to the stable address, and connects again when its connection is lost. */
function writer(port) {
  let [ended, socket, number] = [false, undefined, 0];
  const write = () => {
    number += 1;
    const key = `key:${number % 100}`;
    socket.write(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$1\r\n1\r\n`);
  };
  const begin = () => {
    if (ended) return;
    socket = connect(port, "127.0.0.1", write);
    socket.on("data", () => setTimeout(write, 5));
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(begin, 20));
  };
  begin();
  return () => {
    ended = true;
    socket.destroy();
  };
}

before(async () => {
  Object.assign(held, await up());
  held.stop = writer(held.port);
  held.browser = await launch();
});

after(async () => {
  await held.browser?.close();
  held.stop?.();
  if (held.group?.exitCode === null) {
    held.group.kill("SIGINT");
    await new Promise((resolve) => held.group.once("exit", resolve));
  }
});

const look = (at, seen) => visit(held.browser, held.url, { at }, seen);

const primary = () =>
  [...document.querySelectorAll('[data-testid^="node-"]')].find((node) => node.dataset.role === "primary")?.dataset.testid;

/** The primary, and the process id that its card shows. */
async function serving(visitor) {
  await visitor.until(primary);
  const name = await visitor.page.evaluate(primary);
  const card = await visitor.find(name).innerText();
  return { name, pid: Number(card.match(/pid\s*(\d+)/)[1]) };
}

/** Until another node serves than the one that did, and every step of the failover has been taken. */
async function failedOver(visitor, before) {
  await visitor.until(
    (before) =>
      [...document.querySelectorAll('[data-testid^="node-"]')].some((node) => node.dataset.role === "primary" && node.dataset.testid !== before) &&
      document.querySelectorAll(".steps .done").length === 5,
    before,
    `another primary than ${before}, and five steps`,
  );
}

test("the page shows what real clients write, and offers nothing that only a simulated group has", () =>
  look("", async (visitor) => {
    await visitor.page.getByRole("button", { name: "Look at this server's real group" }).click();
    await visitor.has("live", "aria-pressed", "true");
    await visitor.until(() => /writes\s+[1-9]/.test(document.querySelector('[data-testid="charts"]').innerText));
    await visitor.find("charts").getByText("no data yet").first().waitFor({ state: "detached" });
    const said = await visitor.page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(said, /Add a client|Add writer|Compare|Share|Auto-slow|seed/);
    for (const gone of ["undo", "twin", "share", "speed"]) assert.ok(!(await visitor.find(gone).isVisible()), gone);
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").fill("compare");
    await visitor.page.locator("#palette-list > li").first().waitFor({ state: "detached" });
  }));

test("a primary that is killed from the page or from a shell is replaced before the visitor's eyes", () =>
  look("#live", async (visitor) => {
    const first = await serving(visitor);
    await visitor.find("kill").click();
    await failedOver(visitor, first.name);
    const second = await serving(visitor);
    assert.notEqual(second.pid, first.pid);
    process.kill(second.pid, "SIGKILL");
    await failedOver(visitor, second.name);
    await visitor.until((name) => document.querySelector(`[data-testid="${name}"]`)?.dataset.role === "replica", second.name);
    await visitor.find("events").getByText(/^Failover from primary node/).first().waitFor();
    await visitor.find("action-log").getByText("kill primary").waitFor();
  }));

test("what was recorded can be looked at while the group goes on, and there is a way back to now", () =>
  look("#live", async (visitor) => {
    await serving(visitor);
    await visitor.pause();
    await visitor.find("live-behind").waitFor();
    const at = (await visitor.state()).now;
    const { min, max } = await visitor.find("timeline").evaluate(({ min, max }) => ({ min: Number(min), max: Number(max) }));
    assert.ok(min > 0 && min <= at && at <= max, `${min} ${at} ${max}`);
    await visitor.find("live-now").click();
    await visitor.until((at) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 > at, at);
    await visitor.find("live-behind").waitFor({ state: "detached" });
  }));

test("a lesson that is opened meanwhile runs in the tab, and a reload comes back to what was looked at", () =>
  look("#live", async (visitor) => {
    const { page } = visitor;
    await serving(visitor);
    await page.reload();
    await visitor.ready();
    await visitor.has("live", "aria-pressed", "true");
    await visitor.find("mode-lessons").click();
    await page.locator('[data-testid="lesson-entry"][data-lesson="3"]').click();
    await visitor.has("lesson", "data-lesson", "3");
    await visitor.has("live", "aria-pressed", "false");
    await visitor.find("client-c1").waitFor();
    assert.equal(await page.evaluate(() => location.hash), "");
  }));
