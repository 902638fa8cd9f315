#!/bin/sh
# Trunk's hook. Without Node the page still works: plain charts and a plain text field take the place of the chunks.
cd "$(dirname "$0")" || exit 1
if ! command -v npm >/dev/null 2>&1; then
  echo "No npm here: the page gets its plain charts and its plain template field." >&2
  exit 0
fi
lock=node_modules/.package-lock.json
if [ ! -f "$lock" ] || [ package-lock.json -nt "$lock" ]; then
  npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2 || {
    echo "npm ci failed: the page gets its plain charts and its plain template field." >&2
    exit 0
  }
fi
exec node build.mjs
