// Where this server can be reached, so that requests that its programs make of it are known for what they are.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "net/address.h"

namespace mayfly::server {

/// Immutable: addresses that the host gets later are not known.
class OwnAddresses {
 public:
  /// @param listening as http::Listener::address() says; unix sockets are passed over
  /// @param of_host what "every address" means; see host_addresses()
  OwnAddresses(std::span<const std::string> listening, std::span<const net::IpBytes> of_host);

  /// @param target in any spelling that leads there
  [[nodiscard]] bool include(const net::Address& target) const;

 private:
  void add(const net::Address& address) { addresses_.push_back({net::destination_of(address.bytes), address.port}); }

  std::vector<net::Address> addresses_;
  std::vector<u16> loopback_ports_;  ///< open at all of 127.0.0.0/8, of which an interface names one address
};

/// Those of the host's interfaces. Throws SystemError.
[[nodiscard]] std::vector<net::IpBytes> host_addresses();

}  // namespace mayfly::server
