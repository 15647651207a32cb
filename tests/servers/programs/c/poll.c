// One thread, poll.
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serving.h"

static struct connection connections[MAX_CONNECTIONS];
static struct pollfd watched[MAX_CONNECTIONS + 1];  // the last one is the listening socket

static void accept_one(void) {
  for (int i = 0; i < MAX_CONNECTIONS; ++i) {
    if (watched[i].fd >= 0) continue;
    watched[i].fd = accept(watched[MAX_CONNECTIONS].fd, NULL, NULL);
    memset(&connections[i], 0, sizeof connections[i]);
    connections[i].fd = watched[i].fd;
    return;
  }
}

int main(void) {
  for (int i = 0; i <= MAX_CONNECTIONS; ++i) watched[i] = (struct pollfd){.fd = -1, .events = POLLIN};
  watched[MAX_CONNECTIONS].fd = listen_on_port(0);
  for (;;) {
    if (poll(watched, MAX_CONNECTIONS + 1, -1) < 0) continue;
    for (int i = 0; i < MAX_CONNECTIONS; ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0 || serve_once(&connections[i])) continue;
      close(watched[i].fd);
      watched[i].fd = -1;
    }
    if (watched[MAX_CONNECTIONS].revents != 0) accept_one();
  }
}
