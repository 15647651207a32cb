// Small text without allocation: for reports and /proc.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// Fixed buffer of text, always NUL-terminated; what does not fit is cut off.
template <unsigned Capacity>
class Text {
 public:
  Text& append(const char* text) {
    while (*text != '\0') append(*text++);
    return *this;
  }
  Text& append(char character) {
    if (size_ + 1 < Capacity) {
      buffer_[size_++] = character;
      buffer_[size_] = '\0';
    }
    return *this;
  }
  Text& append_number(u64 value, unsigned base = 10, unsigned minimum_digits = 1) {
    char digits[64];
    unsigned count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0 && count < sizeof digits);
    for (unsigned i = count; i < minimum_digits; ++i) append('0');
    while (count > 0) append(digits[--count]);
    return *this;
  }
  [[nodiscard]] const char* c_str() const { return buffer_; }
  [[nodiscard]] unsigned size() const { return size_; }
  void clear() {
    size_ = 0;
    buffer_[0] = '\0';
  }

 private:
  char buffer_[Capacity] = {};
  unsigned size_ = 0;
};

}  // namespace mayfly::kernel
