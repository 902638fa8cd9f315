// Without a network, without a worker, without a mouse.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";
import { DIST, Visitor, site } from "./visitor.mjs";

const here = site();

test("once visited, the page starts without a network", () =>
  here.visit({ serviceWorkers: "allow" }, async (visitor) => {
    await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await visitor.until(async () => {
      const files = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length));
      return files.some((count) => count > 3);
    }, undefined, "the cached files");
    await visitor.context.setOffline(true);
    // Whoever is faster than the rest of the module has it all the same, however slowly it comes by the usual way.
    await visitor.page.addInitScript(() => {
      const usual = window.fetch;
      window.fetch = (...asked) => (String(asked[0]).includes("_rest.wasm") ? new Promise(() => {}) : usual(...asked));
    });
    await visitor.page.reload();
    await visitor.ready();
    await visitor.press("k");
    await visitor.has("node-001", "data-up", "false");
    await visitor.context.setOffline(false);
  }));

test("a new version is offered, and comes when the visitor says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "primacy-page-"));
  cpSync(DIST, folder, { recursive: true });
  const [server, browser] = [await serve(folder), await launch()];
  try {
    const visitor = await Visitor.arrive(browser, server.url, { serviceWorkers: "allow" });
    const { page } = visitor;
    const version = async () => (await page.evaluate(() => caches.keys())).filter((name) => name.startsWith("primacy-"));
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const [before] = await version();
    const worker = join(folder, "sw.js");
    writeFileSync(worker, readFileSync(worker, "utf8").replace(/VERSION = "[^"]*"/, 'VERSION = "next"'));
    rmSync(`${worker}.br`, { force: true });
    // A browser looks for a new worker when it has nothing better to do.
    await page.reload();
    await visitor.ready();
    await visitor.pause();
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Reload" }).click();
    await reloaded;
    await visitor.ready();
    assert.notEqual(before, "primacy-next");
    assert.deepEqual(await version(), ["primacy-next"]);
    visitor.complain();
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a worker that dies leaves the last picture, and the run goes on from before", () =>
  here.visit({}, async (visitor) => {
    await visitor.press("k");
    await visitor.pause();
    const [worker] = visitor.page.workers();
    assert.ok(worker, "the engine runs in a worker");
    await worker.evaluate(() => setTimeout(() => { throw new Error("a test of what is left"); }));
    await visitor.has("page", "data-state", "crashed");
    visitor.wrong.length = 0;
    await visitor.find("rewind").click();
    await visitor.ready();
    await visitor.settled();
    const { trace } = await visitor.state();
    await visitor.press(".");
    await visitor.until((trace) => document.querySelector('[data-testid="page"]').dataset.trace !== trace, trace, "another event");
    visitor.wrong.splice(0, visitor.wrong.length, ...visitor.wrong.filter((line) => !line.includes("what is left")));
  }));

for (const [width, height] of [[1440, 900], [768, 1024], [360, 740]]) test(`everything on the page is reached by Tab, and the focus is never lost or hidden, at ${width} pixels`, () =>
  here.visit({ viewport: { width, height } }, async (visitor) => {
    await visitor.pause();
    const reached = await visitor.page.evaluate(() => {
      const focusable = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary";
      const shown = (e) => e.checkVisibility() && e.tabIndex >= 0 && !e.closest("[inert]");
      return [...document.querySelectorAll(focusable)].filter(shown).length;
    });
    const seen = new Set();
    // It begins somewhere, so the end of the page is passed once on the way round.
    let ends = 0;
    for (let pressed = 0; pressed < reached * 2 + 20; pressed += 1) {
      await visitor.page.keyboard.press("Tab");
      const { mark, hidden } = await visitor.page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return { mark: "body" };
        element.dataset.reached ??= String(document.querySelectorAll("[data-reached]").length + 1);
        const { left, top, width, height } = element.getBoundingClientRect();
        const over = document.elementFromPoint(left + width / 2, top + height / 2);
        const hidden = over && !element.contains(over) && !over.contains(element) && !over.closest("label")?.contains(element);
        return { mark: element.dataset.reached, hidden: hidden && `${element.outerHTML.slice(0, 90)} under ${over.outerHTML.slice(0, 90)}` };
      });
      assert.ok(!hidden, hidden);
      if (mark === "body") ends += 1;
      if (ends === 2) break;
      seen.add(mark);
    }
    assert.ok(seen.size >= reached, `${seen.size} of ${reached} elements`);
  }));

test("a failover by keyboard alone, from the kill to the answer why", () =>
  here.visit({}, async (visitor) => {
    await visitor.tabTo(visitor.find("kill"));
    await visitor.page.keyboard.press("Enter");
    await visitor.settled();
    await visitor.press("n");
    await visitor.press("n");
    await visitor.press("n");
    await visitor.has("node-002", "data-role", "primary", "replica");
    await visitor.tabTo(visitor.find("play"));
    await visitor.page.keyboard.press("Space");
  }));
