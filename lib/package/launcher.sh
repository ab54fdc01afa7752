#!/bin/sh
# fstream @VERSION@, commit @COMMIT@, built @BUILT@, for @TARGET@. MIT licence.
#
# One file: this script, followed by three parts compressed with gzip: Deno @DENO@ (MIT licence), the program,
# and its long texts.
# The first start unpacks them, @MEGABYTES@ MB, into the first of these folders that has the space and may run
# programs; later starts find them there:
#
#   $FSTREAM_CACHE, $XDG_CACHE_HOME/fstream or ~/.cache/fstream,
#   $TMPDIR/fstream-UID, /var/tmp/fstream-UID, /tmp/fstream-UID, /dev/shm/fstream-UID
#
# It needs sh, tail, head, gzip, wc, mktemp, chmod, mkdir, mv, rm and id, and glibc 2.27 or later.
set -u

runtime='@RUNTIME_NAME@'
program='@PROGRAM_NAME@'
texts='@TEXTS_NAME@'
part=

# ours DIR: makes a folder if need be, and tells whether it belongs to this user: into another one somebody
# else could put a program. A folder that the operator names may be prepared by somebody else, and read-only.
ours() {
  case $1 in /*) ;; *) return 1 ;; esac
  [ -d "$1" ] || (umask 077 && mkdir -p "$1") 2>/dev/null || return 1
  [ "$1" = "${FSTREAM_CACHE:-}" ] || { [ -O "$1" ] && [ ! -L "$1" ]; }
}

# unpack FILE OFFSET LENGTH SIZE: writes under a unique name, and renames the file when it is complete and
# works, so that no start ever runs half a file.
unpack() {
  [ -s "$1" ] && [ -x "$1" ] && return 0
  (umask 077 && mkdir -p "${1%/*}") 2>/dev/null || return 1
  part=$(mktemp "$1.XXXXXX" 2>/dev/null) || return 1
  if tail -c "+$2" "$0" | head -c "$3" | gzip -dc >"$part" &&
    [ "$(wc -c <"$part")" -eq "$4" ] && chmod 755 "$part" && { [ "$1" != "$cache/$runtime" ] ||
      # -x of busybox's sh ignores that a folder may not run programs (noexec).
      "$part" --version </dev/null >/dev/null; }
  then mv -f "$part" "$1"; fi 2>/dev/null
  rm -f "$part"
  part=
  [ -s "$1" ] && [ -x "$1" ]
}

# in_folder DIR: unpacks all parts that are missing in the folder, and tells whether all are there.
in_folder() {
  cache=$1
  ours "$cache" &&
    unpack "$cache/$runtime" @RUNTIME_OFFSET@ @RUNTIME_LENGTH@ @RUNTIME_SIZE@ &&
    unpack "$cache/$program" @PROGRAM_OFFSET@ @PROGRAM_LENGTH@ @PROGRAM_SIZE@ &&
    unpack "$cache/$texts" @TEXTS_OFFSET@ @TEXTS_LENGTH@ @TEXTS_SIZE@
}

# Deno writes nothing to disk, looks for no updates, and reads no settings of the current folder.
export DENO_DIR=/dev/null/fstream DENO_LOG=error,deno::cache=off
export DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1

trap 'rm -f "$part"; exit 129' HUP
trap 'rm -f "$part"; exit 130' INT
trap 'rm -f "$part"; exit 143' TERM

{ [ -n "${FSTREAM_CACHE:-}" ] && in_folder "$FSTREAM_CACHE"; } ||
  { [ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] && in_folder "${XDG_CACHE_HOME:-${HOME:-}/.cache}/fstream"; } ||
  { uid=$(id -u) && {
    { [ -n "${TMPDIR:-}" ] && in_folder "$TMPDIR/fstream-$uid"; } || in_folder "/var/tmp/fstream-$uid" ||
      in_folder "/tmp/fstream-$uid" || in_folder "/dev/shm/fstream-$uid"
  }; } || {
  echo 'fstream: error: Cannot unpack: this file is corrupt, or no folder has @MEGABYTES@ MB left and may run programs' >&2
  echo 'fstream: hint: name a folder by its full path: FSTREAM_CACHE=/some/folder' >&2
  exit 70
}
trap - HUP INT TERM

# What users can paste: the name alone if the search path finds it, else the path.
name=$0
[ "$(command -v "${0##*/}" 2>/dev/null)" = "$0" ] && name=${0##*/}

# The program is loaded with eval: a main module would be parsed twice, which costs 4 MB and some 10 ms.
# HOME is the folder with the parts: Deno would read an .npmrc in the user's, and fail on a bad one.
HOME=$cache exec "$cache/$runtime" run --quiet --no-config --no-lock --no-remote --no-npm @FLAGS@ \
  'data:text/javascript,(0,eval)(Deno.readTextFileSync(Deno.args[0]))' \
  "$cache/$program" "$name" "$0" "$@"
