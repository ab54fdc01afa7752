#!/bin/sh
# fstream @VERSION@, commit @COMMIT@, built @BUILT@, for @TARGET@. MIT licence.
#
# One file: this script, and behind it three parts packed by gzip: Deno @DENO@ (MIT licence), the program, and
# its long texts.
# The first start unpacks them, @MEGABYTES@ MB, into the first of these folders that can hold them and lets
# programs run; every later start finds them there:
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

# ours DIR: a folder of our own, made if need be. Others could put a program of theirs into one that is
# not; one that the operator names may be filled by somebody else, and be read-only.
ours() {
  case $1 in /*) ;; *) return 1 ;; esac
  [ -d "$1" ] || (umask 077 && mkdir -p "$1") 2>/dev/null || return 1
  [ "$1" = "${FSTREAM_CACHE:-}" ] || { [ -O "$1" ] && [ ! -L "$1" ]; }
}

# unpack FILE OFFSET LENGTH SIZE: writes under a name that nobody else has, and renames when all of it
# is there and works, so that no start ever runs half a file.
unpack() {
  [ -s "$1" ] && [ -x "$1" ] && return 0
  part=$(mktemp "$1.XXXXXX" 2>/dev/null) || return 1
  if tail -c "+$2" "$0" | head -c "$3" | gzip -dc >"$part" &&
    [ "$(wc -c <"$part")" -eq "$4" ] && chmod 755 "$part" && { [ "$1" != "$cache/$runtime" ] ||
      # busybox's sh does not see that a folder lets no program run.
      "$part" --version </dev/null >/dev/null; }
  then mv -f "$part" "$1"; fi 2>/dev/null
  rm -f "$part"
  part=
  [ -s "$1" ] && [ -x "$1" ]
}

# in_folder DIR: whether all parts are in the folder, now or before.
in_folder() {
  cache=$1
  ours "$cache" &&
    unpack "$cache/$runtime" @RUNTIME_OFFSET@ @RUNTIME_LENGTH@ @RUNTIME_SIZE@ &&
    unpack "$cache/$program" @PROGRAM_OFFSET@ @PROGRAM_LENGTH@ @PROGRAM_SIZE@ &&
    unpack "$cache/$texts" @TEXTS_OFFSET@ @TEXTS_LENGTH@ @TEXTS_SIZE@
}

# Deno keeps nothing on disk, asks nobody for updates and reads no settings of the folder it is started in.
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
  echo 'fstream: error: Cannot unpack: this file is damaged, or no folder has @MEGABYTES@ MB left and lets programs run' >&2
  echo 'fstream: hint: name a folder by its full path: FSTREAM_CACHE=/some/folder' >&2
  exit 70
}
trap - HUP INT TERM

# What people can paste: the bare name where the search path leads here, else the path.
name=$0
[ "$(command -v "${0##*/}" 2>/dev/null)" = "$0" ] && name=${0##*/}

# The program is read by a line of its own: as the main module Deno would parse it a second time first,
# which costs 4 MB and some 10 ms.
# Its home is the folder that it was unpacked to: it would read an .npmrc in the user's, and fail on a bad one.
HOME=$cache exec "$cache/$runtime" run --quiet --no-config --no-lock --no-remote --no-npm @FLAGS@ \
  'data:text/javascript,(0,eval)(Deno.readTextFileSync(Deno.args[0]))' \
  "$cache/$program" "$name" "$0" "$@"
