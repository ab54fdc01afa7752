// The floor: the least that a fan-out server can do, as a yardstick. One epoll loop, one ring a channel, no users,
// no limits. A connection says "broadcast" or "watch" in a frame of wire version 1, with the channel's name: one of
// its own, which is channel 0, or "c" and a number.
//
//   floor PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING (8u << 20)
#define MOST 20000
#define CHANNELS 256

typedef struct Peer Peer;

typedef struct {
  uint8_t *ring;
  uint64_t head;
  Peer *watchers[MOST];
  int watching;
} Channel;

struct Peer {
  int fd, kind; // 0: not known yet, 1: broadcasts, 2: watches
  int waits;    // for room in its socket
  uint64_t at;
  Channel *channel;
};

static Channel channels[CHANNELS];
static int epoll;

static void feed(Peer *p) {
  const Channel *c = p->channel;
  while (p->at < c->head) {
    if (c->head - p->at > RING) p->at = c->head; // Too slow: goes on at the newest byte.
    size_t from = p->at % RING, left = c->head - p->at;
    size_t part = left < RING - from ? left : RING - from;
    ssize_t n = send(p->fd, c->ring + from, part, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      int waits = errno == EAGAIN;
      if (waits && !p->waits) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = p};
        epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &event);
      }
      p->waits = waits;
      return;
    }
    p->at += n;
  }
  if (p->waits) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &event);
    p->waits = 0;
  }
}

static void gone(Peer *p) {
  Channel *c = p->channel;
  for (int i = 0; c && i < c->watching; i++) {
    if (c->watchers[i] == p) c->watchers[i] = c->watchers[--c->watching];
  }
  close(p->fd);
  free(p);
}

static void begin(Peer *p) {
  char first[512];
  ssize_t n = recv(p->fd, first, sizeof first - 1, 0);
  if (n <= 5) return gone(p);
  first[n] = 0;
  const char *name = strstr(first + 5, "channel=c");
  Channel *c = p->channel = &channels[name ? atoi(name + strlen("channel=c")) % CHANNELS : 0];
  if (!c->ring) c->ring = malloc(RING);
  p->kind = first[5] == 'b' ? 1 : 2;
  p->at = c->head;
  if (p->kind == 2 && c->watching < MOST) c->watchers[c->watching++] = p;
}

static void readable(Peer *p) {
  static uint8_t rest[512];
  if (p->kind == 0) return begin(p);
  Channel *c = p->channel;
  size_t at = c->head % RING, room = RING - at < 65536 ? RING - at : 65536;
  ssize_t n = recv(p->fd, p->kind == 1 ? c->ring + at : rest, p->kind == 1 ? room : sizeof rest, 0);
  if (n <= 0) return gone(p);
  if (p->kind == 2) return;
  c->head += n;
  for (int i = 0; i < c->watching; i++) {
    if (!c->watchers[i]->waits) feed(c->watchers[i]);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  struct rlimit files = {MOST + 100, MOST + 100};
  setrlimit(RLIMIT_NOFILE, &files);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
    perror("floor");
    return 1;
  }
  epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, -1);
    for (int i = 0; i < n; i++) {
      Peer *p = events[i].data.ptr;
      if (p) {
        if (events[i].events & EPOLLOUT) feed(p);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(p);
        continue;
      }
      int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (fd < 0) continue;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      Peer *peer = calloc(1, sizeof *peer);
      peer->fd = fd;
      struct epoll_event in = {.events = EPOLLIN, .data.ptr = peer};
      epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &in);
    }
  }
}
