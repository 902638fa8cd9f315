// The browser of the tests, and a page in it that fails when anything goes wrong unseen.
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);

/** TypeScript's compiler, for the npm package's types. */
export const TSC = require.resolve("typescript/bin/tsc");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** The system's Chromium: nothing is downloaded. */
export function launch() {
  const executablePath = process.env.PRIMACY_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}
