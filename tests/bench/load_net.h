// Sockets and the processor time and memory of processes, for the load generator.
#define PER_ADDRESS 16384 // connections from one address to one port: some 28,000 ports are free in all

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct sockaddr_in address_of(const char *ip, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

// A socket that comes from 127.0.0.1 + offset; 0: from where the system says.
static int socket_from(uint32_t offset, int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | flags, 0), one = 1;
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (offset == 0) return fd;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + offset)};
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&from, sizeof from)) fail("bind");
  return fd;
}

// The connection so numbered: those beyond what one address has ports for come from the next.
static int connect_to(const char *ip, int port, int number) {
  struct sockaddr_in address = address_of(ip, port);
  int fd = socket_from(number / PER_ADDRESS, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  return fd;
}

static void send_all(int fd, const void *data, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t n = send(fd, (const char *)data + at, length - at, MSG_NOSIGNAL);
    if (n < 0) fail("send");
    at += n;
  }
}

// Lets this process have so many descriptors, where the system allows it.
static void allow_files(rlim_t most) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur >= most) return;
  files.rlim_cur = most;
  if (files.rlim_max < most) files.rlim_max = most;
  if (setrlimit(RLIMIT_NOFILE, &files)) fail("file descriptors");
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

typedef struct {
  double cpu_seconds, resident_mb;
} Usage;

// What the server uses, whose process LOAD_PID names; zeros where that cannot be read. The process's own clock
// counts all its threads in nanoseconds, where proc_pid_stat(5) has hundredths of seconds.
static Usage server_usage(void) {
  const char *pid = getenv("LOAD_PID");
  char path[64];
  clockid_t clock;
  struct timespec t = {0};
  long pages = 0;
  if (pid && !clock_getcpuclockid(atoi(pid), &clock)) clock_gettime(clock, &t);
  snprintf(path, sizeof path, "/proc/%s/statm", pid ? pid : "0");
  FILE *file = fopen(path, "r");
  if (file && fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file) fclose(file);
  return (Usage){t.tv_sec + t.tv_nsec / 1e9, pages * sysconf(_SC_PAGESIZE) / 1e6};
}
