// As much of RTMP (Adobe's RTMP specification 1.0) and of FLV (Adobe's FLV specification 10.1, annex E)
// as carries stamped chunks through servers that relay nothing else. A chunk of the load goes as one
// AVC video tag marked as a key frame, so that every server relays it and none waits for another.
#define HANDSHAKE 1536    // bytes of C1, C2, S1 and S2: section 5.2.3
#define TAG_HEAD 5        // bytes before the NAL units in an AVC video tag: E.4.3.1
#define CHUNK_STREAMS 64  // those that one byte names: section 5.3.1.1; servers use fewer than ten
#define TYPE_CHUNK_SIZE 1 // message types: sections 5.4 and 7.1
#define TYPE_VIDEO 9
#define TYPE_COMMAND 20
#define HELLO_MOST 4096   // bytes: the handshake's 3,073 and some 300 of commands

typedef struct {
  uint8_t *bytes;
  size_t length;
} Text;

static void put(Text *t, const void *data, size_t length) {
  memcpy(t->bytes + t->length, data, length);
  t->length += length;
}

static void put_number(Text *t, uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) t->bytes[t->length++] = value >> shift;
}

// AMF 0, sections 2.2 (number) and 2.4 (string).
static void put_amf_number(Text *t, double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  put_number(t, 0, 1);
  put_number(t, bits >> 32, 4);
  put_number(t, bits, 4);
}

static void put_name(Text *t, const char *name) {
  put_number(t, strlen(name), 2);
  put(t, name, strlen(name));
}

static void put_amf_string(Text *t, const char *text) {
  put_number(t, 2, 1);
  put_name(t, text);
}

// The head of a message that goes as one chunk, form 0: section 5.3.1.2.1.
static void put_message_head(Text *t, int chunk_stream, uint32_t ms, uint32_t length, int type, int stream) {
  put_number(t, chunk_stream, 1);
  put_number(t, ms, 3);
  put_number(t, length, 3);
  put_number(t, type, 1);
  put_number(t, stream ? 1u << 24 : 0, 4); // little-endian, and never above 1
}

// A command: its name, its number, null or the connection's object, and up to two strings.
static void put_command(Text *t, int stream, const char *name, int number, const char *a, const char *b) {
  uint8_t body[512];
  Text command = {body, 0};
  put_amf_string(&command, name);
  put_amf_number(&command, number);
  if (!strcmp(name, "connect")) {
    put_number(&command, 3, 1); // an object, section 2.5; it ends in an empty name and 9
    put_name(&command, "app");
    put_amf_string(&command, "live");
    put_name(&command, "tcUrl");
    put_amf_string(&command, "rtmp://127.0.0.1/live");
    put_number(&command, 9, 3);
  } else {
    put_number(&command, 5, 1);
  }
  if (a) put_amf_string(&command, a);
  if (b) put_amf_string(&command, b);
  put_message_head(t, 3, 0, command.length, TYPE_COMMAND, stream);
  put(t, body, command.length);
}

// Handshake and commands in one go: nothing in them depends on what the server answers, whose first
// stream is 1. Chunks as large as a message spare both sides the headers in between.
static size_t rtmp_hello(uint8_t *hello, int publishes, const char *name) {
  Text t = {hello, 0};
  memset(hello, 0, 1 + 2 * HANDSHAKE);
  hello[0] = 3;
  t.length = 1 + 2 * HANDSHAKE;
  put_message_head(&t, 2, 0, 4, TYPE_CHUNK_SIZE, 0);
  put_number(&t, chunk_bytes + 64 > 4096 ? chunk_bytes + 64 : 4096, 4);
  put_command(&t, 0, "connect", 1, NULL, NULL);
  put_command(&t, 0, "createStream", 2, NULL, NULL);
  put_command(&t, 1, publishes ? "publish" : "play", 3, name, publishes ? "live" : NULL);
  if (!publishes) return t.length;
  // The decoder configuration (ISO/IEC 14496-15, 5.3.3.1) of a small AVC stream: servers look for it.
  static const uint8_t config[] = {0x17, 0,    0,    0,    0,    1,    0x42, 0xc0, 0x1e, 0xff, 0xe1, 0,    10,
                                   0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x47, 0xfe, 0xc8, 1,    0,    4,
                                   0x68, 0xce, 0x3c, 0x80};
  put_message_head(&t, 6, 0, sizeof config, TYPE_VIDEO, 1);
  put(&t, config, sizeof config);
  return t.length;
}

// What goes before a chunk of the load; returns its length.
static size_t rtmp_tag_head(uint8_t *head, uint32_t ms) {
  Text t = {head, 0};
  put_message_head(&t, 6, ms, TAG_HEAD + chunk_bytes, TYPE_VIDEO, 1);
  put(&t, "\x17\x01\0\0", TAG_HEAD);
  return t.length;
}

typedef struct {
  uint32_t length, seen;
  uint8_t type, first[TAG_HEAD];
} Message;

typedef struct {
  uint32_t skip;     // bytes to pass over: handshake, FLV header
  uint32_t size;     // of the server's chunks
  uint32_t left;     // payload bytes of the chunk in progress
  uint8_t head[16];
  unsigned have;     // bytes of head
  Message *now;      // the message in progress
  Message messages[CHUNK_STREAMS];
} Unwrapping;

static void rtmp_begin(Unwrapping *u) {
  u->skip = 1 + 2 * HANDSHAKE;
  u->size = 128; // until the server says otherwise: section 5.4.1
}

static void flv_begin(Unwrapping *u) {
  u->skip = 9 + 4; // E.2, and the first PreviousTagSize of E.3
}

static uint32_t number_of(const uint8_t *bytes, int length) {
  uint32_t value = 0;
  for (int i = 0; i < length; i++) value = value << 8 | bytes[i];
  return value;
}

// Payload of the message in progress: the load's chunks are in its video tags, behind their first bytes.
static void message_bytes(Unwrapping *u, Proof *p, const uint8_t *data, size_t length, uint64_t now) {
  Message *m = u->now;
  size_t i = 0;
  while (i < length && m->seen < TAG_HEAD) m->first[m->seen++] = data[i++];
  if (m->type == TYPE_CHUNK_SIZE && m->seen >= 4) u->size = number_of(m->first, 4);
  if (i == length) return;
  m->seen += length - i;
  if (m->type != TYPE_VIDEO || m->first[1] == 0) return;
  if (m->length != TAG_HEAD + chunk_bytes) return mark_torn(p);
  take(p, data + i, length - i, now);
}

// Whether the head of an RTMP chunk is whole; then the message goes on or begins.
static int rtmp_head(Unwrapping *u, Proof *p) {
  static const unsigned sizes[] = {11, 7, 3, 0};
  unsigned size = sizes[u->head[0] >> 6];
  if (u->have < 1 + size) return 0;
  u->now = &u->messages[u->head[0] & 63];
  // Names of two or three bytes, and hours of time, do not occur here.
  int known = (u->head[0] & 63) >= 2 && (size < 3 || number_of(u->head + 1, 3) != 0xffffff);
  if (!known) mark_torn(p);
  if (size >= 7) u->now->length = number_of(u->head + 4, 3), u->now->type = u->head[7];
  if (u->now->seen == u->now->length || size >= 7) u->now->seen = 0;
  uint32_t left = u->now->length - u->now->seen;
  u->left = left < u->size ? left : u->size;
  return 1;
}

// Whether the head of an FLV tag is whole; the 4 bytes behind each tag go with it.
static int flv_head(Unwrapping *u) {
  if (u->have < 11) return 0;
  u->now = &u->messages[0];
  *u->now = (Message){.length = number_of(u->head + 1, 3), .type = u->head[0] & 31};
  u->left = u->now->length;
  return 1;
}

// Takes what a server sends to a player, in any pieces.
static void unwrap(Unwrapping *u, Proof *p, int flv, const uint8_t *data, size_t length, uint64_t now) {
  for (size_t i = 0; i < length && !p->torn;) {
    uint32_t *count = u->skip ? &u->skip : &u->left;
    if (*count == 0) {
      u->head[u->have++] = data[i++];
      if (flv ? flv_head(u) : rtmp_head(u, p)) u->have = 0;
      continue;
    }
    size_t part = *count < length - i ? *count : length - i;
    *count -= part;
    int payload = count == &u->left;
    if (payload) message_bytes(u, p, data + i, part, now);
    if (payload && flv && u->left == 0) u->skip = 4;
    i += part;
  }
}
