// What a program finds on its stack when it starts: strings, auxiliary vector, environment, arguments.
#pragma once

#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

class Kernel;

/// Built from the top down, as the x86-64 psABI (3.4.1) and Linux lay it out.
class InitialStack {
 public:
  explicit InitialStack(Kernel& kernel) : kernel_(kernel) {}

  /// Takes the strings from shared().io, which later host calls overwrite, to the stack, and all pointers to them.
  /// Sets what the process knows about them: executable, start_directory, arguments_begin and so on.
  /// @return false when they do not fit
  [[nodiscard]] bool take_strings();
  /// Adds an entry to the auxiliary vector; there are at most kEntries.
  void add(u64 type, u64 value);
  /// Writes the auxiliary vector. @return false without memory
  [[nodiscard]] bool finish();

  /// What RSP is to be.
  [[nodiscard]] u64 pointer() const { return pointer_; }
  [[nodiscard]] UserAddress executable_name() const { return executable_name_; }
  [[nodiscard]] UserAddress platform() const { return platform_; }
  [[nodiscard]] UserAddress random_bytes() const { return random_bytes_; }

 private:
  static constexpr u32 kEntries = 28;
  struct Entry {
    u64 type;
    u64 value;
  };
  [[nodiscard]] bool write_pointers(const char* strings, UserAddress base);

  Kernel& kernel_;
  u64 pointer_ = 0;
  UserAddress executable_name_ = 0;
  UserAddress platform_ = 0;
  UserAddress random_bytes_ = 0;
  UserAddress entries_address_ = 0;
  u32 count_ = 0;
  Entry entries_[kEntries + 1] = {};  // AT_NULL ends it
};

}  // namespace mayfly::kernel
