// Time goes both ways, and a link is the whole run.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { site } from "./visitor.mjs";

const here = site();

/** The link in the dialog, once the engine has made it. */
async function linked(visitor) {
  await visitor.until(() => document.querySelector('[data-testid="link"]')?.value.includes("#"));
  return visitor.find("link").inputValue();
}

test("a link repeats the run: at the same time it has the same trace", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    let { now } = await visitor.state();
    for (let milestone = 0; milestone < 3; milestone += 1) {
      await visitor.press("n");
      ({ now } = await visitor.state());
    }
    // A link holds whole milliseconds, and so does the slider.
    await visitor.slide("timeline", Math.floor(now));
    const first = await visitor.state();
    assert.equal(first.now, Math.floor(now));
    await visitor.find("share").click();
    const link = await linked(visitor);
    assert.ok(link.length < 2_000, `${link.length} characters`);
    await here.visit({ at: new URL(link).hash }, async (guest) => {
      await guest.pause();
      const second = await guest.state();
      assert.equal(second.now, first.now, "the link holds the time");
      assert.equal(second.trace, first.trace);
    });
  }));

test("a file that is dropped on the page is the run that was saved", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    await visitor.press("n");
    await visitor.slide("timeline", Math.floor((await visitor.state()).now));
    const saved = await visitor.state();
    await visitor.find("share").click();
    await linked(visitor);
    const download = visitor.page.waitForEvent("download");
    await visitor.page.getByRole("button", { name: /^Download/ }).click();
    const text = readFileSync(await (await download).path(), "utf8");
    const drop = (page, text) =>
      page.evaluate((text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "run.primacy", { type: "text/plain" }));
        dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
      }, text);
    await here.visit({}, async (guest) => {
      await guest.pause();
      await drop(guest.page, "a shopping list");
      await guest.page.getByText("This file is no run of Primacy.").waitFor();
      await drop(guest.page, text);
      const same = (saved) => {
        const { now, trace } = document.querySelector('[data-testid="page"]').dataset;
        return Number(now) === saved.now * 1e6 && trace === saved.trace;
      };
      await guest.until(same, saved, "the saved run at its moment");
    });
  }));

test("going back and forth ends at the same trace", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    const seen = [await visitor.state()];
    for (let milestone = 0; milestone < 4; milestone += 1) {
      await visitor.press("n");
      seen.push(await visitor.state());
    }
    const timeline = visitor.find("timeline");
    const { min, max } = await timeline.evaluate(({ min, max }) => ({ min: Number(min), max: Number(max) }));
    const places = [0.35, 0.9, 0.1, 0.6].map((part) => Math.round(min + (max - min) * part));
    const traces = new Map();
    for (const place of [...places, ...places.toReversed()]) {
      if (Number(await timeline.inputValue()) !== place) {
        await visitor.slide("timeline", place);
      }
      const state = await visitor.state();
      assert.equal(traces.get(place) ?? state.trace, state.trace, `at ${state.now} ms`);
      traces.set(place, state.trace);
    }
    assert.ok(new Set(traces.values()).size > 1);
  }));

test("an action can be taken back and done again", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    const before = await visitor.state();
    await visitor.press("k");
    const killed = await visitor.state();
    assert.notEqual(killed.trace, before.trace);
    await visitor.press("Control+z");
    assert.equal((await visitor.state()).trace, before.trace);
    await visitor.press("Control+Shift+z");
    assert.equal((await visitor.state()).trace, killed.trace);
  }));

test("one event forth and back is where it was", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press(".");
    const first = await visitor.state();
    await visitor.press(".");
    assert.notEqual((await visitor.state()).trace, first.trace);
    await visitor.press(",");
    assert.equal((await visitor.state()).trace, first.trace);
  }));

test("near a milestone time slows down by itself, and goes on as fast as before", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    await visitor.find("slowing").click();
    // At a hundred times real time a frame covers more than a second: nothing but slowing down looks at a milestone.
    await visitor.slide("speed", 18);
    await visitor.page.evaluate(() => {
      const page = document.querySelector('[data-testid="page"]');
      window.seen = [];
      new MutationObserver(() => window.seen.push(Number(page.dataset.now) / 1e6)).observe(page, { attributeFilter: ["data-now"] });
    });
    await visitor.find("play").click();
    const replaced = visitor.page.locator(".marks button", { hasText: "replaced" });
    await replaced.waitFor();
    const [minutes, seconds] = (await replaced.getAttribute("aria-label")).match(/(\d+):(\d+\.\d+)/).slice(1).map(Number);
    const at = (minutes * 60 + seconds) * 1000;
    await visitor.until((at) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 > at + 5_000, at);
    const seen = await visitor.page.evaluate(() => window.seen);
    const near = seen.filter((now) => Math.abs(now - at) < 12).length;
    assert.ok(near >= 4, `${near} pictures within 12 ms of the milestone at ${at} ms: ${seen}`);
  }));

/** The same link as another engine would have made it: its number comes first, and a checksum closes it. */
function madeElsewhere(hash) {
  const [, run, view] = hash.match(/^#p1\.([^~]*)(.*)$/);
  const bytes = Buffer.from(run, "base64url");
  const start = bytes.findIndex((byte) => byte < 0x80) + 1;
  bytes.writeUInt32LE(0xdeadbeef, start);
  bytes.writeUInt32LE(crc32(bytes.subarray(start, -4)), bytes.length - 4);
  return `#p1.${bytes.toString("base64url")}${view}`;
}

test("a link that another engine made opens, and says which one that was", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    const { trace } = await visitor.state();
    await visitor.find("share").click();
    const { hash } = new URL(await linked(visitor));
    await here.visit({ at: madeElsewhere(hash) }, async (guest) => {
      await guest.page.getByText("The link was made by engine deadbeef").waitFor();
      await guest.has("page", "data-trace", trace);
    });
  }));

test("a link that was cut off leaves the usual group running, and a word about the link", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.press("k");
    await visitor.find("share").click();
    const { hash } = new URL(await linked(visitor));
    for (const [at, why] of [[hash.slice(0, 20), /cut off after 19 characters/], ["#r=1&v=ab&s=AA*", /character 2 of the link/]]) {
      await here.visit({ at }, async (guest) => {
        await guest.has("page", "data-playing", "true");
        await guest.page.getByText(why).waitFor();
        await guest.page.getByText("Here is the usual group instead").waitFor();
        const { now } = await guest.state();
        await guest.until((now) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 > now, now);
      });
    }
  }));

test("Back leads to the run before as it was left, and Forward to the one after", () =>
  here.visit({}, async (visitor) => {
    const { page } = visitor;
    const at = (now) => visitor.until((now) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 === now, now, `${now} ms`);
    await visitor.pause();
    await visitor.press("k");
    await visitor.press("n");
    await visitor.slide("timeline", Math.floor((await visitor.state()).now));
    const first = await visitor.state();
    await visitor.find("share").click();
    const { hash } = new URL(await linked(visitor));
    await page.keyboard.press("Escape");

    await visitor.find("mode-lessons").click();
    await page.locator('[data-testid="lesson-entry"][data-lesson="3"]').click();
    await visitor.has("lesson", "data-lesson", "3");
    await visitor.find("lesson-choice").first().click();
    await visitor.find("lesson-start").click();
    await visitor.until(() => Number(document.querySelector('[data-testid="page"]').dataset.now) > 12e9);
    await visitor.pause();
    const lesson = await visitor.state();
    await visitor.find("mode-gallery").click();
    await page.locator(".gallery li button").nth(1).click();
    await visitor.find("lesson").waitFor({ state: "detached" });
    await visitor.has("page", "data-playing", "true");

    await page.goBack();
    await visitor.has("lesson", "data-lesson", "3");
    await at(Math.floor(lesson.now));
    assert.equal(await visitor.find("lesson-start").count(), 0, "it has begun already");
    await page.goBack();
    await at(first.now);
    assert.equal((await visitor.state()).trace, first.trace);
    await visitor.has("page", "data-playing", "false");

    // What is typed into the address is a step like any other.
    await page.goForward();
    await visitor.has("lesson", "data-lesson", "3");
    await page.evaluate((hash) => { location.hash = hash; }, hash);
    await at(first.now);
    await page.goBack();
    await visitor.has("lesson", "data-lesson", "3");
    assert.equal(await page.evaluate(() => location.hash), "");
    await page.goForward();
    await at(first.now);
    assert.equal((await visitor.state()).trace, first.trace);
  }));

test("a run that was playing goes on when Back leads to it", () =>
  here.visit({}, async (visitor) => {
    await visitor.find("mode-gallery").click();
    const before = await visitor.page.evaluate(() => history.length);
    await visitor.page.locator(".gallery li button").nth(1).click();
    await visitor.until((before) => history.length > before, before);
    await visitor.page.goBack();
    await visitor.has("page", "data-playing", "true");
    const { now } = await visitor.state();
    await visitor.until((now) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 > now, now);
  }));

test("whatever time passes before it, a lesson begins at its own moment", () =>
  here.visit({}, async (visitor) => {
    await visitor.slide("speed", await visitor.find("speed").getAttribute("max"));
    await visitor.until(() => Number(document.querySelector('[data-testid="page"]').dataset.now) > 60e9);
    await visitor.page.keyboard.press("g");
    await visitor.page.keyboard.press("3");
    await visitor.has("lesson", "data-lesson", "3");
    await visitor.has("page", "data-playing", "false");
    await visitor.settled();
    assert.equal((await visitor.state()).now, 5_000);
  }));
