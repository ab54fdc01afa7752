"""Writes a channel to stdout, and resumes after a break: watch.py HOST:PORT USER"""
import socket
import struct
import sys
import time

MEDIA, LEAD = 1, 2  # Types of frames; 0 is text.
TRIES = 50  # Connections in a row without a byte of media.


def exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise ConnectionError("the connection broke")
    return data


def fields(text):
    word, *pairs = text.decode().split(",")
    return word, dict(pair.split("=", 1) for pair in pairs)


class Watcher:
    def __init__(self):
        self.at = None  # Broadcast id and offset of the next byte to write.
        self.lost = []  # Bytes of each loss.

    def follow(self, stream):
        """Follows one connection. Returns how the stream ended."""
        target, lead, lost = self.at, b"", []
        while True:
            length, kind = struct.unpack(">IB", exactly(stream, 5))
            data = exactly(stream, length)
            if kind == LEAD:
                lead += data
            elif kind == MEDIA:  # Only now does a jump count.
                sys.stdout.buffer.write(lead + data)
                self.lost += lost
                self.at = target = (target[0], target[1] + length)
                lead, lost = b"", []
            else:
                word, values = fields(data)
                if "id" in values:
                    target, lead = (values["id"], int(values["offset"])), b""
                if word == "jump" and values.get("lost") != "0":
                    lost.append(values.get("lost", "unknown"))
                if word in ("end", "error"):
                    self.lost += lost
                    return values.get("reason") or values["code"]


watcher, tries = Watcher(), 0
while tries < TRIES:
    before, resume = watcher.at, "" if watcher.at is None else ",resume=%s:%d" % watcher.at
    text = f"watch,user={sys.argv[2]},wait=20,frames=1{resume}".encode()
    try:
        with socket.create_connection(sys.argv[1].rsplit(":", 1)) as conn, conn.makefile("rb") as stream:
            conn.sendall(b"\n\n" + struct.pack(">IB", len(text), 0) + text)
            end = watcher.follow(stream)
    except OSError as error:
        end = str(error)
    else:
        if end not in ("restart", "not-live"):
            sys.exit(0 if end == "ended" and not watcher.lost else f"{end}, lost {watcher.lost}")
    tries = tries + 1 if watcher.at == before else 0
    time.sleep(0.02)
sys.exit(f"gave up: {end}")
