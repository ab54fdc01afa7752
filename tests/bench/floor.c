// The floor: the least that a fan-out server can do, as a yardstick. One epoll loop, one ring, no users,
// no limits. A connection says "broadcast" or "watch" in a frame of wire version 1.
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

typedef struct {
  int fd, kind; // 0: not known yet, 1: broadcasts, 2: watches
  int waits;    // for room in its socket
  uint64_t at;
} Peer;

static uint8_t ring[RING];
static uint64_t head;
static Peer *watchers[MOST];
static int watching, epoll;

static void feed(Peer *p) {
  while (p->at < head) {
    if (head - p->at > RING) p->at = head; // Too slow: goes on at the newest byte.
    size_t from = p->at % RING, left = head - p->at;
    size_t part = left < RING - from ? left : RING - from;
    ssize_t n = send(p->fd, ring + from, part, MSG_NOSIGNAL | MSG_DONTWAIT);
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
  for (int i = 0; i < watching; i++) {
    if (watchers[i] == p) watchers[i] = watchers[--watching];
  }
  close(p->fd);
  free(p);
}

static void readable(Peer *p) {
  static uint8_t first[512];
  if (p->kind == 0) {
    ssize_t n = recv(p->fd, first, sizeof first, 0);
    if (n <= 5) return gone(p);
    p->kind = first[5] == 'b' ? 1 : 2;
    p->at = head;
    if (p->kind == 2 && watching < MOST) watchers[watching++] = p;
    return;
  }
  size_t at = head % RING, room = RING - at < 65536 ? RING - at : 65536;
  ssize_t n = recv(p->fd, p->kind == 1 ? ring + at : first, p->kind == 1 ? room : sizeof first, 0);
  if (n <= 0) return gone(p);
  if (p->kind == 2) return;
  head += n;
  for (int i = 0; i < watching; i++) {
    if (!watchers[i]->waits) feed(watchers[i]);
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
