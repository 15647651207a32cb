// The KVM capabilities that Mayfly asks for.
#pragma once

#include <span>
#include <string_view>

namespace mayfly::cli {

struct Capability {
  unsigned number;  ///< for KVM_CHECK_EXTENSION
  std::string_view name;
  int bits;  ///< that its value must have; 0 if any value but 0 will do
  bool needed;
  std::string_view purpose;  ///< a sentence that "Linux 5.10 or newer" can follow
  std::string_view since;    ///< Linux version
};

[[nodiscard]] std::span<const Capability> needed_capabilities();

}  // namespace mayfly::cli
