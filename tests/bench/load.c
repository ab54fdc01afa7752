// A load generator for fan-out servers: one broadcaster, many watchers, one epoll loop.
//
//   load HOST_IP PORT PROTOCOL WATCHERS BITS_PER_SECOND CHUNK_BYTES SECONDS CONNECTS_PER_SECOND
//
// PROTOCOL: fstream (version 1), framed (the same as a framed stream), http (GET of /fier/default by HTTP/1.1; the broadcast by fstream version 1),
// websocket (the same over a WebSocket), icecast (SOURCE, GET), raw (a relay that is told who broadcasts),
// relay (one that is told nothing), rtmp, flv (GET; the broadcast by RTMP to the port in LOAD_SOURCE_PORT).
// LOAD_STALLED is how many more connections ask for the media and never read it, LOAD_STORM how many
// come and go in a second in the middle half of the run (wire version 1); they are counted in no figure
// of the watchers. LOAD_CHANNELS is how many broadcasts there are, each with its share of the watchers.
// LOAD_TLS=1 has the watchers speak TLS, if it was compiled with -DTLS -lssl. LOAD_PID names the server's process, whose processor time is counted from the first
// chunk to the last. LOAD_NAP_US: see NAP_US. Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "load_proof.h"
#include "load_framed.h"
#include "load_rtmp.h"

#include "load_net.h"
#include "load_source.h"
#include "load_storm.h"
#include "load_tls.h"

// Microseconds of sleep between two looks at the sockets, as a network card that gathers interrupts would
// have it. On loopback the sender pays for each wake-up of the generator, yet with 200 watchers at 4 Mbit/s
// neither the floor nor fstream became measurably cheaper with 500 or 1,000 (only the generator did, by a
// quarter, beside Icecast's small writes); so none is added to the delays.
#define NAP_US 0
#define READ_MOST (256 * 1024)  // bytes of one read: more than a socket's buffer holds as a rule
#define QUIET_NS 300000000ull  // nothing came for so long after the last chunk: nothing more will
#define LATE_NS 3000000000ull   // and for so long where a last chunk is missing: it will not come
#define DRAIN_NS 10000000000ull // and after so long what comes is counted as left behind
#define MOST_LATE_NS 10000000ull // of a connect: what a scheduler's turn takes
#define HEAD_END 0x0d0a0d0au    // of an HTTP answer: RFC 9112, section 2.1

typedef struct {
  int fd, head_done, channel;
  void *tls;        // NULL: none
  uint32_t newline; // progress through the end of an HTTP head
  Proof proof;
  Framed framed;
  Unwrapping *unwrapping; // NULL: the chunks come as they are, or framed
} Watcher;

static struct {
  const char *ip, *protocol;
  int port, count, http, flv, rtmp, framed, channels, tls;
  double rate, seconds, pace; // bytes a second, seconds, connects a second
} options;
static uint64_t cut, last_byte_ns, elapsed_ns;
static Source *sources;

static int speaks(const char *protocol) {
  return !strcmp(options.protocol, protocol);
}

// Writes a frame of wire version 1, whose text is formatted; returns its length.
static size_t frame_of(char *frame, size_t most, const char *form, ...) {
  va_list values;
  va_start(values, form);
  uint32_t length = vsnprintf(frame + 5, most - 5, form, values), big = htonl(length);
  va_end(values);
  memcpy(frame, &big, 4);
  frame[4] = 0;
  return 5 + length;
}

static int number_from(const char *name, int usual) {
  const char *text = getenv(name);
  return text ? atoi(text) : usual;
}

// The name of a channel, until the next call. RTMP's are of this run alone: what a server still holds of one before
// is not met again.
static const char *channel_name(int channel) {
  static char name[32];
  if (options.rtmp) snprintf(name, sizeof name, "load%d-%d", getpid(), channel);
  else if (options.channels > 1) snprintf(name, sizeof name, "c%d", channel);
  else return "default";
  return name;
}

static void say(const Watcher *w, const char *text, size_t length) {
  if (w->tls) tls_send_all(w->tls, text, length);
  else send_all(w->fd, text, length);
}

// The request behind the handshake is masked with zeros (RFC 6455, section 5.3).
static void ask_framed(const Watcher *w) {
  const char *upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const char *request = "{\"verb\":\"watch\"}";
  char text[512];
  int websocket = speaks("websocket");
  int length = snprintf(text, sizeof text, "GET /fier/%s HTTP/1.1\r\nHost: load\r\nAccept: */*\r\n%s\r\n",
                        channel_name(w->channel), websocket ? upgrade : "");
  if (websocket) {
    length += snprintf(text + length, sizeof text - length, "\x81%c....%s", (int)(0x80 | strlen(request)), request);
    memset(text + length - strlen(request) - 4, 0, 4);
  }
  say(w, text, length);
}

static void ask(const Watcher *w) {
  // Version 1.0, so that the body of the others comes without chunk lengths.
  char text[HELLO_MOST];
  if (options.framed) return ask_framed(w);
  const char *name = channel_name(w->channel);
  if (options.rtmp && !options.flv) return say(w, text, rtmp_hello((uint8_t *)text, 0, name));
  if (!options.http) {
    const char *frames = speaks("framed") ? ",frames=1" : "";
    if (speaks("relay")) return;
    return say(w, text, frame_of(text, sizeof text, "watch,user=fier,channel=%s,wait=30%s", name, frames));
  }
  const char *form = options.flv ? "GET /live/%s.flv HTTP/1.0\r\nHost: load\r\n\r\n"
                                 : "GET /fier/%s HTTP/1.0\r\nHost: load\r\n\r\n";
  say(w, text, snprintf(text, sizeof text, form, name));
}

// Connections that ask and never read; a small window has them stall within the first second.
static void open_stalled(int count) {
  int window = 16 * 1024;
  for (int i = 0; i < count; i++) {
    int fd = connect_to(options.ip, options.port, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    ask(&(Watcher){.fd = fd});
  }
}

static void begin_icecast(int fd, const char *name) {
  const char *form = "SOURCE /fier/%s HTTP/1.0\r\nAuthorization: Basic c291cmNlOjEyMw==\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n";
  char put[512], answer[512] = "";
  send_all(fd, put, snprintf(put, sizeof put, form, name));
  if (recv(fd, answer, sizeof answer - 1, 0) <= 0 || !strstr(answer, "200")) fail("source refused");
}

// Waits for the reply: a first sign-in takes a tenth of a second, and chunks that are sent meanwhile would be
// late because of it, not because of the fan-out.
static void begin_fstream(int fd, const char *name) {
  uint8_t frame[512], answer[512];
  const char *form = "broadcast,user=fier,user-password=123,channel=%s,bufsize=%zu,reply=1";
  send_all(fd, frame, frame_of((char *)frame, sizeof frame, form, name, chunk_bytes));
  ssize_t n = recv(fd, answer, sizeof answer, 0);
  if (n < 7 || memcmp(answer + 5, "ok", 2)) fail("broadcast refused");
}

static void open_broadcast(int channel) {
  int fd = connect_to(options.ip, number_from("LOAD_SOURCE_PORT", options.port), 0);
  char text[HELLO_MOST];
  const char *name = channel_name(channel);
  sources[channel] = (Source){.fd = fd, .rtmp = options.rtmp, .channel = channel, .frame = malloc(64 + chunk_bytes)};
  if (options.rtmp) send_all(fd, text, rtmp_hello((uint8_t *)text, 1, name));
  else if (speaks("icecast")) begin_icecast(fd, name);
  else if (speaks("raw")) send_all(fd, text, frame_of(text, sizeof text, "broadcast,channel=%s", name));
  else if (!speaks("relay")) begin_fstream(fd, name);
}

static void open_broadcasts(void) {
  for (int i = 0; i < options.channels; i++) open_broadcast(i);
}

static Watcher *open_watchers(int epoll) {
  Watcher *watchers = calloc(options.count, sizeof *watchers);
  uint64_t next = now_ns(), step = 1e9 / options.pace;
  for (int i = 0; i < options.count; i++, next += step) {
    Watcher *w = &watchers[i];
    uint64_t now = now_ns();
    if (next > now) usleep((next - now) / 1000);
    // A pause is not made up for: the crowd would overrun a short accept queue, and that would be a pause.
    if (next + MOST_LATE_NS < now) next = now;
    w->fd = connect_to(options.ip, options.port, i);
    w->channel = w->proof.channel = i % options.channels;
    if (options.tls) w->tls = tls_connect(w->fd);
    w->proof.sequence = -1;
    w->framed.websocket = speaks("websocket"), w->framed.frames = speaks("framed");
    if (options.flv || options.rtmp) w->unwrapping = calloc(1, sizeof *w->unwrapping);
    if (options.flv) flv_begin(w->unwrapping);
    else if (options.rtmp) rtmp_begin(w->unwrapping);
    ask(w);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
    epoll_ctl(epoll, EPOLL_CTL_ADD, w->fd, &event);
  }
  return watchers;
}

static void readable(Watcher *w, int epoll) {
  static uint8_t buffer[READ_MOST];
  ssize_t n = w->tls ? tls_recv(w->tls, buffer, sizeof buffer) : recv(w->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    cut++;
    epoll_ctl(epoll, EPOLL_CTL_DEL, w->fd, NULL);
    return;
  }
  last_byte_ns = now_ns();
  size_t from = 0;
  while (options.http && !w->head_done && from < (size_t)n) {
    w->newline = (w->newline << 8) | buffer[from++];
    w->head_done = w->newline == HEAD_END;
  }
  if (from == (size_t)n) return;
  if (w->unwrapping) unwrap(w->unwrapping, &w->proof, options.flv, buffer + from, n - from, last_byte_ns);
  else if (options.framed || w->framed.frames) unframe(&w->framed, &w->proof, buffer + from, n - from, last_byte_ns);
  else take(&w->proof, buffer + from, n - from, last_byte_ns);
}

// A timer that is readable once for each chunk that is due; the channels take turns.
static int chunk_timer(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  uint64_t tick = chunk_bytes / options.rate / options.channels * 1e9;
  struct itimerspec every = {{tick / 1000000000, tick % 1000000000}, {0, 1}};
  timerfd_settime(timer, 0, &every, NULL);
  return timer;
}

static int behind(const Watcher *watchers) {
  int count = 0;
  for (int i = 0; i < options.count; i++) {
    count += watchers[i].proof.sequence != (int64_t)sources[watchers[i].channel].made - 1;
  }
  return count;
}

// Whether all has come that will, when there was nothing to read at the time.
static int complete(const Watcher *watchers, uint64_t now) {
  if (now < last_byte_ns + QUIET_NS) return 0;
  return now > last_byte_ns + LATE_NS || behind(watchers) == 0;
}

static void send_all_chunks(int epoll) {
  for (Source *source = sources; source < sources + options.channels; source++) {
    int left = send_chunks(source);
    if (left == source->waits) continue;
    struct epoll_event event = {.events = left ? EPOLLOUT : 0, .data.ptr = source};
    epoll_ctl(epoll, EPOLL_CTL_MOD, source->fd, &event);
    source->waits = left;
  }
}

static int is_source(const void *owner) {
  return owner >= (void *)sources && owner < (void *)(sources + options.channels);
}

// Broadcasts until the end, and reads until all has come or nothing comes any more.
static void run(int epoll, const Watcher *watchers) {
  int nap = number_from("LOAD_NAP_US", NAP_US), timer = chunk_timer(), turn = 0;
  uint64_t began = count_from = now_ns(), length = options.seconds * 1e9, end = began + length;
  struct epoll_event events[512], event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
  for (int i = 0; i < options.channels; i++) {
    event = (struct epoll_event){.data.ptr = &sources[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, sources[i].fd, &event);
  }
  storm_between(began + length / 4, end - length / 4);
  for (last_byte_ns = end;;) {
    uint64_t now = now_ns(), ticks = 0, reads = 0;
    int n = epoll_wait(epoll, events, 512, storm_turn(options.ip, options.port));
    if (read(timer, &ticks, sizeof ticks) < 0) ticks = 0;
    for (; now < end && ticks > 0; ticks--) make_chunk(&sources[turn++ % options.channels]);
    for (int i = 0; i < n; i++) {
      void *owner = events[i].data.ptr;
      if (owner && !is_source(owner)) readable(owner, epoll), reads++;
    }
    // The time from before the wait: what came while this process was not let run has been read by now.
    if (now > end + DRAIN_NS || (now > end && reads == 0 && complete(watchers, now))) break;
    send_all_chunks(epoll);
    if (nap) usleep(nap);
  }
  elapsed_ns = now_ns() - began;
}

static uint32_t chunks_made(void) {
  uint32_t made = 0;
  for (int i = 0; i < options.channels; i++) made += sources[i].made;
  return made;
}

static uint64_t chunks_unsent(void) {
  uint64_t unsent = 0;
  for (int i = 0; i < options.channels; i++) unsent += sources[i].unsent;
  return unsent;
}

static void report(const Watcher *watchers, uint32_t before, double cpu, Usage began) {
  int silent = 0;
  Usage ended = server_usage();
  for (int i = 0; i < options.count; i++) silent += watchers[i].proof.bytes == 0;
  printf("{\"watchers\":%d,\"bytes\":%llu,\"chunks\":%u,\"unsent\":%llu,\"gaps\":%llu,\"torn\":%llu,\"cut\":%llu,"
         "\"silent\":%d,\"behind\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"load_cpu_s\":%.3f,\"elapsed_s\":%.3f,"
         "\"server_cpu_s\":%.3f,\"server_rss_mb\":%.1f,\"storm\":%llu,\"storm_served\":%llu}\n",
         options.count, (unsigned long long)bytes_total, chunks_made() - before, (unsigned long long)chunks_unsent(),
         (unsigned long long)gaps, (unsigned long long)torn, (unsigned long long)cut, silent, behind(watchers),
         percentile_ms(0.5), percentile_ms(0.99), percentile_ms(0.999), worst_ns / 1e6, cpu_seconds() - cpu, elapsed_ns / 1e9,
         ended.cpu_seconds - began.cpu_seconds, ended.resident_mb, (unsigned long long)storm.opened,
         (unsigned long long)storm.served);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "load HOST_IP PORT PROTOCOL WATCHERS BITS/S CHUNK SECONDS CONNECTS/S\n");
    return 2;
  }
  options.ip = argv[1], options.port = atoi(argv[2]), options.protocol = argv[3];
  options.count = atoi(argv[4]), options.rate = atof(argv[5]) / 8, chunk_bytes = atol(argv[6]);
  options.seconds = atof(argv[7]), options.pace = atof(argv[8]);
  options.flv = speaks("flv"), options.rtmp = options.flv || speaks("rtmp");
  options.framed = speaks("http") || speaks("websocket");
  options.http = options.flv || options.framed || speaks("icecast");
  options.channels = number_from("LOAD_CHANNELS", 1), options.tls = number_from("LOAD_TLS", 0);
  sources = calloc(options.channels, sizeof *sources);
  int stalled = number_from("LOAD_STALLED", 0);
  allow_files(options.count + options.channels + STORM_MOST + 100 + stalled);
  // These answer "not found" before the broadcast, or must know who is not a watcher; the others let
  // watchers wait.
  int first = options.framed || speaks("icecast") || speaks("raw");
  if (first) open_broadcasts();
  if (first && options.http) {
    for (int i = 0; i < options.channels; i++) {
      make_chunk(&sources[i]);
      while (send_chunks(&sources[i])) usleep(1000);
    }
    usleep(300000);
  }
  open_stalled(stalled);
  int epoll = epoll_create1(0);
  Watcher *watchers = open_watchers(epoll);
  usleep(1000000);
  if (!first) {
    open_broadcasts();
    usleep(300000); // The watchers that waited for it join.
  }
  uint32_t before = chunks_made();
  double cpu = cpu_seconds();
  Usage began = server_usage();
  run(epoll, watchers);
  report(watchers, before, cpu, began);
  return 0;
}
