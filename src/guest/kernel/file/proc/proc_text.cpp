#include <cstring>

#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {

ProcText& ProcText::operator<<(const char* text) {
  // Line by line, so that a file may be longer than the buffer; a path may be longer as well.
  for (; *text != '\0'; ++text) {
    line_.append(*text);
    if (*text == '\n' || line_.size() == 511) flush();
  }
  return *this;
}

ProcText& ProcText::pad(u64 number, unsigned width) {
  Text<24> digits;
  digits.append_number(number);
  for (unsigned i = digits.size(); i < width; ++i) line_.append(' ');
  line_.append(digits.c_str());
  return *this;
}

ProcText& ProcText::column(unsigned column) {
  while (line_.size() < column) line_.append(' ');
  return *this;
}

void ProcText::raw(const void* bytes, u64 size_bytes) {
  flush();
  UserIo io = UserIo::from_kernel(const_cast<void*>(bytes), size_bytes);
  (void)store_.write(io, store_.size());
}

void ProcText::flush() {
  if (line_.size() == 0) return;
  Text<512> line = line_;
  line_.clear();
  raw(line.c_str(), line.size());
}

}  // namespace mayfly::kernel
