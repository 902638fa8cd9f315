// Every lesson, by keyboard alone, to its last task; then its numbers. What they must be is what crates/sim/src/lesson/tests.rs
// asserts of a learner without a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./visitor.mjs";

const here = site();
const NONE = "–";
const CROWDED = 11;

const first = (text) => Number(text.match(/\d+/)?.[0]);
const full = (text) => {
  const [part, whole] = text.match(/\d+/g).map(Number);
  assert.ok(part > 0 && part === whole, text);
};
const zero = (text) => assert.match(text, /^0 of /);
const several = (text) => assert.ok(first(text) >= 3, text);
const some = (text) => assert.ok(first(text) > 0, text);

/** By lesson: a part of a figure's label, and what its value must be. */
const NUMBERS = [
  { "keys lost": full },
  { "confirmed before all": full },
  { "behind the slow link": (text) => assert.ok(first(text) >= 200 && first(text) <= 202, text) },
  { "stale reads of c1": (text) => assert.match(text, /100 %/), "stale reads of c3": zero, "from the primary": zero },
  { "after WAIT 2": zero, "after WAIT 1": some, "without WAIT": some },
  { nodes: (text) => assert.equal(text, "5"), "six replicas": (text) => assert.equal(text, "refused") },
  { "the whole failover": (text) => assert.match(text, /2 min/) },
  { "acknowledged writes lost": some, promoted: (text) => assert.match(text, /003/) },
  { "reads from replicas": (text) => assert.match(text, /^100 %/), "writes failed for": (text) => assert.match(text, / s of a 2 min/) },
  { "A, one zone: operations": (text) => assert.equal(text, "0 %"), "B, three zones: keys lost": (text) => assert.equal(text, "0") },
  { "c3, looked up once": (text) => assert.match(text, /^∞/) },
  // However late the primary is killed: the keyboard's way there takes a while.
  { "attempts in all": several, "worst second": some, "A, every 100 ms: busiest": some, "B, doubling and random: busiest": some },
  { "calls of TestFailover": (text) => assert.equal(text, "1 of 15 in 24 h"), "failed writes": some },
  { cost: (text) => assert.equal(text, "0.50 node-hours"), "stale reads": zero },
];

async function figures(visitor) {
  const rows = await visitor.find("lesson-figure").evaluateAll((all) =>
    all.map((figure) => [figure.querySelector(".label")?.textContent ?? figure.dataset.label, figure.querySelector(".value")?.textContent]),
  );
  return rows.map(([label, value]) => ({ label, value }));
}

/** Which tasks are done; `null` while the card is redrawn. */
const tasks = (visitor) => visitor.find("lesson-task").evaluateAll((all) => all.map((task) => task.dataset.done === "true"));

async function hurry(visitor) {
  await visitor.tabTo(visitor.find("speed"));
  await visitor.page.keyboard.press("End");
}

async function play(visitor, number) {
  const { page } = visitor;
  await visitor.tabTo(page.locator(`[data-testid="lesson-entry"][data-lesson="${number}"]`));
  await page.keyboard.press("Enter");
  await visitor.has("lesson", "data-lesson", String(number));
  await visitor.tabTo(page.getByTestId("lesson-choice").first());
  await page.keyboard.press("Space");
  // While its four hundred applications run the page is busy, and each Tab takes a while: better before that.
  let hurried = number === CROWDED;
  if (hurried) await hurry(visitor);
  await visitor.tabTo(page.getByTestId("lesson-start"));
  await page.keyboard.press("Enter");
  const count = (await tasks(visitor)).length;
  for (let at = 0; at < count; at += 1) {
    const task = visitor.find("lesson-task").nth(at);
    const button = task.getByRole("button").first();
    if ((await task.getAttribute("data-done")) !== "true" && (await button.count()) > 0 && (await button.isEnabled())) {
      await visitor.tabTo(button);
      await page.keyboard.press("Enter");
    } else if (!hurried) {
      // Not earlier: Tuesday is mended in its first minute, or not at all.
      await hurry(visitor);
      hurried = true;
    }
    await visitor.until((at) => document.querySelectorAll('[data-testid="lesson-task"]')[at]?.dataset.done === "true", at, `task ${at + 1} of lesson ${number}`);
  }
}

for (const [number, expected] of NUMBERS.entries()) {
  test(`lesson ${number} is completed by keyboard alone, and its number is right`, () =>
    here.visit({}, async (visitor) => {
      await play(visitor, number);
      await visitor.pause();
      const found = await figures(visitor);
      for (const [label, check] of Object.entries(expected)) {
        const figure = found.find((one) => one.label.includes(label));
        assert.ok(figure, `no figure ${label} among ${found.map((one) => one.label).join(", ")}`);
        assert.notEqual(figure.value, NONE, figure.label);
        check(figure.value);
      }
    }));
}
