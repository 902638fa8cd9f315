#!/bin/sh
# Writes the service worker with the names that this build has given its files. $1: the folder of the built page.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
files=$(find . -type f ! -name 'index.html' ! -name 'sw.js' ! -name '*.br' ! -name '*.gz' | sed 's|^\./||' | LC_ALL=C sort)
version=$(cat index.html $files | cksum | cut -d' ' -f1)
list='"./"'
for file in $files; do list="$list, \"$file\""; done
sed -e "s|@VERSION@|$version|" -e "s|@FILES@|$list|" "$here/sw.js" > sw.js
