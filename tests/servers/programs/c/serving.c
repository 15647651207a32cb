#include "serving.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE_LINES = 600, LINE_BYTES = 53, PAGE_BYTES = PAGE_LINES * LINE_BYTES };

static atomic_ulong count;

int listen_on_port(int flags) {
  const char* port = getenv("PORT");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  address.sin_port = htons((unsigned short)(port == NULL ? 8080 : atoi(port)));
  int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 64) != 0) {
    perror("cannot listen");
    exit(1);
  }
  return fd;
}

static int send_all(int fd, const char* bytes, size_t left) {
  while (left > 0) {
    ssize_t sent = send(fd, bytes, left, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      struct pollfd room = {.fd = fd, .events = POLLOUT};
      poll(&room, 1, -1);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return 0;
    bytes += sent;
    left -= (size_t)sent;
  }
  return 1;
}

static size_t write_page(char* page) {
  char* end = page;
  for (int line = 0; line < PAGE_LINES; ++line) {
    end += sprintf(end, "<p>Line %04d of a page of some thirty kilobytes.</p>\n", line);
  }
  return (size_t)(end - page);
}

static int answer(int fd, const char* path) {
  unsigned long counted = atomic_fetch_add(&count, 1) + 1;
  char* body = malloc(PAGE_BYTES + 1);
  char head[128];
  size_t bytes = 0;
  int status = 200;
  if (strcmp(path, "/") == 0) {
    bytes = (size_t)sprintf(body, "Hello from C\n");
  } else if (strcmp(path, "/page") == 0) {
    bytes = write_page(body);
  } else if (strcmp(path, "/count") == 0) {
    bytes = (size_t)sprintf(body, "%lu\n", counted);
  } else {
    status = 404;
    bytes = (size_t)sprintf(body, "not found\n");
  }
  int head_bytes = snprintf(head, sizeof head,
                            "HTTP/1.1 %d -\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", status, bytes);
  int is_sent = send_all(fd, head, (size_t)head_bytes) && send_all(fd, body, bytes);
  free(body);
  return is_sent;
}

int serve_once(struct connection* connection) {
  ssize_t received =
      recv(connection->fd, connection->input + connection->held, sizeof connection->input - 1 - connection->held, 0);
  if (received < 0) return errno == EAGAIN || errno == EINTR;
  if (received == 0) return 0;
  connection->held += (size_t)received;
  connection->input[connection->held] = '\0';
  for (char* end; (end = strstr(connection->input, "\r\n\r\n")) != NULL;) {
    char path[256];
    if (sscanf(connection->input, "GET %255s ", path) != 1 || !answer(connection->fd, path)) return 0;
    size_t used = (size_t)(end + 4 - connection->input);
    connection->held -= used;
    memmove(connection->input, connection->input + used, connection->held + 1);
  }
  return connection->held < sizeof connection->input - 1;
}
