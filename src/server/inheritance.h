// What a server gets from the one that it is to replace: its listening sockets, and a way to say that it serves.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace mayfly::server {

/// The environment variable that says so to the successor.
inline constexpr std::string_view kInheritanceVariable = "MAYFLY_INHERITANCE";

/// The sockets of one endpoint, named by what the configuration calls it.
struct NamedSockets {
  std::string name;
  std::vector<int> descriptors;
};

/// The variable's value. Throws Error if a name has a line break in it.
/// @param ready see Inheritance::tell_ready
[[nodiscard]] std::string inheritance_text(int ready, std::span<const NamedSockets> sockets);

/// The successor's side. Closes what nobody takes. Not thread-safe.
class Inheritance {
 public:
  /// Takes over the descriptors that the text names. Throws Error if it is none, or they are not what it says.
  explicit Inheritance(std::string_view text);

  /// @return what is listened on under that name: nothing if the predecessor did not know it. Each set is given once
  [[nodiscard]] std::vector<UniqueFd> take(std::string_view name);
  /// The names of what has not been taken.
  [[nodiscard]] std::vector<std::string> names() const;
  /// Lets the predecessor end, if there still is one: this process serves. Closes what has not been taken.
  void tell_ready();

 private:
  struct Sockets {
    std::string name;
    std::vector<UniqueFd> sockets;
  };
  void add_line(std::string_view line);

  UniqueFd ready_;
  std::vector<Sockets> sockets_;
};

}  // namespace mayfly::server
