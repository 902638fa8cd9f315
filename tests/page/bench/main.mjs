// cargo xtask bench page [sizes|usable|frames|engine|seek|memory|idle …]: prints one table of the page's budgets and keeps the
// figures in bench-results/raw/page.json. Software rendering, one machine: compare runs of one machine only.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { engine, seek } from "./engine.mjs";
import { frames, idle, memory, usable } from "./page.mjs";
import { sizes } from "./sizes.mjs";

const PARTS = { sizes, usable, frames, engine, seek, memory, idle };
const OUT = new URL("../../../bench-results/raw/", import.meta.url);

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in PARTS));
if (unknown) {
  console.error(`there is no part ${unknown}; there are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
const rows = [];
for (const name of chosen.length ? chosen : Object.keys(PARTS)) {
  console.log(`measuring ${name} …`);
  try {
    rows.push(...(await PARTS[name]()));
  } catch (error) {
    rows.push({ what: name, value: `not measured: ${error.message.split("\n")[0]}` });
  }
}
mkdirSync(OUT, { recursive: true });
const about = { at: new Date().toISOString(), cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
writeFileSync(new URL("page.json", OUT), `${JSON.stringify({ ...about, rows }, null, 1)}\n`);
const width = (key) => Math.max(...rows.map((row) => String(row[key] ?? "").length), key.length);
const line = (cells) => cells.map((cell, i) => String(cell).padEnd(widths[i])).join("  ").trimEnd();
const columns = ["what", "value", "budget", "note"];
const widths = columns.map(width);
console.log(`\n${line(columns)}`);
for (const row of rows) {
  console.log(line(columns.map((key) => row[key] ?? "")));
}
console.log(`\n${about.cpu}, ${about.cores} cores; kept in bench-results/raw/page.json`);
