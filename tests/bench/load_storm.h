// A storm: connections that ask for the media, stay for a moment and leave, so many each second.
#define STORM_MOST 8192             // connections at a time: 8,000 a second that stay as long as below
#define STORM_STAY_NS 200000000ull  // long enough to be served, short enough to be a storm

typedef struct {
  int fd;
  uint64_t leaves;
} Visitor;

typedef struct {
  double rate;             // connections a second; 0: no storm
  uint64_t from, until;    // nanoseconds
  uint64_t opened, asked, left, served;
  Visitor visitors[STORM_MOST];
} Storm;

static Storm storm;

static void storm_between(uint64_t from, uint64_t until) {
  const char *text = getenv("LOAD_STORM");
  storm.rate = text ? atof(text) : 0;
  storm.from = from;
  storm.until = until;
}

static void storm_open(const char *ip, int port, uint64_t now) {
  // Each address has some 28,000 ports, and each port rests for a minute.
  int fd = socket_from(256 + storm.opened % 64, SOCK_NONBLOCK);
  struct sockaddr_in address = address_of(ip, port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) fail("storm");
  storm.visitors[storm.opened++ % STORM_MOST] = (Visitor){fd, now + STORM_STAY_NS};
}

// Asks for the media where the connection is there; in the order of the connects.
static void storm_ask(void) {
  for (; storm.asked < storm.opened; storm.asked++) {
    const char *frame = "\0\0\0\x0f\0watch,user=fier";
    int fd = storm.visitors[storm.asked % STORM_MOST].fd;
    if (send(fd, frame, 20, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
  }
}

static void storm_leave(void) {
  char byte;
  Visitor *v = &storm.visitors[storm.left++ % STORM_MOST];
  storm.served += recv(v->fd, &byte, 1, MSG_DONTWAIT) == 1;
  close(v->fd);
  if (storm.asked < storm.left) storm.asked = storm.left;
}

// To be called often; returns how many milliseconds may pass until the next call.
static int storm_turn(const char *ip, int port) {
  uint64_t now = now_ns();
  if (storm.rate == 0 || now < storm.from) return 100;
  uint64_t until = now < storm.until ? now : storm.until;
  uint64_t due = (until - storm.from) / 1e9 * storm.rate;
  while (storm.opened < due && storm.opened - storm.left < STORM_MOST) storm_open(ip, port, now);
  storm_ask();
  while (storm.left < storm.opened && storm.visitors[storm.left % STORM_MOST].leaves <= now) storm_leave();
  return 1;
}
