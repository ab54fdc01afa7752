// What a watcher proves of the bytes it is sent: every chunk begins with a stamp (magic and channel, sequence, time),
// so that a lost, torn or reordered chunk, or another channel's, cannot pass, and each chunk's age on arrival is known.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAGIC 0x66535452u
#define STAMP 16     // bytes
#define BUCKETS 1024 // 16 to each doubling of microseconds: within 6 %, and 2^64 us fit

typedef struct {
  uint32_t magic, sequence;
  uint64_t nanoseconds;
} Stamp;

typedef struct {
  uint32_t channel;
  int torn;         // from here on nothing could be told apart
  uint64_t at;      // bytes of the current chunk seen
  uint8_t stamp[STAMP];
  int64_t sequence; // of the chunk before; -1: none
  uint64_t bytes;
} Proof;

static uint64_t histogram[BUCKETS], latencies, worst_ns, bytes_total, gaps, torn;
static size_t chunk_bytes;
static uint64_t count_from; // chunks made before tell nothing: they waited for the watchers to connect

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void count_latency(uint64_t ns) {
  uint64_t us = ns / 1000 + 1;
  int power = 63 - __builtin_clzll(us);
  int sub = power >= 4 ? (us >> (power - 4)) & 15 : 0;
  int bucket = power * 16 + sub;
  histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
  latencies++;
  if (ns > worst_ns) worst_ns = ns;
}

static double percentile_ms(double share) {
  uint64_t want = latencies * share, seen = 0;
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (seen > want) {
      int power = i / 16;
      double us = power >= 4 ? (16 + i % 16) * (double)(1ull << (power - 4)) : (double)(1 << power);
      return us / 1000;
    }
  }
  return 0;
}

static void mark_torn(Proof *p) {
  torn += !p->torn;
  p->torn = 1;
}

static void check_stamp(Proof *p, uint64_t now) {
  Stamp s;
  memcpy(&s, p->stamp, STAMP);
  if (s.magic != MAGIC + p->channel) return mark_torn(p);
  if (p->sequence >= 0 && s.sequence != (uint32_t)(p->sequence + 1)) gaps++;
  p->sequence = s.sequence;
  if (s.nanoseconds >= count_from) count_latency(now - s.nanoseconds);
}

// Takes the media's bytes, in any pieces.
static void take(Proof *p, const uint8_t *data, size_t length, uint64_t now) {
  for (size_t i = 0; i < length && !p->torn;) {
    size_t until = p->at < STAMP ? STAMP : chunk_bytes;
    size_t part = until - p->at < length - i ? until - p->at : length - i;
    if (p->at < STAMP) memcpy(p->stamp + p->at, data + i, part);
    p->at += part;
    i += part;
    if (p->at == STAMP) check_stamp(p, now);
    if (p->at == chunk_bytes) p->at = 0;
  }
  p->bytes += length;
  bytes_total += length;
}
