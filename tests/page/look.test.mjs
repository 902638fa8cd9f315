// For everybody: screen readers (axe), small screens, people whom motion makes ill.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { site } from "./visitor.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const here = site();

/** Ways to look at the page, each from a fresh one. */
const STATES = {
  "the first page": async () => {},
  "a group without its primary": async (visitor) => {
    await visitor.page.keyboard.press("k");
    await visitor.has("node-001", "data-up", "false");
    await visitor.pause();
  },
  "the tables": async (visitor) => {
    // A narrow screen begins with them.
    if (!(await visitor.find("stage-table").isVisible())) await visitor.press("m");
    await visitor.find("stage-table").waitFor();
  },
  "a node in the inspector": async (visitor) => {
    // A card on the map, or a row with a button where the page begins with tables.
    const row = visitor.find("stage-table").getByRole("button", { name: "002", exact: true });
    await ((await row.count()) > 0 ? row : visitor.find("node-002")).first().focus();
    await visitor.page.keyboard.press("Enter");
    await visitor.page.getByRole("heading", { name: "Node 002" }).waitFor();
  },
  "a lesson": async (visitor) => {
    await visitor.page.keyboard.press("g");
    await visitor.page.keyboard.press("3");
    await visitor.has("lesson", "data-lesson", "3");
  },
  "the template": async (visitor) => {
    await visitor.page.keyboard.press("e");
    await visitor.find("template-text").first().waitFor();
  },
  "the command menu": async (visitor) => {
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").waitFor();
  },
  "the list of keys": async (visitor) => {
    await visitor.page.keyboard.press("?");
    await visitor.page.getByRole("dialog").waitFor();
  },
};

for (const colorScheme of ["light", "dark"]) {
  for (const [name, reach] of Object.entries(STATES)) {
    test(`axe finds nothing in ${name}, ${colorScheme}`, () =>
      here.visit({ colorScheme, reducedMotion: "reduce" }, async (visitor) => {
        await visitor.pause();
        await reach(visitor);
        await visitor.page.addScriptTag({ content: AXE });
        const found = await visitor.page.evaluate(async () => {
          const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
          return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((n) => n.target).join(" | ")}`);
        });
        assert.deepEqual(found, []);
      }));
  }
}

for (const [name, reach] of Object.entries(STATES)) {
  test(`at 360 and 320 pixels nothing is wider than the screen in ${name}`, () =>
    here.visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (visitor) => {
      await visitor.pause();
      await reach(visitor);
      for (const width of [360, 320]) {
        await visitor.page.setViewportSize({ width, height: 740 });
        const wide = await visitor.page.evaluate((width) => {
          if (document.documentElement.scrollWidth <= width) return [];
          const over = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1);
          return over.slice(0, 8).map((e) => `${e.tagName}.${e.className?.baseVal ?? e.className} to ${e.getBoundingClientRect().right}`);
        }, width);
        assert.deepEqual(wide, [], `${width} pixels`);
      }
    }));
}

/** The applications' cards that are not wholly in sight above the time bar. */
const unseen = () => {
  const end = document.querySelector("footer.bar").getBoundingClientRect().top;
  const cards = [...document.querySelectorAll('[data-testid^="client-"]')].map((card) => [card.dataset.testid, card.getBoundingClientRect()]);
  return cards.length === 0 ? ["all"] : cards.filter(([, { top, bottom }]) => top < 0 || bottom > end).map(([name, { bottom }]) => `${name} to ${bottom} of ${end}`);
};

for (const viewport of [{ width: 1440, height: 900 }, { width: 768, height: 1024 }, { width: 360, height: 740 }]) {
  test(`at ${viewport.width} pixels the applications are in the first view`, () =>
    here.visit({ viewport }, async (visitor) => {
      await visitor.has("client-c2", "data-state", "good");
      assert.deepEqual(await visitor.page.evaluate(unseen), []);
    }));
}

test("the applications of two runs are in sight side by side", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("Escape");
    await visitor.page.keyboard.press("a");
    await visitor.page.getByRole("button", { name: /^B: c2 uses the configuration endpoint/ }).click();
    await visitor.until(() => document.querySelectorAll('[data-testid="client-c2"]').length === 2);
    await visitor.press("k");
    for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
    await visitor.until(() => document.querySelectorAll('[data-testid="client-c2"] .trouble').length > 0);
    assert.deepEqual(await visitor.page.evaluate(unseen), []);
  }));

test("of a crowd each card keeps its marks to itself, and a line tells how all fare", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("Escape");
    // Answers that are kept long are old ones for long.
    for (const line of ["set ttl 60s", "client x40 every=100ms does=set"]) {
      await visitor.page.keyboard.press("Control+k");
      await visitor.find("palette-input").fill(line);
      await visitor.page.keyboard.press("Enter");
    }
    await visitor.until(() => document.querySelectorAll(".crowd .app").length === 43);
    await visitor.slide("speed", 12);
    await visitor.find("play").click();
    await visitor.page.locator(".apps header").getByText("43 good").waitFor();
    await visitor.pause();
    await visitor.press("k");
    for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
    await visitor.until(() => document.querySelectorAll(".crowd .flag").length > 0);
    const over = () => [...document.querySelectorAll(".crowd .app")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText);
    assert.deepEqual(await visitor.page.evaluate(over), []);
    await visitor.page.locator(".apps header").getByText(/ · \d+ (retrying|failing)/).waitFor();
  }));

test("on a phone a lesson is begun with taps, and the way back leads to the stage", () =>
  here.visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (visitor) => {
    await visitor.find("mode-lessons").tap();
    await visitor.page.locator('[data-testid="lesson-entry"][data-lesson="3"]').tap();
    await visitor.has("lesson", "data-lesson", "3");
    await visitor.find("lesson-choice").first().tap();
    await visitor.find("lesson-start").tap();
    await visitor.has("page", "data-playing", "true");
    await visitor.page.getByRole("button", { name: "Back to the stage" }).tap();
    await visitor.find("stage-table").tap();
  }));

test("with reduced motion nothing on the stage moves while time passes slowly", () =>
  here.visit({ reducedMotion: "reduce" }, async (visitor) => {
    await visitor.pause();
    await visitor.slide("speed", 0);
    const before = (await visitor.state()).now;
    await visitor.find("play").click();
    const picture = () => visitor.find("stage").screenshot({ animations: "allow" });
    // While time stands still what is under way is shown; once it passes, nothing that moves is.
    await visitor.until((before) => Number(document.querySelector('[data-testid="page"]').dataset.now) / 1e6 > before, before);
    // A write that arrives just then changes a number: what moves is different in every pair of pictures.
    let still = false;
    for (let pair = 0; pair < 5 && !still; pair += 1) {
      const one = await picture();
      await visitor.page.waitForTimeout(1_000);
      still = one.equals(await picture());
    }
    const said = await visitor.find("stage").innerText();
    assert.ok(still, `two pictures a second apart differ, five times: ${said}`);
  }));
