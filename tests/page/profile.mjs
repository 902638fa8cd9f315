// node profile.mjs FOLDER BASE COUNT OUT: looks at the page in a marked build (crates/split) as first visitors do, and writes for
// each visit, and each of its two threads, which functions and arms have run: a line of 0 and 1.
import { readdirSync, writeFileSync } from "node:fs";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";
import { Visitor } from "./visitor.mjs";

const [folder, base, count, out] = process.argv.slice(2);
const glue = readdirSync(folder).find((name) => /^primacy-web-.*\.js$/.test(name));

const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const VISITS = [
  desktop,
  phone,
  { ...desktop, colorScheme: "dark", reducedMotion: "reduce" },
  { ...desktop, at: "?engine=thread" },
  // Whoever follows a link, and whoever comes back after the introduction.
  { ...desktop, linked: true },
  { ...desktop, returns: true },
  // Slow machines: frames that come late, and answers that come before what they answer has been drawn.
  { ...desktop, slower: 6 },
  { ...phone, slower: 12 },
  // Whoever cannot have the rest at once: the page asks again, and nothing of that may be in the rest.
  { ...desktop, refused: true },
  { ...phone, refused: true, slower: 6 },
  // Chance decides which of two threads is first.
  desktop,
  phone,
  // The page of a server that has a group to show. Whoever opens it at that group waits for the rest, which comes from near.
  { ...desktop, live: true },
];

const server = await serve(folder);
const browser = await launch();
const address = server.url + glue;

/** In the page: keeps the notes of the moment at which the rest has been joined, before anything is made of it. */
function keepNotes([address, base, count]) {
  const mark = performance.mark.bind(performance);
  let exports;
  performance.mark = (name) => {
    if (name === "usable") import(address).then((module) => module.default()).then((found) => (exports = found));
    if (name === "complete") window.notes = new Uint8Array(exports.memory.buffer, base, count).join("");
    return mark(name);
  };
}

const ofWorker = (worker) =>
  worker.evaluate(
    async ([address, base, count]) => {
      const { memory } = await (await import(address)).default();
      return new Uint8Array(memory.buffer, base, count).join("");
    },
    [address, Number(base), Number(count)],
  );

/** What `primacy` writes into its page. */
const haveGroup = (context) =>
  context.route(({ pathname }) => pathname === "/", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("</head>", '<meta name="primacy-live" content="/live" /></head>');
    await route.fulfill({ response, body });
  });

/** Gives the page a processor that is so many times slower. */
async function slow(context, page, times) {
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: times });
}

const runs = [];
/** The marked module has all functions, so its rest is empty. It comes when the group has moved for a while. */
const EMPTY = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]);
let link;
for (const { linked, returns, live, slower, refused, ...options } of VISITS) {
  let refusals = refused ? 1 : 0;
  const before = async (context) => {
    if (slower) context.on("page", (page) => slow(context, page, slower));
    await context.addInitScript(keepNotes, [address, Number(base), Number(count)]);
    if (live) await haveGroup(context);
    await context.route("**/*_rest.wasm", async (route) => {
      if (refusals-- > 0) return route.abort();
      const page = context.pages()[0];
      await page.waitForFunction(() => performance.getEntriesByName("usable").length > 0);
      await page.waitForTimeout(5_000);
      for (const worker of page.workers()) runs.push(await ofWorker(worker));
      await route.fulfill({ contentType: "application/wasm", body: EMPTY });
    });
  };
  const at = linked ? `#${link}` : options.at;
  const visitor = await Visitor.arrive(browser, server.url, { ...options, at, before });
  if (returns) await visitor.page.evaluate(() => localStorage.setItem("primacy-intro", "done"));
  runs.push(await visitor.page.evaluate(() => window.notes));
  // Whoever has been here before finds the group as it was left.
  refusals = refused ? 1 : 0;
  await visitor.page.reload();
  await visitor.ready();
  await visitor.complete();
  runs.push(await visitor.page.evaluate(() => window.notes));
  link ??= await visitor.page.evaluate(() => localStorage.getItem("primacy-last"));
  await visitor.context.close();
}
writeFileSync(out, `${runs.join("\n")}\n`);
console.log(runs.map((run) => run.replaceAll("0", "").length).join(" "), `of ${count} functions have run`);
await browser.close();
await server.close();
