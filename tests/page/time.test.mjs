// Time goes both ways, and a link is the whole run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./visitor.mjs";

const here = site();

const moved = (visitor, than) =>
  visitor.until((than) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 !== than, than);

test("a link repeats the run: at the same time it has the same trace", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("k");
    await visitor.has("node-001", "data-up", "false");
    let { now } = await visitor.state();
    for (let milestone = 0; milestone < 3; milestone += 1) {
      await visitor.page.keyboard.press("n");
      await moved(visitor, now);
      ({ now } = await visitor.state());
    }
    const first = await visitor.state();
    await visitor.find("share").click();
    const link = await visitor.find("link").inputValue();
    assert.ok(link.length < 2_000, `${link.length} characters`);
    await here.visit({ at: new URL(link).hash }, async (guest) => {
      await guest.pause();
      const second = await guest.state();
      assert.equal(second.now, first.now, "the link holds the time");
      assert.equal(second.trace, first.trace);
    });
  }));

test("going back and forth ends at the same trace", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("k");
    await visitor.has("node-001", "data-up", "false");
    const seen = [await visitor.state()];
    for (let milestone = 0; milestone < 4; milestone += 1) {
      await visitor.page.keyboard.press("n");
      await moved(visitor, seen.at(-1).now);
      seen.push(await visitor.state());
    }
    const timeline = visitor.find("timeline");
    const { min, max } = await timeline.evaluate(({ min, max }) => ({ min: Number(min), max: Number(max) }));
    const places = [0.35, 0.9, 0.1, 0.6].map((part) => Math.round(min + (max - min) * part));
    const traces = new Map();
    let { now } = await visitor.state();
    for (const place of [...places, ...places.toReversed()]) {
      if (Number(await timeline.inputValue()) !== place) {
        await timeline.fill(String(place));
        await moved(visitor, now);
      }
      const state = await visitor.state();
      assert.equal(traces.get(place) ?? state.trace, state.trace, `at ${state.now} ms`);
      traces.set(place, state.trace);
      now = state.now;
    }
    assert.ok(new Set(traces.values()).size > 1);
  }));

test("an action can be taken back and done again", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    const before = await visitor.state();
    await visitor.page.keyboard.press("k");
    await visitor.has("node-001", "data-up", "false");
    await visitor.page.keyboard.press("Control+z");
    await visitor.has("node-001", "data-up", "true");
    assert.equal((await visitor.state()).trace, before.trace);
    await visitor.page.keyboard.press("Control+Shift+z");
    await visitor.has("node-001", "data-up", "false");
  }));

test("one event forth and back is where it was", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press(".");
    const first = await visitor.state();
    await visitor.page.keyboard.press(".");
    await visitor.until((trace) => document.querySelector('[data-testid="page"]').dataset.trace !== trace, first.trace);
    await visitor.page.keyboard.press(",");
    await visitor.has("page", "data-trace", first.trace);
  }));
