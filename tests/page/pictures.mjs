// Draws what is made from the page and kept: `node tests/page/pictures.mjs icons` web/pwa/*.png from icon.svg, `… docs`
// docs/page/*.webp from the release page. PRIMACY_LIVE=http://127.0.0.1:8379/ adds the picture of a real group.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";
import { DIST, Visitor } from "./visitor.mjs";

const here = (path) => new URL(`../../${path}`, import.meta.url).pathname;
const browser = await launch();
const page = await browser.newPage();

async function icons() {
  const svg = readFileSync(here("web/pwa/icon.svg"), "utf8");
  // A launcher may cut a maskable icon to a circle of 80 %: its ground reaches every edge, and the drawing stays inside.
  const masked = svg.replace(' rx="14"', "").replace("<g ", '<g transform="translate(9.6 9.6) scale(0.7)" ');
  for (const [name, size, drawing] of [["icon-192", 192, svg], ["icon-512", 512, svg], ["icon-maskable", 512, masked]]) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
    await page.screenshot({ path: here(`web/pwa/${name}.png`), omitBackground: true });
  }
}

const lesson = (number) => async (visitor) => {
  const { page } = visitor;
  await page.keyboard.press("g");
  await page.keyboard.type(String(number));
  await visitor.has("lesson", "data-lesson", String(number));
  await page.getByTestId("lesson-choice").first().check();
  await page.getByTestId("lesson-start").click();
};

const failover = async (visitor) => {
  await visitor.pause();
  await visitor.press("k");
  for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
};

const dismissed = async (visitor) => {
  await visitor.page.keyboard.press("Escape");
  await visitor.page.mouse.move(2, 2);
};

const DESK = { width: 1440, height: 900 };
const TABLET = { width: 768, height: 1024 };
const PHONE = { width: 360, height: 740 };

const nothing = async () => {};
const underWay = async (visitor) => {
  await visitor.until(() => [...document.querySelectorAll(".trail.stream")].some((trail) => trail.getAnimations().length > 0));
};

/** Name, screen, theme, the way there, and what is waited for last. */
const PICTURES = [
  ["first-light", DESK, "light", nothing, underWay],
  ["first-dark", DESK, "dark", nothing, underWay],
  ["lesson-light", DESK, "light", async (visitor) => {
    await lesson(6)(visitor);
    await visitor.pause();
    await visitor.find("lesson-task").first().getByRole("button").first().click();
    for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
  }],
  ["sandbox-dark", DESK, "dark", async (visitor) => {
    await dismissed(visitor);
    await visitor.find("mode-sandbox").click();
    await failover(visitor);
  }],
  ["twin-light", DESK, "light", async (visitor) => {
    await visitor.pause();
    await dismissed(visitor);
    await visitor.page.keyboard.press("a");
    await visitor.page.getByRole("button", { name: /^B: c2 uses the configuration endpoint/ }).click();
    await visitor.find("delta").waitFor();
    await failover(visitor);
  }],
  ["why-light", DESK, "light", async (visitor) => {
    await dismissed(visitor);
    await failover(visitor);
    await visitor.find("client-c2").getByRole("button", { name: /why/i }).click();
    await visitor.find("why").waitFor();
  }],
  ["terminal-dark", DESK, "dark", async (visitor) => {
    await visitor.pause();
    await dismissed(visitor);
    await visitor.page.keyboard.press("t");
    for (const line of ["SET cart:7 3", "GET cart:7", "WAIT 2 100", "dig configuration", "aws elasticache test-failover --replication-group-id my-replication-group --node-group-id 0001"]) {
      await visitor.find("terminal-input").fill(line);
      await visitor.find("terminal-input").press("Enter");
      await visitor.settled();
    }
  }],
  ["template-light", DESK, "light", async (visitor) => {
    await visitor.pause();
    await dismissed(visitor);
    await visitor.page.keyboard.press("e");
    const text = visitor.find("template-text").first();
    await text.waitFor();
    const field = text.locator("xpath=descendant-or-self::*[self::textarea or @contenteditable='true']").first();
    await field.waitFor();
    const declared = await field.evaluate((e) => e.value ?? e.innerText);
    await field.fill(declared.replace(/(ReplicasPerNodeGroup:\s*)\d/, "$14"));
    await visitor.find("template-plan").click();
  }],
  ["time-dark", { width: 1440, height: 1100 }, "dark", async (visitor) => {
    await dismissed(visitor);
    await failover(visitor);
    await visitor.slide("timeline", 14_000);
    await visitor.press("k");
    for (let milestone = 0; milestone < 3; milestone += 1) await visitor.press("n");
  }],
  ["palette-dark", DESK, "dark", async (visitor) => {
    await visitor.pause();
    await dismissed(visitor);
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").fill("kill");
  }],
  ["crowd-light", DESK, "light", async (visitor) => {
    await visitor.pause();
    await dismissed(visitor);
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").fill("client x50 every=100ms does=set retry=jitter:100ms..5s");
    await visitor.page.keyboard.press("Enter");
    await visitor.find("client-c53").waitFor();
    await visitor.slide("timeline", await visitor.find("timeline").getAttribute("max"));
    await visitor.press("k");
    for (let milestone = 0; milestone < 4; milestone += 1) await visitor.press("n");
  }],
  ["first-768-light", TABLET, "light", nothing],
  ["lesson-768-dark", TABLET, "dark", lesson(3)],
  ["first-360-light", PHONE, "light", nothing],
  ["failover-360-dark", PHONE, "dark", async (visitor) => {
    await failover(visitor);
    await visitor.page.evaluate(() => scrollTo(0, 0));
  }],
  ["lesson-360-light", PHONE, "light", lesson(3)],
];

/** A picture as small as it can be and still be read. */
async function keep(visitor, name) {
  const png = await visitor.page.screenshot();
  const webp = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.82).split(",")[1];
  }, png.toString("base64"));
  const file = here(`docs/page/${name}.webp`);
  writeFileSync(file, Buffer.from(webp, "base64"));
  if (process.env.PRIMACY_SHOTS) writeFileSync(`${process.env.PRIMACY_SHOTS}/${name}.png`, png);
  console.log(name, Buffer.from(webp, "base64").length);
}

async function docs(only) {
  mkdirSync(here("docs/page"), { recursive: true });
  const server = await serve(DIST);
  const all = PICTURES.map((picture) => [server.url, ...picture]);
  if (process.env.PRIMACY_LIVE) {
    const live = async (visitor) => {
      await dismissed(visitor);
      await visitor.find("live").click();
      await visitor.find("node-001").first().waitFor();
      await visitor.page.waitForTimeout(5_000);
      await visitor.find("kill").click();
      await visitor.page.waitForTimeout(6_000);
    };
    all.push([process.env.PRIMACY_LIVE, "live-light", DESK, "light", live]);
  }
  for (const [url, name, viewport, colorScheme, reach, last = nothing] of all.filter(([, name]) => only.length === 0 || only.includes(name))) {
    const narrow = viewport.width < 700;
    const visitor = await Visitor.arrive(browser, url, { viewport, colorScheme, hasTouch: narrow, isMobile: narrow });
    try {
      await reach(visitor);
      // Charts and their numbers follow the run twice a second.
      await visitor.page.waitForTimeout(1_500);
      await last(visitor);
      await keep(visitor, name);
    } catch (error) {
      console.log(name, error.message.split("\n")[0]);
      process.exitCode = 1;
    }
    await visitor.context.close();
  }
  await server.close();
}

const [what, ...only] = process.argv.slice(2);
if (what === "icons") await icons();
else if (what === "docs") await docs(only);
else throw new Error("icons or docs?");
await browser.close();
