#include "machine/entropy.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace mayfly::machine {

void Entropy::fill(std::span<std::byte> destination) {
  while (!destination.empty()) {
    if (left_ == 0) {
      // Requests of up to 256 bytes are never interrupted (getrandom(2)).
      constexpr std::size_t kStep = 256;
      for (std::size_t at = 0; at < buffer_.size(); at += kStep) {
        ++syscalls_;
        check(::getrandom(buffer_.data() + at, kStep, 0), "getrandom({} bytes)", kStep);
      }
      left_ = buffer_.size();
    }
    std::size_t step = std::min(destination.size(), left_);
    std::byte* source = buffer_.data() + buffer_.size() - left_;
    std::memcpy(destination.data(), source, step);
    std::memset(source, 0, step);
    left_ -= step;
    destination = destination.subspan(step);
  }
}

}  // namespace mayfly::machine
