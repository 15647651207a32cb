// What a program may connect to, and which names it may ask for: nothing that no rule allows.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/known_names.h"
#include "net/rule.h"

namespace mayfly::net {

/// The answer to a question of a program's.
struct Verdict {
  bool allowed = false;
  /// Otherwise a sentence without its full stop for the log, in one line and printable: what was refused, and the flag
  /// that would allow it.
  std::string refusal{};
};

/// The rules of --allow-net. Thread-safe; one is shared by all threads and machines of a program.
///
/// A rule for names covers the addresses that the host's resolver gave for the name within the last hour, and those of
/// the host's hosts(5) file. Whatever a name leads to, special addresses (is_special()) need a rule that names them:
/// who controls a name cannot lead a program to them. An address is judged by where it leads, see destination_of().
class Policy {
 public:
  /// @param rules as --allow-net takes them. Throws BadRule.
  explicit Policy(std::span<const std::string> rules, std::string hosts_file = "/etc/hosts");

  /// To be asked right before the host connects, or sends a datagram, to that very address.
  [[nodiscard]] Verdict check(const Address& address, Clock::time_point now = Clock::now()) const;
  /// @param path of a unix socket of the host, as the program gave it
  [[nodiscard]] Verdict check_unix(std::string_view path) const;
  /// Whether the program may ask for a name: a rule could cover what it leads to. localhost is always answered.
  [[nodiscard]] Verdict check_name(std::string_view name) const;
  [[nodiscard]] bool resolves(std::string_view name) const { return check_name(name).allowed; }

  /// Takes note of what the host's resolver gave for a name. To be called before the program hears of it.
  void learned(std::string_view name, std::span<const IpBytes> addresses, Clock::time_point now = Clock::now());

  /// No rule at all: everything is refused.
  [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

 private:
  struct Names {
    std::string known;  ///< one that leads to the address; empty for none
    bool covered = false;
    bool stale = false;  ///< would be covered, had it been looked up within the last hour
  };
  [[nodiscard]] Names names_of(const IpBytes& ip, u16 port, Clock::time_point now) const;
  [[nodiscard]] bool rule_for_name(std::string_view name, u16 port) const;

  std::vector<Rule> rules_;
  mutable std::mutex mutex_;
  mutable HostsFile hosts_;
  LearnedNames learned_;
};

}  // namespace mayfly::net
