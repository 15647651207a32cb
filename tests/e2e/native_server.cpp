#include "native_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mayfly::e2e {
namespace {

/// Nobody listens there now.
std::string free_port() {
  const UniqueFd socket(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof(address);
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size), "bind()");
  check(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname()");
  return std::to_string(ntohs(address.sin_port));
}

}  // namespace

NativeServer::NativeServer(Strings command) : NativeServer(std::move(command), free_port()) {}

NativeServer::NativeServer(Strings command, const std::string& port)
    : address_("127.0.0.1:" + port),
      child_(
          {.command = std::move(command),
           .environment = {"PATH=/usr/bin:/bin", "HOME=/root", "PORT=" + port, "DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1"},
           .input = {}}) {
  wait_until_it_accepts();
}

void NativeServer::wait_until_it_accepts() const {
  constexpr std::chrono::milliseconds kPause{10};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    try {
      (void)client();
      return;
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("nothing listens on " + address_ + ": " + child_.out() + child_.err());
      }
      std::this_thread::sleep_for(kPause);
    }
  }
}

}  // namespace mayfly::e2e
