// Under Node the module lies beside this file, so the package is ready as soon as it is imported.
import { readFileSync } from "node:fs";
import { initSync } from "./primacy.js";

initSync({ module: readFileSync(new URL("./primacy_bg.wasm", import.meta.url)) });

export { actions, Group, version } from "./primacy.js";
