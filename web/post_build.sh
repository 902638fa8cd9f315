#!/bin/sh
# Trunk's hook after a build; Trunk runs hooks side by side, and the list of files must come last.
set -e
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/js/build.sh"
sh "$here/pwa/list.sh" "$TRUNK_STAGING_DIR"
