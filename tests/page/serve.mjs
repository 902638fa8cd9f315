// A static server for tests: sends the compressed copy beside a file when the browser takes it, with the types and the policy
// that `primacy` sends. Nothing is compressed on the fly: that would be measured as loading time.
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The directives of crates/server/src/http/page.rs: a page that breaks under them would break in the binary. */
const POLICY = readFileSync(new URL("../../crates/server/src/http/page.rs", import.meta.url), "utf8")
  .match(/POLICY: &str =\s*"([^;]*);([^"]*)"/)
  .slice(1)
  .join(";")
  .replace(/\\\s+/g, "");

/** Serves a folder on a free port of this machine; `headers` go with every file. */
export async function serve(folder, { policy = true, headers: more = {} } = {}) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    const path = decodeURIComponent(new URL(request.url, "http://here").pathname);
    const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
    if (!file.startsWith(folder + sep) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.\n");
      return;
    }
    const headers = {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": "no-cache",
      vary: "accept-encoding",
      ...more,
    };
    if (policy) headers["content-security-policy"] = POLICY;
    const compressed = /\bbr\b/.test(request.headers["accept-encoding"] ?? "") && existsSync(`${file}.br`);
    if (compressed) headers["content-encoding"] = "br";
    response.writeHead(200, headers).end(readFileSync(compressed ? `${file}.br` : file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}/`, requests, close };
}
