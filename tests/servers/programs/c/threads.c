// A thread for each connection, every call blocks.
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serving.h"

static void* serve(void* argument) {
  struct connection* connection = argument;
  while (serve_once(connection)) {
  }
  close(connection->fd);
  free(connection);
  return NULL;
}

int main(void) {
  int listener = listen_on_port(0);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    struct connection* connection = calloc(1, sizeof *connection);
    connection->fd = fd;
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, connection) == 0) {
      pthread_detach(thread);
    } else {
      close(fd);
      free(connection);
    }
  }
}
