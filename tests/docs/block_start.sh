# What a document's commands need around them: a server, live channels, players. Sourced by the script of a
# block, in a network of its own, whose ports are all free.

ip link set lo up

# The log line that says so: listening, or a broadcast that is live.
count() { grep -c "$1" server.log 2>/dev/null || true; }

# await EVENT COUNT: until the server has logged EVENT so often, or a command in the background failed.
await() {
  for _ in $(seq 150); do
    [ "$(count "$1")" -ge "$2" ] && return
    ls failed.* >/dev/null 2>&1 && exit 1
    command sleep 0.1
  done
  echo "no $1 was logged" >&2
  exit 1
}

# serve COMMAND: runs a server in the background until the block ends.
serve() {
  : >server.log
  background "$1 2>server.log"
  await ' listen ' 1
}

# broadcast COMMAND: broadcasts in the background until the block ends.
broadcast() {
  local before
  before=$(count ' broadcast-start ')
  background "$1"
  await ' broadcast-start ' $((before + 1))
}

background() {
  {
    set -o pipefail
    eval "$1" || echo "$1: status $?" >>"failed.$BASHPID"
  } </dev/null &
}

# A second is enough for people, not for a machine that runs other tests beside this one.
sleep() { command sleep 4; }
