// Random numbers of the machine: for getrandom, /dev/urandom and AT_RANDOM.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// ChaCha20 with fast key erasure (https://blog.cr.yp.to/20170723-random.html): each request's first 32 bytes of key
/// stream become the next key, so that memory never holds what earlier numbers could be computed from. Every machine
/// of a snapshot starts with the same key; `mix` with the seed that comes with each reset sets them apart.
class Random {
 public:
  static constexpr u64 kSeedBytes = 48;

  /// Makes the key depend on `seed` as well as on all seeds before.
  void mix(const u8 (&seed)[kSeedBytes]);
  /// Fills `size_bytes` bytes; any size.
  void fill(void* destination, u64 size_bytes);

 private:
  static constexpr u64 kKeyWords = 8;
  u32 key_[kKeyWords] = {};
};

}  // namespace mayfly::kernel
