// One thread, sockets that do not block, epoll.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serving.h"

static void watch(int epoll, int fd, void* connection) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_one(int epoll, int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  struct connection* connection = calloc(1, sizeof *connection);
  connection->fd = fd;
  watch(epoll, fd, connection);
}

int main(void) {
  int listener = listen_on_port(SOCK_NONBLOCK);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener, NULL);
  for (;;) {
    struct epoll_event events[MAX_CONNECTIONS];
    int ready = epoll_wait(epoll, events, MAX_CONNECTIONS, -1);
    for (int i = 0; i < ready; ++i) {
      struct connection* connection = events[i].data.ptr;
      if (connection == NULL) {
        accept_one(epoll, listener);
      } else if (!serve_once(connection)) {
        close(connection->fd);
        free(connection);
      }
    }
  }
}
