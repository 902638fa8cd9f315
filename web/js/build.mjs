// Bundles what the page loads lazily and tells index.html the files' names. Trunk runs it after each build of the page
// (see Trunk.toml); the names carry a hash of the content, and index.html is never cached, so versions cannot mix.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const page = process.env.TRUNK_STAGING_DIR ?? process.argv[2];
if (!page) throw new Error("name the folder of the built page");

const result = await build({
  absWorkingDir: here,
  entryPoints: ["charts.js", "editor.js"],
  outdir: join(page, "chunks"),
  entryNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  metafile: true,
  logLevel: "warning",
});

let tags = "";
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint || !file.endsWith(".js")) continue;
  const name = output.entryPoint.replace(/\.js$/, "");
  const path = relative(page, join(here, file)).replaceAll("\\", "/");
  tags += `    <meta name="chunk-${name}" content="${path}" />\n`;
}
const index = join(page, "index.html");
const html = readFileSync(index, "utf8").replace(/^\s*<meta name="chunk-.*\n/gm, "");
writeFileSync(index, html.replace("</head>", `${tags}  </head>`));
