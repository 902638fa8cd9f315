// How much a first visit loads, and what comes later: brotli at its best, which is what the binary sends.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { DIST } from "../visitor.mjs";

const COMPRESSED = /\.(br|gz)$/;

function files(folder) {
  const all = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  return all.filter((file) => statSync(file).isFile() && !COMPRESSED.test(file));
}

function brotli(file) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Which kind of file it is; `undefined` for what a first visit does not load. */
function kind(name) {
  if (name.endsWith("_rest.wasm")) return "later: the module's rest";
  if (name.startsWith("chunks/")) return `later: ${basename(name).replace(/-[0-9A-Za-z]{8,}(?=\.)/, "")}`;
  if (name.startsWith("snippets/")) return "glue";
  return { ".wasm": "wasm", ".js": name.includes("primacy") ? "glue" : "other", ".mjs": "glue", ".css": "css", ".html": "html" }[extname(name)] ?? "other";
}

/** Sums by kind, in bytes of brotli-11. */
export function sums() {
  const found = {};
  for (const file of files(DIST)) {
    const of = kind(relative(DIST, file));
    found[of] = (found[of] ?? 0) + brotli(file);
  }
  return found;
}

export async function sizes() {
  const found = sums();
  const budgets = { wasm: "260 KB, 300 fails", glue: "20 KB", css: "15 KB", html: "15 KB" };
  const first = ["wasm", "glue", "css", "html"];
  const rows = Object.entries(found).sort().map(([name, bytes]) => ({ what: `size, ${name}`, value: kb(bytes), budget: budgets[name] }));
  const load = first.reduce((sum, name) => sum + (found[name] ?? 0), 0);
  const raw = files(DIST).filter((file) => file.endsWith("_bg.wasm")).reduce((sum, file) => sum + statSync(file).size, 0);
  return [...rows, { what: "size, wasm before brotli", value: kb(raw) }, { what: "size, first load", value: kb(load), budget: "350 KB", note: first.join(" + ") }];
}
