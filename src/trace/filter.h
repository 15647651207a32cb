// Which system calls a trace shows.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

#include "abi/trace.h"

namespace mayfly::trace {

/// "descriptors, files, ...": what Filter::parse takes besides names of calls.
[[nodiscard]] std::string family_list();

class Filter {
 public:
  /// Everything.
  Filter() = default;
  /// Reads families and names of calls separated by commas: "memory,futex". A '!' in front: all but these. Families may
  /// be named as strace does, with or without '%': desc, file, network, signal. Throws Error that names what is wrong.
  [[nodiscard]] static Filter parse(std::string_view text);

  [[nodiscard]] bool shows(u64 number, abi::TraceFamily family) const;

 private:
  static constexpr u64 kMaxNumber = 512;
  void add(std::string_view word);

  bool all_but_ = true;  // what is named is left out
  std::bitset<static_cast<std::size_t>(abi::TraceFamily::none)> families_;
  std::bitset<kMaxNumber> calls_;
};

}  // namespace mayfly::trace
