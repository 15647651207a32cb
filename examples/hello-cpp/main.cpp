// Says hello to every request.
#include <string_view>

#include "native/epoll_server.h"

int main() {
  return mayfly::examples::serve_main([](std::string_view) {
    return mayfly::examples::Response{"text/plain; charset=utf-8", "Hello from a fresh machine\n"};
  });
}
