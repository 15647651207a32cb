// sockaddr of the families that the guest kernel knows.
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

#include "trace/socket_names.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

void add_unix(Printer& out, u64 at, u64 size) {
  constexpr u64 kPathOffset = offsetof(sockaddr_un, sun_path);
  sockaddr_un address{};
  u64 path_bytes = std::min<u64>(size - kPathOffset, sizeof address.sun_path);
  if (path_bytes == 0) return;
  out.add(", sun_path=");
  std::array<char, 1> first{};
  if (!out.load(at + kPathOffset, first)) return;
  if (first[0] != '\0') return out.string(at + kPathOffset);
  out.add("@");  // an abstract name, which may hold any bytes
  out.bytes(at + kPathOffset + 1, path_bytes - 1);
}

void add_ip4(Printer& out, u64 at) {
  sockaddr_in address{};
  if (!out.load(at, address)) return;
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  out.format("{{sa_family=AF_INET, sin_port=htons({}), sin_addr=inet_addr(\"{}\")}}", ntohs(address.sin_port),
             text.data());
}

void add_ip6(Printer& out, u64 at) {
  sockaddr_in6 address{};
  if (!out.load(at, address)) return;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  out.format("{{sa_family=AF_INET6, sin6_port=htons({}), sin6_addr=\"{}\"}}", ntohs(address.sin6_port), text.data());
}

}  // namespace

void add_socket_address(Printer& out, u64 at, u64 size) {
  sa_family_t family = 0;
  if (at == 0 || size < sizeof family) return out.address(at);
  if (!out.load(at, family)) return;
  if (family == AF_INET && size >= sizeof(sockaddr_in)) return add_ip4(out, at);
  // Without the scope, which older programs leave out.
  constexpr u64 kSmallestIp6 = offsetof(sockaddr_in6, sin6_scope_id);
  if (family == AF_INET6 && size >= kSmallestIp6) return add_ip6(out, at);
  out.add("{sa_family=");
  out.choice(family, kSocketFamilies);
  if (family == AF_UNIX) add_unix(out, at, size);
  out.add("}");
}

void print_socket_address(Printer& out, unsigned index, const Argument& argument) {
  add_socket_address(out, out.argument(index), static_cast<u32>(out.argument(argument.other)));
}

void print_socket_address_result(Printer& out, unsigned index, const Argument& argument) {
  u64 size_at = out.argument(argument.other);
  u32 size = 0;
  if (!out.succeeded() || out.argument(index) == 0 || size_at == 0) return out.address(out.argument(index));
  if (out.load(size_at, size)) add_socket_address(out, out.argument(index), size);
}

}  // namespace mayfly::trace
