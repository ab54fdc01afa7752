// What wraps the media on its way to a watcher: chunked coding (RFC 9112, section 7.1) and WebSocket frames
// (RFC 6455, section 5.2), and the frames of fstream. Texts are skipped.
#define FRAME_HEAD 18 // bytes: "\r\n", 14 hexadecimal digits, "\r\n"

typedef struct {
  int websocket, frames, media;
  unsigned have;
  uint64_t left; // bytes of the chunk or frame in progress
  uint8_t head[FRAME_HEAD];
} Framed;

// Whether a chunk's head is whole; the line end behind a chunk counts as an empty one.
static int chunk_line(Framed *f) {
  if (f->head[f->have - 1] != '\n') return 0;
  f->media = 1;
  f->head[f->have - 1] = 0;
  f->left = strtoull((char *)f->head, NULL, 16);
  return 1;
}

static int frame_head(Framed *f) {
  if (f->have < 2) return 0;
  int length = f->head[1] & 127, more = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (f->have < 2u + more) return 0;
  f->media = (f->head[0] & 15) == 2;
  f->left = more ? 0 : length;
  for (int i = 0; i < more; i++) f->left = f->left << 8 | f->head[2 + i];
  return 1;
}

// Of fstream's own frames: a length, and a type, of which 1 is media.
static int fstream_head(Framed *f) {
  if (f->have < 5) return 0;
  f->media = f->head[4] == 1;
  f->left = (uint64_t)f->head[0] << 24 | f->head[1] << 16 | f->head[2] << 8 | f->head[3];
  return 1;
}

static int head_done(Framed *f) {
  if (f->frames) return fstream_head(f);
  return f->websocket ? frame_head(f) : chunk_line(f);
}

// Takes what a server sends to a watcher behind its reply, in any pieces.
static void unframe(Framed *f, Proof *p, const uint8_t *data, size_t length, uint64_t now) {
  for (size_t i = 0; i < length && !p->torn;) {
    if (f->left == 0) {
      f->head[f->have++] = data[i++];
      if (head_done(f)) f->have = 0;
      else if (f->have == FRAME_HEAD) mark_torn(p);
      continue;
    }
    size_t part = f->left < length - i ? f->left : length - i;
    if (f->media) take(p, data + i, part, now);
    f->left -= part;
    i += part;
  }
}
