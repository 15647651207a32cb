// One thread, select.
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serving.h"

static struct connection connections[MAX_CONNECTIONS];  // an fd of 0: unused

static void accept_one(int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd < 0) return;
  for (int i = 0; i < MAX_CONNECTIONS; ++i) {
    if (connections[i].fd != 0) continue;
    memset(&connections[i], 0, sizeof connections[i]);
    connections[i].fd = fd;
    return;
  }
  close(fd);
}

static void serve(const fd_set* readable) {
  for (int i = 0; i < MAX_CONNECTIONS; ++i) {
    int fd = connections[i].fd;
    if (fd == 0 || !FD_ISSET(fd, readable) || serve_once(&connections[i])) continue;
    close(fd);
    connections[i].fd = 0;
  }
}

int main(void) {
  int listener = listen_on_port(0);
  for (;;) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(listener, &readable);
    for (int i = 0; i < MAX_CONNECTIONS; ++i) {
      if (connections[i].fd != 0) FD_SET(connections[i].fd, &readable);
    }
    if (select(FD_SETSIZE, &readable, NULL, NULL, NULL) < 0) continue;
    serve(&readable);
    if (FD_ISSET(listener, &readable)) accept_one(listener);
  }
}
