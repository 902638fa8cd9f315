#!/bin/sh
# Trunk's hook before a build: one file of all styles, since many small ones compress badly and each costs a request.
# What comes first in a layer loses against what comes later.
set -e
cd "$(dirname "$0")"
out=../../target/page.css
mkdir -p ../../target
for name in base controls layout header timebar intro side twin overlay panes stage crowd table inspector why charts editor \
  terminal events lesson access; do
  cat "$name.css"
done | sed -e 's/^ *//' -e '/^$/d' -e '/^\/\*.*\*\/$/d' > "$out.new"
mv "$out.new" "$out"
