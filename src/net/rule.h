// One rule of --allow-net.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/address.h"

namespace mayfly::net {

/// A text that is no rule. `what()` is a whole sentence.
class BadRule : public Error {
 public:
  BadRule(std::string_view rule, const std::string& reason);
  /// What is wrong, in words that follow the rule: "has no port after ':'".
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};

/// How rules are written, for messages.
inline constexpr std::string_view kRuleForms =
    "HOST[:PORT], *.DOMAIN[:PORT], IP[/BITS][:PORT], [IPV6]:PORT, *[:PORT], unix:PATH";

struct Rule {
  enum class Kind {
    network,     ///< an address or CIDR block
    localhost,   ///< 127.0.0.1 and ::1
    name,        ///< a host name
    subdomains,  ///< what is below a name, not the name itself
    anywhere,    ///< all that is not special
    unix_path
  };
  Kind kind = Kind::name;
  IpBytes network{};
  unsigned bits = 0;        ///< of 128, of `network`
  std::string name;         ///< normal; or the path
  std::optional<u16> port;  ///< none: every port

  /// Throws BadRule.
  [[nodiscard]] static Rule parse(std::string_view text);

  /// Whether the rule names the address itself. A block covers special addresses only if it lies in their block:
  /// 0.0.0.0/0 is not meant to open the loopback device, 127.0.0.0/8 is.
  /// @param ip a destination, see destination_of()
  [[nodiscard]] bool covers(const IpBytes& ip, u16 to_port) const;
  /// Whether the rule is for that name, which is normal.
  [[nodiscard]] bool covers_name(std::string_view host) const;
  [[nodiscard]] bool covers_port(u16 to_port) const { return !port || *port == to_port; }
};

/// Absolute, normal, and short enough for sockaddr_un.
[[nodiscard]] bool is_unix_rule_path(std::string_view path);

}  // namespace mayfly::net
