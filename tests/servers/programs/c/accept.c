// One connection at a time, every call blocks.
#include <sys/socket.h>
#include <unistd.h>

#include "serving.h"

int main(void) {
  int listener = listen_on_port(0);
  for (;;) {
    struct connection connection = {.fd = accept(listener, NULL, NULL)};
    if (connection.fd < 0) continue;
    while (serve_once(&connection)) {
    }
    close(connection.fd);
  }
}
