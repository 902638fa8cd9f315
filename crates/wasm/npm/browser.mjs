// Browsers and bundlers: whoever imports this waits until the module has been loaded from beside this file.
import init from "./primacy.js";

await init({ module_or_path: new URL("./primacy_bg.wasm", import.meta.url) });

export { actions, Group, version } from "./primacy.js";
