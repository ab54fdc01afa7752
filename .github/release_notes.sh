#!/bin/sh
# Prints the section of a version from the changelog, without its heading: release_notes.sh 0.2.0
# Fails when there is none, so that nothing is released without notes.
set -eu
cd "$(dirname "$0")/.."
notes=$(awk -v version="$1" '
  /^## / { if (found) exit; found = index($0, "[" version "]") > 0; next }
  found
' CHANGELOG.md)
[ -n "$(printf %s "$notes" | tr -d '[:space:]')" ] || {
  echo "error: CHANGELOG.md has no section [$1]" >&2
  exit 1
}
printf '%s\n' "$notes"
