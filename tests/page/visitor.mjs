// Somebody who looks at the page: a browser context of its own, and a list of everything that went wrong unseen.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

/** The release page. */
export const DIST = process.env.PRIMACY_DIST ?? new URL("../../dist", import.meta.url).pathname;

const PATIENCE = 60_000;

/** A browser and a server for one file of tests; `visit` opens the page. */
export function site() {
  const held = { visitors: [] };
  before(async () => {
    assert.ok(existsSync(join(DIST, "index.html")), `there is no page in ${DIST}: cargo xtask test page`);
    held.server = await serve(DIST);
    held.browser = await launch();
  });
  after(async () => {
    await held.browser?.close();
    await held.server?.close();
  });
  return {
    get url() {
      return held.server.url;
    },
    get server() {
      return held.server;
    },
    visit: (options, look) => visit(held.browser, held.server.url, options, look),
  };
}

/** Opens the page, hands it over, and then complains about whatever the page complained about. */
export async function visit(browser, url, options, look) {
  const visitor = await Visitor.arrive(browser, url, options);
  try {
    await look(visitor);
    visitor.complain();
  } catch (error) {
    error.message += await visitor.describe();
    throw error;
  } finally {
    await visitor.context.close();
  }
}

export class Visitor {
  /**
   * `at`: what follows the address; `before`: what is done to the context first; `hasty`: does not wait for
   * the rest of the module; the rest is Playwright's context. Whoever does not want the service worker is spared the
   * fetching of every file that the page has.
   */
  static async arrive(browser, url, { at = "", before, hasty = false, viewport = { width: 1440, height: 900 }, ...rest } = {}) {
    const visitor = new Visitor();
    visitor.url = url;
    visitor.context = await browser.newContext({ viewport, permissions: ["clipboard-read", "clipboard-write"], serviceWorkers: "block", ...rest });
    visitor.context.setDefaultTimeout(PATIENCE);
    await before?.(visitor.context);
    visitor.page = await visitor.context.newPage();
    visitor.wrong = [];
    visitor.watch();
    await visitor.page.goto(url + at);
    await visitor.ready();
    if (!hasty) await visitor.complete();
    return visitor;
  }

  watch() {
    this.page.on("pageerror", (error) => this.wrong.push(`exception: ${error.message}`));
    this.page.on("console", (message) => {
      if (message.type() === "error") this.wrong.push(`console: ${message.text()}`);
    });
    this.context.on("request", (request) => {
      const foreign = !["blob:", "data:"].includes(new URL(request.url()).protocol) && !request.url().startsWith(this.url);
      if (foreign) this.wrong.push(`request to another host: ${request.url()}`);
    });
  }

  /** No exception, no console error, no request to a foreign host. */
  complain() {
    assert.deepEqual(this.wrong, []);
  }

  /** What there was to see when a test failed. */
  async describe() {
    const seen = await this.root()
      .evaluate((root) => `${JSON.stringify({ ...root.dataset })} ${document.body.innerText.slice(0, 1_500)}`)
      .catch((error) => error.message);
    const shot = process.env.PRIMACY_SHOTS && join(process.env.PRIMACY_SHOTS, `${Date.now()}.png`);
    if (shot) await this.page.screenshot({ path: shot }).catch(() => {});
    return `\nwrong: ${JSON.stringify(this.wrong)}\nseen: ${seen}${shot ? `\nscreenshot: ${shot}` : ""}`;
  }

  find(testid) {
    return this.page.getByTestId(testid);
  }

  root() {
    return this.find("page");
  }

  /** Until the group runs and the first frame is shown. */
  async ready() {
    await this.page.waitForSelector('[data-testid="page"][data-state="ready"]');
  }

  /** Until the rest of the module is there too. */
  async complete() {
    await this.until(() => performance.getEntriesByName("complete").length > 0, undefined, "the rest of the module");
  }

  /** What the page knows about the run. */
  state() {
    return this.root().evaluate((root) => ({ ...root.dataset, now: Number(root.dataset.now) / 1e6 }));
  }

  /** Waits until a function of the page's elements holds; `argument` is handed to it. */
  async until(holds, argument, what = holds.toString()) {
    await this.page.waitForFunction(holds, argument, { polling: 50 }).catch((error) => {
      throw new Error(`waited for ${what}: ${error.message.split("\n")[0]}`);
    });
  }

  /** Waits until an element's attribute has one of these values. */
  async has(testid, attribute, ...values) {
    const find = ([testid, attribute, values]) =>
      [...document.querySelectorAll(`[data-testid="${testid}"]`)].some((e) => values.includes(e.getAttribute(attribute)));
    await this.until(find, [testid, attribute, values], `${testid} ${attribute} = ${values.join(" or ")}`);
  }

  async pause() {
    if ((await this.state()).playing === "true") await this.find("play").click();
    await this.has("page", "data-playing", "false");
  }

  /** Waits until what the last key or click asked for has been answered and shown. */
  async settled() {
    // The key's own effect comes first, then the answer, then the picture.
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await this.has("page", "data-busy", "false");
  }

  /** Presses a key and waits until what it asked for has been shown. */
  async press(key) {
    await this.page.keyboard.press(key);
    await this.settled();
  }

  /** Moves a range to a value as a person does who types it: one input event. */
  async slide(testid, value) {
    await this.find(testid).fill(String(value));
    await this.settled();
  }

  /** Presses Tab until an element that matches has the focus. */
  async tabTo(locator, limit = 150) {
    const wanted = await locator.elementHandle();
    for (let pressed = 0; pressed <= limit; pressed += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${locator} is not reached within ${limit} Tabs`);
  }
}
