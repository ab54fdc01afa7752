// A load generator for fan-out servers: one broadcaster, many watchers, one epoll loop.
//
// Every chunk of the broadcast begins with a stamp (magic, sequence, time), so that each watcher proves
// that nothing was lost, torn or reordered, and how old each chunk was when it came.
//
//   load HOST_IP PORT PROTOCOL WATCHERS BITS_PER_SECOND CHUNK_BYTES SECONDS CONNECTS_PER_SECOND
//
// PROTOCOL: fstream (wire version 1), http (GET/PUT at /fier/default; the broadcast by wire version 1
// to the port in LOAD_TCP_PORT), icecast (PUT as a source, GET), raw (a relay: the first connection
// broadcasts). LOAD_STALLED is how many more connections ask for the media and never read it; they are
// counted in no figure. LOAD_PID names the server's process, whose processor time is counted from the first
// chunk to the last. Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x66535452u
#define STAMP 16
#define BUCKETS 1024 // 16 to each doubling of microseconds

typedef struct {
  uint32_t magic, sequence;
  uint64_t nanoseconds;
} Stamp;

typedef struct {
  int fd;
  int open, head_done;
  uint32_t newline;      // progress through the end of an HTTP head
  uint64_t at;           // bytes of the current chunk seen
  uint8_t stamp[STAMP];
  int64_t sequence;      // of the chunk before; -1: none
  uint64_t bytes;
} Watcher;

static uint64_t histogram[BUCKETS], latencies, worst_ns, bytes_total, gaps, torn, cut;
static size_t chunk_bytes;

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

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int connect_to(const char *ip, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, ip, &address.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void send_all(int fd, const void *data, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t n = send(fd, (const char *)data + at, length - at, MSG_NOSIGNAL);
    if (n < 0) fail("send");
    at += n;
  }
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

static void ask(int fd, const char *protocol) {
  if (!strcmp(protocol, "fstream")) send_frame(fd, "watch,user=fier,wait=30");
  if (!strcmp(protocol, "raw")) send_frame(fd, "watch");
  // Version 1.0, so that the body comes without chunk lengths.
  const char *get = "GET /fier/default HTTP/1.0\r\nHost: load\r\n\r\n";
  if (!strcmp(protocol, "http") || !strcmp(protocol, "icecast")) send_all(fd, get, strlen(get));
}

// Connections that ask and never read; a small window has them stall within the first second.
static void open_stalled(const char *ip, int port, const char *protocol) {
  const char *text = getenv("LOAD_STALLED");
  int window = 16 * 1024;
  for (int i = text ? atoi(text) : 0; i > 0; i--) {
    int fd = connect_to(ip, port);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    ask(fd, protocol);
  }
}

static int open_broadcast(const char *ip, int port, const char *protocol) {
  const char *tcp = getenv("LOAD_TCP_PORT");
  int fd = connect_to(ip, !strcmp(protocol, "http") && tcp ? atoi(tcp) : port);
  if (!strcmp(protocol, "raw")) send_frame(fd, "broadcast");
  else if (!strcmp(protocol, "icecast")) {
    const char *put = "SOURCE /fier/default HTTP/1.0\r\nAuthorization: Basic c291cmNlOjEyMw==\r\n"
                      "Content-Type: application/octet-stream\r\n\r\n";
    send_all(fd, put, strlen(put));
    char answer[512];
    if (recv(fd, answer, sizeof answer, 0) <= 0 || !strstr(answer, "200")) fail("source refused");
  } else {
    char text[256];
    snprintf(text, sizeof text, "broadcast,user=fier,user-password=123,bufsize=%zu", chunk_bytes);
    send_frame(fd, text);
  }
  return fd;
}

static void take(Watcher *w, const uint8_t *data, size_t length, uint64_t now) {
  for (size_t i = 0; i < length;) {
    if (w->at < STAMP) {
      size_t part = STAMP - w->at < length - i ? STAMP - w->at : length - i;
      memcpy(w->stamp + w->at, data + i, part);
      w->at += part;
      i += part;
      if (w->at < STAMP) return;
      Stamp s;
      memcpy(&s, w->stamp, STAMP);
      if (s.magic != MAGIC) {
        torn++;
        w->open = 0; // Nothing that follows could be told apart.
        return;
      }
      if (w->sequence >= 0 && s.sequence != (uint32_t)(w->sequence + 1)) gaps++;
      w->sequence = s.sequence;
      count_latency(now - s.nanoseconds);
    }
    size_t part = chunk_bytes - w->at < length - i ? chunk_bytes - w->at : length - i;
    w->at += part;
    i += part;
    if (w->at == chunk_bytes) w->at = 0;
  }
  w->bytes += length;
  bytes_total += length;
}

static void readable(Watcher *w, int epoll, int has_head) {
  static uint8_t buffer[256 * 1024];
  ssize_t n = recv(w->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    cut++;
    epoll_ctl(epoll, EPOLL_CTL_DEL, w->fd, NULL);
    return;
  }
  size_t from = 0;
  while (has_head && !w->head_done && from < (size_t)n) {
    w->newline = (w->newline << 8) | buffer[from++];
    w->head_done = w->newline == 0x0d0a0d0a;
  }
  if (w->open && from < (size_t)n) take(w, buffer + from, n - from, now_ns());
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

// Processor seconds of the server, which LOAD_PID names; 0 where that cannot be read.
static double server_cpu(void) {
  const char *pid = getenv("LOAD_PID");
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%s/stat", pid ? pid : "0");
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t n = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[n] = 0;
  unsigned long user = 0, system = 0;
  char *rest = strrchr(text, ')');
  if (rest) sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "load HOST_IP PORT PROTOCOL WATCHERS BITS/S CHUNK SECONDS CONNECTS/S\n");
    return 2;
  }
  const char *ip = argv[1], *protocol = argv[3];
  int port = atoi(argv[2]), count = atoi(argv[4]);
  double rate = atof(argv[5]) / 8, seconds = atof(argv[7]), pace = atof(argv[8]);
  chunk_bytes = atol(argv[6]);
  const char *stalled = getenv("LOAD_STALLED");
  rlim_t most = count + (stalled ? atoi(stalled) : 0) + 100;
  struct rlimit files = {most, most};
  setrlimit(RLIMIT_NOFILE, &files);
  int has_head = !strcmp(protocol, "http") || !strcmp(protocol, "icecast");
  // HTTP servers answer "not found" before the broadcast; the others let watchers wait.
  int source = has_head || !strcmp(protocol, "raw") ? open_broadcast(ip, port, protocol) : -1;
  uint8_t *chunk = malloc(chunk_bytes);
  memset(chunk, 'x', chunk_bytes);
  uint32_t sequence = 0;
  if (has_head) {
    Stamp s = {MAGIC, sequence++, now_ns()};
    memcpy(chunk, &s, STAMP);
    send_all(source, chunk, chunk_bytes);
    usleep(300000);
  }
  int epoll = epoll_create1(0);
  Watcher *watchers = calloc(count, sizeof *watchers);
  open_stalled(ip, port, protocol);
  uint64_t began = now_ns();
  for (int i = 0; i < count; i++) {
    int64_t wait = (int64_t)(began + i * 1e9 / pace) - (int64_t)now_ns();
    if (wait > 0) usleep(wait / 1000);
    watchers[i] = (Watcher){.fd = connect_to(ip, port), .open = 1, .sequence = -1};
    ask(watchers[i].fd, protocol);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &watchers[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, watchers[i].fd, &event);
  }
  usleep(1000000);
  if (source < 0) source = open_broadcast(ip, port, protocol);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  uint64_t tick = chunk_bytes / rate * 1e9;
  struct itimerspec every = {{tick / 1000000000, tick % 1000000000}, {0, 1}};
  timerfd_settime(timer, 0, &every, NULL);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
  uint64_t end = now_ns() + seconds * 1e9;
  uint32_t first = sequence;
  double cpu = cpu_seconds(), server = server_cpu();
  for (int draining = 0; draining < 3;) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, 100);
    for (int i = 0; i < n; i++) {
      Watcher *w = events[i].data.ptr;
      if (w) {
        readable(w, epoll, has_head);
        continue;
      }
      uint64_t ticks = 0;
      if (read(timer, &ticks, sizeof ticks) < 0) continue;
      for (; ticks > 0 && now_ns() < end; ticks--) {
        Stamp s = {MAGIC, sequence++, now_ns()};
        memcpy(chunk, &s, STAMP);
        send_all(source, chunk, chunk_bytes);
      }
    }
    if (now_ns() >= end) {
      struct itimerspec off = {{0, 0}, {0, 0}};
      timerfd_settime(timer, 0, &off, NULL);
      if (n <= 0) draining++;
    }
  }
  int silent = 0, behind = 0;
  for (int i = 0; i < count; i++) {
    silent += watchers[i].bytes == 0;
    behind += watchers[i].sequence != (int64_t)sequence - 1;
  }
  printf("{\"watchers\":%d,\"bytes\":%llu,\"chunks\":%u,\"gaps\":%llu,\"torn\":%llu,\"cut\":%llu,"
         "\"silent\":%d,\"behind\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"load_cpu_s\":%.3f,"
         "\"server_cpu_s\":%.3f}\n",
         count, (unsigned long long)bytes_total, sequence - first, (unsigned long long)gaps,
         (unsigned long long)torn, (unsigned long long)cut, silent, behind, percentile_ms(0.5),
         percentile_ms(0.99), worst_ns / 1e6, cpu_seconds() - cpu, server_cpu() - server);
  return 0;
}
