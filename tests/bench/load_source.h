// The broadcaster's side: stamps chunks and sends them without ever blocking, since a generator that
// waits for a server to read cannot read what that server waits to send.
#define QUEUE 4096 // chunks that wait while the server does not read: two minutes at 4 Mbit/s in 16 KiB

typedef struct {
  int fd, rtmp, waits;    // waits: for room in its socket
  uint32_t channel;
  uint32_t made, sent;    // chunks
  uint64_t unsent;        // chunks that found the queue full
  uint64_t times[QUEUE];  // when each that waits was made
  uint64_t began;
  uint8_t *frame;         // the chunk in progress, with what its protocol puts before it
  size_t length, at;
} Source;

// A chunk of the load is made; it is sent as soon as the server reads.
static void make_chunk(Source *s) {
  if (s->made - s->sent == QUEUE) s->unsent++;
  else s->times[s->made++ % QUEUE] = now_ns();
}

static void next_frame(Source *s) {
  uint64_t made = s->times[s->sent % QUEUE];
  if (!s->began) s->began = made;
  size_t head = s->rtmp ? rtmp_tag_head(s->frame, (made - s->began) / 1000000) : 0;
  Stamp stamp = {MAGIC + s->channel, s->sent, made};
  memcpy(s->frame + head, &stamp, STAMP);
  memset(s->frame + head + STAMP, 'x', chunk_bytes - STAMP);
  s->length = head + chunk_bytes;
  s->at = 0;
}

// Sends what can be sent now; returns whether something is left.
static int send_chunks(Source *s) {
  while (s->sent != s->made) {
    if (s->length == 0) next_frame(s);
    ssize_t n = send(s->fd, s->frame + s->at, s->length - s->at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return 1;
    if (n < 0) fail("send");
    s->at += n;
    if (s->at < s->length) continue;
    s->length = 0;
    s->sent++;
  }
  return 0;
}
