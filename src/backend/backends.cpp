#include "backend/backends.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mayfly::backend {

Backends::Backends(loop::EventLoop& loop, loop::Counter& syscalls, const Settings& settings, net::RefusalLog& failures)
    : settings_(settings),
      failures_(failures),
      multi_(loop),
      syscalls_(syscalls),
      services_{.loop = loop,
                .settings = settings,
                .multi = multi_,
                .failures = failures,
                .counters = {syscalls, received_bytes_, sent_bytes_, waits_},
                .date = date_,
                .on_closed = [this](GuestConnection& connection) { on_closed(connection); }},
      bury_([this] { closed_.clear(); }) {
  if (!settings.ca_file.empty() && ::access(settings.ca_file.c_str(), R_OK) < 0) {
    throw Error("--backend-ca {} cannot be read: {}", settings.ca_file, std::strerror(errno));
  }
}

Backends::~Backends() = default;

std::optional<machine::InnerPeers::Connection> Backends::connect(const net::Address& target, unsigned) {
  const auto& targets = settings_.targets;
  std::size_t index = 0;
  while (index < targets.size() && address_of(index) != target.bytes) ++index;
  if (index == targets.size()) return std::nullopt;
  const Target& backend = targets[index];
  if (target.port != kPort) {
    failures_.refused(
        fmt::format("connection to {0}:{1} refused: ask for http://{0}/ instead; Mayfly speaks TLS to the backend",
                    host_name_of(backend), target.port));
    return Connection{.socket = {}, .error = ECONNREFUSED};
  }
  int ends[2];
  syscalls_.add();
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
    return Connection{.socket = {}, .error = errno};
  }
  Connection connection{.socket = UniqueFd(ends[0]), .error = 0};
  auto guest = std::make_unique<GuestConnection>(services_, backend, UniqueFd(ends[1]));
  open_.emplace(guest.get(), std::move(guest));
  return connection;
}

void Backends::on_closed(GuestConnection& connection) {
  auto entry = open_.extract(&connection);
  closed_.push_back(std::move(entry.mapped()));
  services_.loop.post(bury_);
}

std::unique_ptr<Backends> make_backends(loop::EventLoop& loop, loop::Counter& syscalls, const Settings& settings,
                                        net::RefusalLog& failures) {
  if (settings.targets.empty()) return nullptr;
  return std::make_unique<Backends>(loop, syscalls, settings, failures);
}

}  // namespace mayfly::backend
