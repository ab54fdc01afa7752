// A load generator for fan-out servers: one broadcaster, many watchers, one epoll loop.
//
//   load HOST_IP PORT PROTOCOL WATCHERS BITS_PER_SECOND CHUNK_BYTES SECONDS CONNECTS_PER_SECOND
//
// PROTOCOL: fstream (version 1), framed (the same as a framed stream), http (GET of /fier/default by HTTP/1.1; the broadcast by fstream version 1),
// websocket (the same over a WebSocket), icecast (SOURCE, GET), raw (a relay that is told who broadcasts),
// relay (one that is told nothing), rtmp, flv (GET; the broadcast by RTMP to the port in LOAD_SOURCE_PORT).
// LOAD_STALLED is how many more connections ask for the media and never read it, LOAD_STORM how many
// come and go in a second in the middle half of the run (wire version 1); they are counted in no figure
// of the watchers. LOAD_PID names the server's process, whose processor time is counted from the first
// chunk to the last. LOAD_NAP_US: see NAP_US. Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
  int fd, head_done;
  uint32_t newline; // progress through the end of an HTTP head
  Proof proof;
  Framed framed;
  Unwrapping *unwrapping; // NULL: the chunks come as they are, or framed
} Watcher;

static struct {
  const char *ip, *protocol;
  int port, count, http, flv, rtmp, framed;
  double rate, seconds, pace; // bytes a second, seconds, connects a second
} options;
static uint64_t cut, last_byte_ns, elapsed_ns;
static char stream_name[32];

static int speaks(const char *protocol) {
  return !strcmp(options.protocol, protocol);
}

// A frame of wire version 1.
static void send_frame(int fd, const char *text) {
  uint8_t frame[512];
  uint32_t length = strlen(text), big = htonl(length);
  memcpy(frame, &big, 4);
  frame[4] = 0;
  memcpy(frame + 5, text, length);
  send_all(fd, frame, 5 + length);
}

// The request behind the handshake is masked with zeros (RFC 6455, section 5.3).
static void ask_framed(int fd) {
  const char *get = "GET /fier/default HTTP/1.1\r\nHost: load\r\nAccept: */*\r\n";
  const char *upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const char *request = "{\"verb\":\"watch\"}";
  char text[512];
  int websocket = speaks("websocket");
  int length = snprintf(text, sizeof text, "%s%s\r\n", get, websocket ? upgrade : "");
  if (websocket) {
    length += snprintf(text + length, sizeof text - length, "\x81%c....%s", (int)(0x80 | strlen(request)), request);
    memset(text + length - strlen(request) - 4, 0, 4);
  }
  send_all(fd, text, length);
}

static void ask(int fd) {
  // Version 1.0, so that the body of the others comes without chunk lengths.
  char text[HELLO_MOST];
  if (options.framed) return ask_framed(fd);
  const char *path = options.flv ? stream_name : "default";
  if (speaks("fstream")) send_frame(fd, "watch,user=fier,wait=30");
  if (speaks("framed")) send_frame(fd, "watch,user=fier,wait=30,frames=1");
  if (speaks("raw")) send_frame(fd, "watch");
  if (speaks("rtmp")) send_all(fd, text, rtmp_hello((uint8_t *)text, 0, stream_name));
  if (!options.http) return;
  const char *form = options.flv ? "GET /live/%s.flv HTTP/1.0\r\nHost: load\r\n\r\n"
                                 : "GET /fier/%s HTTP/1.0\r\nHost: load\r\n\r\n";
  send_all(fd, text, snprintf(text, sizeof text, form, path));
}

// Connections that ask and never read; a small window has them stall within the first second.
static void open_stalled(int count) {
  int window = 16 * 1024;
  for (int i = 0; i < count; i++) {
    int fd = connect_to(options.ip, options.port, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    ask(fd);
  }
}

static void begin_icecast(int fd) {
  const char *put = "SOURCE /fier/default HTTP/1.0\r\nAuthorization: Basic c291cmNlOjEyMw==\r\n"
                    "Content-Type: application/octet-stream\r\n\r\n";
  char answer[512] = "";
  send_all(fd, put, strlen(put));
  if (recv(fd, answer, sizeof answer - 1, 0) <= 0 || !strstr(answer, "200")) fail("source refused");
}

// Waits for the reply: a first sign-in takes a tenth of a second, and chunks that are sent meanwhile would be
// late because of it, not because of the fan-out.
static void begin_fstream(int fd, const char *request) {
  uint8_t answer[512];
  send_frame(fd, request);
  ssize_t n = recv(fd, answer, sizeof answer, 0);
  if (n < 7 || memcmp(answer + 5, "ok", 2)) fail("broadcast refused");
}

static void open_broadcast(Source *source) {
  const char *port = getenv("LOAD_SOURCE_PORT");
  int fd = connect_to(options.ip, options.http && port ? atoi(port) : options.port, 0);
  char text[HELLO_MOST];
  *source = (Source){.fd = fd, .rtmp = options.rtmp, .frame = malloc(64 + chunk_bytes)};
  snprintf(text, sizeof text, "broadcast,user=fier,user-password=123,bufsize=%zu,reply=1", chunk_bytes);
  if (options.rtmp) send_all(fd, text, rtmp_hello((uint8_t *)text, 1, stream_name));
  else if (speaks("icecast")) begin_icecast(fd);
  else if (speaks("raw")) send_frame(fd, "broadcast");
  else if (!speaks("relay")) begin_fstream(fd, text);
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
    w->proof.sequence = -1;
    w->framed.websocket = speaks("websocket"), w->framed.frames = speaks("framed");
    if (options.flv || options.rtmp) w->unwrapping = calloc(1, sizeof *w->unwrapping);
    if (options.flv) flv_begin(w->unwrapping);
    else if (options.rtmp) rtmp_begin(w->unwrapping);
    ask(w->fd);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
    epoll_ctl(epoll, EPOLL_CTL_ADD, w->fd, &event);
  }
  return watchers;
}

static void readable(Watcher *w, int epoll) {
  static uint8_t buffer[READ_MOST];
  ssize_t n = recv(w->fd, buffer, sizeof buffer, MSG_DONTWAIT);
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

// A timer that is readable once for each chunk that is due.
static int chunk_timer(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  uint64_t tick = chunk_bytes / options.rate * 1e9;
  struct itimerspec every = {{tick / 1000000000, tick % 1000000000}, {0, 1}};
  timerfd_settime(timer, 0, &every, NULL);
  return timer;
}

static int behind(const Watcher *watchers, const Source *source) {
  int count = 0;
  for (int i = 0; i < options.count; i++) {
    count += watchers[i].proof.sequence != (int64_t)source->made - 1;
  }
  return count;
}

// Whether all has come that will, when there was nothing to read at the time.
static int complete(const Watcher *watchers, const Source *source, uint64_t now) {
  if (now < last_byte_ns + QUIET_NS) return 0;
  return now > last_byte_ns + LATE_NS || behind(watchers, source) == 0;
}

// Broadcasts until the end, and reads until all has come or nothing comes any more.
static void run(int epoll, Source *source, const Watcher *watchers) {
  const char *text = getenv("LOAD_NAP_US");
  int nap = text ? atoi(text) : NAP_US, waits = 0, timer = chunk_timer();
  uint64_t began = count_from = now_ns(), length = options.seconds * 1e9, end = began + length;
  struct epoll_event events[512], event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
  event = (struct epoll_event){.data.ptr = source};
  epoll_ctl(epoll, EPOLL_CTL_ADD, source->fd, &event);
  storm_between(began + length / 4, end - length / 4);
  for (last_byte_ns = end;;) {
    uint64_t now = now_ns(), ticks = 0, reads = 0;
    int n = epoll_wait(epoll, events, 512, storm_turn(options.ip, options.port));
    if (read(timer, &ticks, sizeof ticks) < 0) ticks = 0;
    for (; now < end && ticks > 0; ticks--) make_chunk(source);
    for (int i = 0; i < n; i++) {
      void *owner = events[i].data.ptr;
      if (owner && owner != source) readable(owner, epoll), reads++;
    }
    // The time from before the wait: what came while this process was not let run has been read by now.
    if (now > end + DRAIN_NS || (now > end && reads == 0 && complete(watchers, source, now))) break;
    int left = send_chunks(source);
    if (left != waits) {
      event.events = left ? EPOLLOUT : 0;
      epoll_ctl(epoll, EPOLL_CTL_MOD, source->fd, &event);
      waits = left;
    }
    if (nap) usleep(nap);
  }
  elapsed_ns = now_ns() - began;
}

static void report(const Watcher *watchers, const Source *source, uint32_t before, double cpu, Usage began) {
  int silent = 0;
  Usage ended = server_usage();
  for (int i = 0; i < options.count; i++) silent += watchers[i].proof.bytes == 0;
  printf("{\"watchers\":%d,\"bytes\":%llu,\"chunks\":%u,\"unsent\":%llu,\"gaps\":%llu,\"torn\":%llu,\"cut\":%llu,"
         "\"silent\":%d,\"behind\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"load_cpu_s\":%.3f,\"elapsed_s\":%.3f,"
         "\"server_cpu_s\":%.3f,\"server_rss_mb\":%.1f,\"storm\":%llu,\"storm_served\":%llu}\n",
         options.count, (unsigned long long)bytes_total, source->made - before, (unsigned long long)source->unsent,
         (unsigned long long)gaps, (unsigned long long)torn, (unsigned long long)cut, silent, behind(watchers, source),
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
  // A name of its own: what a server still holds of a run before is not met again.
  snprintf(stream_name, sizeof stream_name, "load%d", getpid());
  Source source = {.fd = -1};
  const char *text = getenv("LOAD_STALLED");
  int stalled = text ? atoi(text) : 0;
  allow_files(options.count + STORM_MOST + 100 + stalled);
  // These answer "not found" before the broadcast, or must know who is not a watcher; the others let
  // watchers wait.
  int first = options.framed || speaks("icecast") || speaks("raw");
  if (first) open_broadcast(&source);
  if (first && options.http) {
    make_chunk(&source);
    while (send_chunks(&source)) usleep(1000);
    usleep(300000);
  }
  open_stalled(stalled);
  int epoll = epoll_create1(0);
  Watcher *watchers = open_watchers(epoll);
  usleep(1000000);
  if (!first) {
    open_broadcast(&source);
    usleep(300000); // The watchers that waited for it join.
  }
  uint32_t before = source.made;
  double cpu = cpu_seconds();
  Usage began = server_usage();
  run(epoll, &source, watchers);
  report(watchers, &source, before, cpu, began);
  return 0;
}
