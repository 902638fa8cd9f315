// The page as a visitor feels it: how soon it can be used, how smoothly it moves, what it costs.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "../browser.mjs";
import { serve } from "../serve.mjs";
import { DIST } from "../visitor.mjs";

const VISITS = 7;
const SETTLE_MS = 2_500;
const FRAMES_MS = 10_000;
const LOOKS = 10;
const TICK = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const READY = '[data-testid="page"][data-state="ready"]';

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const part = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
const ms = (number) => `${number.toFixed(number < 10 ? 1 : 0)} ms`;

async function withPage(options, look) {
  const server = await serve(DIST, options);
  const browser = await launch();
  try {
    return await look(browser, server.url);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** From the address to a group that runs and a button that works. */
async function visits(slow) {
  return withPage({}, async (browser, url) => {
    const times = [];
    for (let visit = 0; visit < VISITS; visit += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      if (slow) {
        const session = await context.newCDPSession(page);
        await session.send("Network.enable");
        const network = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
        await session.send("Network.emulateNetworkConditions", network);
        await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      }
      // A new window of Chromium loads pages of its own beside, which a visitor's has done long ago.
      await page.waitForTimeout(SETTLE_MS);
      await page.goto(url, { waitUntil: "commit" });
      await page.waitForSelector(READY, { timeout: 120_000 });
      const marked = await page.evaluate(() => performance.getEntriesByName("usable")[0]?.startTime ?? performance.now());
      times.push(marked);
      await context.close();
    }
    return times;
  });
}

export async function usable() {
  const [quick, slow] = [await visits(false), await visits(true)];
  const note = (times) => `${VISITS} cold visits, ${ms(sorted(times)[0])} to ${ms(sorted(times).at(-1))}`;
  return [
    { what: "usable, this machine", value: ms(part(quick, 0.5)), budget: "500 ms", note: note(quick) },
    { what: "usable, Slow 4G and a quarter of the CPU", value: ms(part(slow, 0.5)), budget: "3000 ms", note: note(slow) },
  ];
}

/** Counts what a script costs between two frames: callbacks of frames and messages of the worker, with what they leave to
 * microtasks, which is most of the work when numbers change. */
function recorder() {
  const seen = (window.seen = { scripts: [], intervals: [] });
  let spent = 0;
  // A microtask may queue others: this many links of the longest chain are waited for.
  const settle = (since, rounds) =>
    rounds > 0 ? queueMicrotask(() => settle(since, rounds - 1)) : (spent += performance.now() - since);
  const timed = (call) =>
    function (...given) {
      const start = performance.now();
      try {
        return call.apply(this, given);
      } finally {
        settle(start, 10);
      }
    };
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => request(timed(call));
  const { set, ...rest } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
  Object.defineProperty(Worker.prototype, "onmessage", { ...rest, set(call) { set.call(this, call && timed(call)); } });
  let last;
  const tick = (now) => {
    if (last !== undefined) {
      seen.intervals.push(now - last);
      seen.scripts.push(spent);
    }
    last = now;
    spent = 0;
    request(tick);
  };
  window.record = () => {
    seen.intervals.length = seen.scripts.length = 0;
    last = undefined;
    request(tick);
  };
}

async function crowded() {
  const { Group } = await import(pathToFileURL(join(process.env.PRIMACY_NPM, "node.mjs")));
  const group = new Group({ seed: 42, replicas: 5 });
  group.do("client x50 via=configuration every=10ms does=set+get");
  group.do("delay clients nodes 5ms");
  // What is streamed is under way for so long that the stage has as many dots as it draws.
  group.do("delay primary replicas 300ms");
  // Ten seconds later the applications are all there and at work.
  return `${group.link()}~t=10000`;
}

/** What is to be seen on the stage now. */
function onStage() {
  const all = (selector) => [...document.querySelectorAll(`[data-testid="stage"] ${selector}`)];
  const count = (selector) => all(selector).length;
  // Dots of one kind are one path, each a circle that begins with a move.
  const packets = all(".dots path").reduce((sum, path) => sum + (path.getAttribute("d").match(/M/g)?.length ?? 0), 0);
  return { nodes: count('[data-host^="n"]'), applications: count('[data-host^="c"]'), packets };
}

async function playAt(page, notch) {
  await page.getByTestId("speed").fill(String(notch));
  const root = page.getByTestId("page");
  if ((await root.getAttribute("data-playing")) !== "true") await page.getByTestId("play").click();
}

export async function frames() {
  const link = await crowded();
  return withPage({}, async (browser, url) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(recorder);
    await page.goto(`${url}#${link}`);
    await page.waitForSelector(READY);
    await playAt(page, Math.round(Number(await page.getByTestId("speed").getAttribute("max")) * 0.3));
    await page.waitForTimeout(1_000);
    await page.evaluate(() => window.record());
    const stages = [];
    for (let looks = 0; looks < LOOKS; looks += 1) {
      await page.waitForTimeout(FRAMES_MS / LOOKS);
      stages.push(await page.evaluate(onStage));
    }
    const { intervals, scripts } = await page.evaluate(() => window.seen);
    const [{ nodes, applications }] = stages;
    if (applications === 0) throw new Error("there is nothing on the stage to be drawn");
    const packets = part(stages.map((stage) => stage.packets), 0.5);
    const seconds = intervals.reduce((sum, one) => sum + one, 0) / 1000;
    const late = intervals.filter((one) => one > 20).length / intervals.length;
    return [
      { what: "frames a second", value: (intervals.length / seconds).toFixed(1), budget: "60", note: `${nodes} nodes, ${applications} applications, ${packets} packets; software rendering` },
      { what: "script a frame, p95", value: ms(part(scripts, 0.95)), budget: "4 ms", note: `median ${ms(part(scripts, 0.5))}` },
      { what: "frames later than 20 ms", value: `${(late * 100).toFixed(1)} %`, budget: "1 %" },
    ];
  });
}

/** The size of the WebAssembly memory of the thread that evaluates it: the page's script, asked again, gives what it has. */
const wasmMemory = async (script) => (await (await import(script)).default()).memory.buffer.byteLength;

/** Bytes on a thread's JavaScript heap after a collection. */
async function heap(send) {
  await send("HeapProfiler.enable");
  await send("HeapProfiler.collectGarbage");
  return (await send("Runtime.getHeapUsage")).usedSize;
}

/** Talks to the page's worker, which has a session of its own inside the page's. */
async function toWorker(session) {
  const attached = new Promise((resolve) => {
    session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => targetInfo.type === "worker" && resolve(sessionId));
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  const answers = new Map();
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result, error } = JSON.parse(message);
    answers.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
  });
  let asked = 0;
  return async (method, params = {}) => {
    const id = (asked += 1);
    const answer = new Promise((resolve) => answers.set(id, resolve));
    await session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) });
    return answer;
  };
}

export async function memory() {
  return withPage({}, async (browser, url) => {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForSelector(READY);
    const begun = Number(await page.getByTestId("page").getAttribute("data-now"));
    await playAt(page, await page.getByTestId("speed").getAttribute("max"));
    const far = begun + 600e9;
    await page.waitForFunction((far) => Number(document.querySelector('[data-testid="page"]').dataset.now) >= far, far, { timeout: 300_000, polling: 200 });
    await page.getByTestId("play").click();
    const session = await context.newCDPSession(page);
    const script = url + readdirSync(DIST).find((name) => /^primacy-web-.*\.js$/.test(name));
    const own = { heap: await heap((method, params) => session.send(method, params)), wasm: await page.evaluate(wasmMemory, script) };
    const engine = { heap: await heap(await toWorker(session)), wasm: await page.workers()[0].evaluate(wasmMemory, script) };
    const mb = (bytes) => (bytes / 1e6).toFixed(0);
    const told = ({ heap, wasm }) => `${mb(heap + wasm)} MB (${mb(wasm)} of them WebAssembly)`;
    const value = `${mb(own.heap + own.wasm + engine.heap + engine.wasm)} MB`;
    return [{ what: "memory after ten simulated minutes", value, budget: "150 MB", note: `page ${told(own)}, worker ${told(engine)}` }];
  });
}

/** CPU time of all of the browser's processes, in seconds. */
function spent(browserPid) {
  const all = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([browserPid]);
  for (let grown = 0; grown !== family.size; ) {
    grown = family.size;
    for (const [pid, parent] of all) if (family.has(parent)) family.add(pid);
  }
  let ticks = 0;
  for (const pid of family) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / TICK;
}

export async function idle() {
  return withPage({}, async (browser, url) => {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const { id } = processInfo.find(({ type }) => type === "browser");
    const page = await browser.newPage();
    await page.addInitScript(() => {
      window.asked = 0;
      const request = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (call) => ((window.asked += 1), request(call));
    });
    await page.goto(url);
    await page.waitForSelector(READY);
    if ((await page.getByTestId("page").getAttribute("data-playing")) === "true") await page.getByTestId("play").click();
    await page.waitForTimeout(2_000);
    const [asked, before] = [await page.evaluate(() => window.asked), spent(id)];
    await page.waitForTimeout(10_000);
    const cost = (spent(id) - before) / 10;
    const callbacks = (await page.evaluate(() => window.asked)) - asked;
    return [
      { what: "paused, frame callbacks in 10 s", value: callbacks, budget: "0" },
      { what: "paused, CPU", value: `${(cost * 100).toFixed(1)} %`, budget: "1 %" },
    ];
  });
}
