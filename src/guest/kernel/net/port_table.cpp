#include "guest/kernel/net/port_table.h"

#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {
namespace {

/// A socket bound to an IPv6 wildcard takes IPv4 traffic as well, unless told not to.
bool dual_stack(const PortBinding& binding) {
  return !binding.address.is_v4() && binding.address.is_any() && !binding.socket.options.on(SocketOptions::v6_only);
}

bool overlap(const PortBinding& a, const PortBinding& b) {
  if (a.address.port != b.address.port) return false;
  if (a.address.is_v4() != b.address.is_v4()) return dual_stack(a.address.is_v4() ? b : a);
  return a.address.is_any() || b.address.is_any() || a.address.same_host(b.address);
}

/// socket(7): what two sockets must have said in order to share an address.
bool may_share(const Socket& a, const Socket& b) {
  auto both = [&](SocketOptions::Switch which) { return a.options.on(which) && b.options.on(which); };
  if (both(SocketOptions::reuse_port)) return true;
  bool datagrams = a.type() == kDatagram;
  return both(SocketOptions::reuse_address) && (datagrams || (!a.listening() && !b.listening()));
}

}  // namespace

bool PortBinding::covers(const InetAddress& destination) const {
  if (address.port != destination.port) return false;
  if (address.same_host(destination)) return true;
  return address.is_any() && (address.is_v4() == destination.is_v4() || dual_stack(*this));
}

bool PortTable::conflicts(const PortBinding& binding) {
  for (PortBinding* other = bindings_.front(); other != nullptr; other = bindings_.next(*other)) {
    if (other != &binding && overlap(*other, binding) && !may_share(other->socket, binding.socket)) return true;
  }
  return false;
}

bool PortTable::has_other_listener(const PortBinding& binding) {
  for (PortBinding* other = bindings_.front(); other != nullptr; other = bindings_.next(*other)) {
    if (other == &binding || !other->socket.listening() || !overlap(*other, binding)) continue;
    const SocketOptions& a = other->socket.options;
    const SocketOptions& b = binding.socket.options;
    if (!a.on(SocketOptions::reuse_port) || !b.on(SocketOptions::reuse_port)) return true;
  }
  return false;
}

long PortTable::bind(PortBinding& binding, const InetAddress& address) {
  if (!address.is_any() && !address.is_local()) return -EADDRNOTAVAIL;
  binding.address = address;
  if (address.port != 0) {
    if (conflicts(binding)) return -EADDRINUSE;
    bindings_.push_back(binding);
    return 0;
  }
  for (u32 tries = 0; tries <= kLastEphemeral - kFirstEphemeral; ++tries) {
    binding.address.port = next_ephemeral_;
    next_ephemeral_ = next_ephemeral_ == kLastEphemeral ? kFirstEphemeral : static_cast<u16>(next_ephemeral_ + 1);
    if (conflicts(binding)) continue;
    bindings_.push_back(binding);
    return 0;
  }
  return -EADDRINUSE;
}

Socket* PortTable::find(const InetAddress& destination, bool listening) {
  Socket* found = nullptr;
  for (PortBinding* binding = bindings_.front(); binding != nullptr; binding = bindings_.next(*binding)) {
    if (!binding->covers(destination) || (listening && !binding->socket.listening())) continue;
    if (binding->address.same_host(destination)) return &binding->socket;
    if (found == nullptr || binding->address.is_v4() == destination.is_v4()) found = &binding->socket;
  }
  return found;
}

Socket* PortTable::find_listener(u16 port, bool v4) {
  Socket* found = nullptr;
  for (PortBinding* binding = bindings_.front(); binding != nullptr; binding = bindings_.next(*binding)) {
    if (binding->address.port != port || !binding->socket.listening()) continue;
    if (binding->address.is_v4() == v4) return &binding->socket;
    if (found == nullptr) found = &binding->socket;
  }
  return found;
}

}  // namespace mayfly::kernel
