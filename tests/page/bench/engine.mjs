// The engine by itself: the npm package in a worker of a page against the same run natively, and seeks.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "../browser.mjs";
import { serve } from "../serve.mjs";

const FOLDER = process.env.PRIMACY_NPM;
const ROOT = new URL("../../../", import.meta.url).pathname;
const SECONDS = 60;
const SEEKS = 60;

/** The lessons' workload: one primary, two replicas, ten applications with a hundred operations a second each. */
async function lessonRun() {
  const { Group } = await import(pathToFileURL(join(FOLDER, "node.mjs")));
  const group = new Group({ seed: 42 });
  group.do("client x10 via=configuration every=9ms does=set+get");
  return group.link();
}

/** Runs a function with the package in a worker of a page, and returns what it returns. */
async function inWorker(work, argument) {
  const server = await serve(FOLDER, { policy: false });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}package.json`);
    const source = `
      import { Group } from "${server.url}browser.mjs";
      try { postMessage(await (${work})(Group, ${JSON.stringify(argument)})); } catch (error) { postMessage({ error: String(error) }); }`;
    const told = await page.evaluate(
      (source) =>
        new Promise((resolve) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const worker = new Worker(url, { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => resolve({ error: message });
        }),
      source,
    );
    if (told.error) throw new Error(told.error);
    return told;
  } finally {
    await browser.close();
    await server.close();
  }
}

export async function engine() {
  const link = await lessonRun();
  const wasm = await inWorker(
    (Group, { link, seconds }) => {
      // Twice: the first time the browser is still compiling what it runs often.
      const minute = () => {
        const group = Group.fromLink(link);
        const before = group.view().steps;
        const start = performance.now();
        group.advance(seconds * 1000);
        const took = (performance.now() - start) / 1000;
        return { events: group.view().steps - before, simSeconds: seconds, seconds: took, trace: group.traceHash };
      };
      return { cold: minute(), ...minute() };
    },
    { link, seconds: SECONDS },
  );
  const cargo = ["run", "--quiet", "--release", "--package", "primacy-sim", "--example", "speed", "--", link, String(SECONDS)];
  const native = JSON.parse(execFileSync("cargo", cargo, { cwd: ROOT, encoding: "utf8" }));
  if (native.trace !== wasm.trace) throw new Error(`traces differ: native ${native.trace}, wasm ${wasm.trace}`);
  const rate = ({ events, seconds }) => events / seconds;
  const million = (number) => `${(number / 1e6).toFixed(2)} M/s`;
  const speed = ({ simSeconds, seconds }) => `${Math.round(simSeconds / seconds)} sim-s/s`;
  return [
    { what: "engine in a worker, events", value: million(rate(wasm)), budget: "1 M/s", note: `${wasm.events} events of ${SECONDS} s` },
    { what: "engine in a worker, speed", value: speed(wasm), budget: "100 sim-s/s" },
    { what: "the same in its first minute", value: speed(wasm.cold), note: million(rate(wasm.cold)) },
    { what: "engine natively, events", value: million(rate(native)) },
    { what: "engine natively, speed", value: speed(native) },
    { what: "native / wasm", value: (rate(native) / rate(wasm)).toFixed(2), note: `same trace ${wasm.trace}` },
  ];
}

export async function seek() {
  const link = await lessonRun();
  const took = await inWorker(
    (Group, { link, seeks }) => {
      const group = Group.fromLink(link);
      const begun = group.nowMs;
      group.advance(600_000);
      let state = 12345;
      const draw = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
      const times = [];
      for (let n = 0; n < seeks; n += 1) {
        const at = Math.round(begun + draw() * 600_000);
        const start = performance.now();
        group.seek(at);
        times.push(performance.now() - start);
      }
      return { times: times.sort((a, b) => a - b) };
    },
    { link, seeks: SEEKS },
  );
  const at = (part) => `${took.times[Math.min(SEEKS - 1, Math.floor(SEEKS * part))].toFixed(0)} ms`;
  return [{ what: "seek in ten minutes, p95", value: at(0.95), budget: "100 ms", note: `median ${at(0.5)}, worst ${at(1)}, ${SEEKS} seeks` }];
}
