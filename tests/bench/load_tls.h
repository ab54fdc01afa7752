// TLS at the watchers, by OpenSSL; nothing where the load was compiled without it. Certificates are not checked.
#ifdef TLS
#include <fcntl.h>
#include <openssl/ssl.h>

// Completes the handshake; from then on nothing blocks.
static void *tls_connect(int fd) {
  static SSL_CTX *context;
  if (!context) context = SSL_CTX_new(TLS_client_method());
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, fd);
  if (SSL_connect(tls) != 1) fail("TLS handshake");
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return tls;
}

static void tls_send_all(void *tls, const void *data, size_t length) {
  if (SSL_write(tls, data, length) != (int)length) fail("TLS send");
}

// As recv(2): one record at most, which leaves nothing behind that epoll does not know of.
static ssize_t tls_recv(void *tls, void *buffer, size_t length) {
  int n = SSL_read(tls, buffer, length);
  if (n > 0) return n;
  int error = SSL_get_error(tls, n);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  errno = error == SSL_ERROR_WANT_READ ? EAGAIN : EIO;
  return -1;
}
#else
static void *tls_connect(int fd) {
  (void)fd;
  errno = ENOSYS;
  fail("TLS");
  return NULL;
}

static void tls_send_all(void *tls, const void *data, size_t length) {
  (void)tls, (void)data, (void)length;
}

static ssize_t tls_recv(void *tls, void *buffer, size_t length) {
  (void)tls, (void)buffer, (void)length;
  return 0;
}
#endif
