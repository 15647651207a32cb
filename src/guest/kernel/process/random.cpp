#include "guest/kernel/process/random.h"

#include <linux/errno.h>
#include <linux/random.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kBlockWords = 16;
constexpr u64 kBlockBytes = kBlockWords * sizeof(u32);
constexpr u32 kDoubleRounds = 10;

u32 rotate(u32 value, int bits) {
  return value << bits | value >> (32 - bits);
}

void quarter_round(u32* x, int a, int b, int c, int d) {
  x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16);
  x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12);
  x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 8);
  x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 7);
}

/// One block of ChaCha20 (RFC 8439, 2.3) with the four last state words given.
void chacha20_block(const u32 (&key)[8], const u32 (&last_words)[4], u32 (&block)[kBlockWords]) {
  const u32 constants[4] = {0x6170'7865, 0x3320'646e, 0x7962'2d32, 0x6b20'6574};  // "expand 32-byte k"
  u32 state[kBlockWords];
  std::memcpy(state, constants, sizeof constants);
  std::memcpy(state + 4, key, sizeof key);
  std::memcpy(state + 12, last_words, sizeof last_words);
  std::memcpy(block, state, sizeof state);
  for (u32 i = 0; i < kDoubleRounds; ++i) {
    for (int column = 0; column < 4; ++column) quarter_round(block, column, column + 4, column + 8, column + 12);
    quarter_round(block, 0, 5, 10, 15);
    quarter_round(block, 1, 6, 11, 12);
    quarter_round(block, 2, 7, 8, 13);
    quarter_round(block, 3, 4, 9, 14);
  }
  for (u64 i = 0; i < kBlockWords; ++i) block[i] += state[i];
}

}  // namespace

void Random::mix(const u8 (&seed)[kSeedBytes]) {
  u32 words[kSeedBytes / sizeof(u32)];
  std::memcpy(words, seed, sizeof words);
  for (u64 i = 0; i < kKeyWords; ++i) key_[i] ^= words[i];
  u32 last_words[4];
  std::memcpy(last_words, words + kKeyWords, sizeof last_words);
  u32 block[kBlockWords];
  chacha20_block(key_, last_words, block);
  std::memcpy(key_, block, sizeof key_);
}

void Random::fill(void* destination, u64 size_bytes) {
  auto* out = static_cast<u8*>(destination);
  u32 old_key[kKeyWords];
  std::memcpy(old_key, key_, sizeof old_key);
  u64 used = sizeof key_;  // of the current block: the first one gives the next key
  u32 block[kBlockWords];
  u32 counter[4] = {};
  chacha20_block(old_key, counter, block);
  std::memcpy(key_, block, sizeof key_);
  while (size_bytes > 0) {
    if (used == kBlockBytes) {
      if (++counter[0] == 0) ++counter[1];
      chacha20_block(old_key, counter, block);
      used = 0;
    }
    u64 step = size_bytes < kBlockBytes - used ? size_bytes : kBlockBytes - used;
    std::memcpy(out, reinterpret_cast<u8*>(block) + used, step);
    out += step;
    used += step;
    size_bytes -= step;
  }
}

MAYFLY_SYSCALL(getrandom) {
  constexpr u64 kFlags = GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE;
  if ((args[2] & ~kFlags) != 0) return -EINVAL;
  if ((args[2] & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  constexpr u64 kMostBytes = 0x7fff'ffff;  // INT_MAX, as Linux
  UserIo io(args[0], args[1] < kMostBytes ? args[1] : kMostBytes);
  long total = 0;
  while (!io.done()) {
    u8 chunk[256];
    u64 step = io.remaining() < sizeof chunk ? io.remaining() : sizeof chunk;
    thread.kernel.random.fill(chunk, step);
    long moved = io.copy_out(chunk, step);
    if (moved < 0) return total > 0 ? total : moved;
    total += moved;
  }
  return total;
}

}  // namespace mayfly::kernel
