#include "machine/outbound_scope.h"

#include <errno.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace mayfly::machine {
namespace {

bool is_socket(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

const net::Limits& OutboundScope::limits() const {
  static const net::Limits defaults;
  return host_.services != nullptr ? host_.services->limits() : defaults;
}

int OutboundScope::check(const net::Address& address) {
  net::Verdict verdict;
  if (host_.services != nullptr) {
    verdict = host_.services->check(address);
  } else {
    verdict.refusal = fmt::format("{0} is out of reach: --allow-net {0} would allow it", net::format(address));
  }
  if (verdict.allowed) return 0;
  refused(verdict.refusal);
  return EACCES;
}

int OutboundScope::check_unix(const std::string& path) {
  net::Verdict verdict;
  if (host_.services != nullptr) {
    verdict = host_.services->check_unix(path);
  } else {
    verdict.refusal = fmt::format("the socket {0} is out of reach: --allow-net unix:{0} would allow it", path);
  }
  if (verdict.allowed) return 0;
  // Libraries look for sockets of daemons all the time. Where there is none, nothing is refused, as with files.
  count_syscalls();
  if (!is_socket(path)) return ENOENT;
  refused(verdict.refusal);
  return EACCES;
}

int OutboundScope::check_count(std::size_t open) {
  if (open < limits().connections) return 0;
  refused(fmt::format("no more than {} connections at once for one request: raise --net-connections",
                      limits().connections));
  return ENOBUFS;
}

int OutboundScope::spend(u64 bytes) {
  const u64 limit = limits().bytes;
  const bool was_within = bytes_ <= limit;
  bytes_ += bytes;
  if (bytes_ <= limit) return 0;
  if (was_within)
    refused(fmt::format("no more than {} bytes of network traffic for one request: raise --net-bytes", limit));
  return ECONNABORTED;
}

void OutboundScope::begin_request(u64 id, unsigned depth) {
  request_id_ = id;
  depth_ = depth;
  bytes_ = 0;
}

}  // namespace mayfly::machine
