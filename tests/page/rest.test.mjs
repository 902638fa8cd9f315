// The module comes in two parts: what a first look needs, and the rest (crates/split).
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./visitor.mjs";

const here = site();
const isRest = (url) => url.pathname.endsWith("_rest.wasm");
/** The rest as it is fetched behind the first look, and as it is when somebody waits for it. */
const behind = (url) => isRest(url) && !url.search;
const waited = (requests) => requests.filter((url) => url.includes("_rest.wasm?now"));

/** Nothing waits for the rest before the group is seen. */
async function neverWaits(visitor) {
  const moments = await visitor.page.evaluate(() => {
    const file = (end) => performance.getEntriesByType("resource").find(({ name }) => name.endsWith(end));
    const mark = (name) => performance.getEntriesByName(name)[0].startTime;
    return { first: file("_bg.wasm").responseEnd, asked: file("_rest.wasm").startTime, usable: mark("usable"), complete: mark("complete") };
  });
  assert.ok(moments.first <= moments.asked && moments.usable <= moments.complete, JSON.stringify(moments));
  // Each thread has its own clock's beginning.
  const waits = () =>
    performance.getEntriesByType("resource").filter(({ name }) => name.includes("_rest.wasm?now")).map((entry) => performance.timeOrigin + entry.startTime);
  const begun = await visitor.page.evaluate(() => performance.timeOrigin);
  for (const where of [visitor.page, ...visitor.page.workers()]) {
    const early = (await where.evaluate(waits)).filter((moment) => moment - begun < moments.usable);
    assert.deepEqual(early, [], "run `cargo xtask profile`: the first look runs what web/later.txt lists");
  }
}

test("the first look waits for nothing but what it needs, nor does that of whoever follows a link", () =>
  here.visit({}, async (visitor) => {
    await neverWaits(visitor);
    await visitor.page.reload();
    await visitor.ready();
    const link = await visitor.page.evaluate(() => localStorage.getItem("primacy-last"));
    await visitor.page.goto("about:blank");
    await visitor.page.goto(`${here.url}#${link}`);
    await visitor.ready();
    await visitor.complete();
    await neverWaits(visitor);
  }));

test("whoever is faster than the rest waits for it, and the group fails over all the same", () =>
  here.visit({ hasty: true, before: (context) => context.route(behind, () => {}) }, async (visitor) => {
    await visitor.press("k");
    await visitor.has("node-001", "data-up", "false");
    for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
    await visitor.until(() => document.querySelectorAll('[data-testid^="client-"]').length > 0);
    assert.ok(waited(here.server.requests).length > 0);
  }));

test("a rest that comes late is joined, and the panes with it", () => {
  const late = [];
  const before = (context) => context.route(behind, (route) => void late.push(route));
  return here.visit({ hasty: true, before }, async (visitor) => {
    assert.equal(await visitor.find("terminal-input").count(), 0);
    await late.shift().abort();
    visitor.wrong.length = 0;
    while (late.length === 0) await visitor.page.waitForTimeout(50);
    await late.shift().continue();
    await visitor.complete();
    await visitor.find("terminal-input").waitFor();
    visitor.wrong.length = 0;
  });
});

test("a rest that cannot be had is told, with a way to try again", () =>
  here.visit({ hasty: true, before: (context) => context.route(isRest, (route) => route.abort()) }, async (visitor) => {
    await visitor.page.keyboard.press("k");
    // The page may end in the middle of anything now; all that it must do is tell.
    const again = visitor.page.getByRole("button", { name: "Try again" });
    await again.waitFor();
    await visitor.context.unroute(isRest);
    await again.click();
    await visitor.ready();
    await visitor.complete();
    visitor.wrong.length = 0;
  }));
