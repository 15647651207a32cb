#include "base/mapping.h"

#include <sys/mman.h>

#include "base/error.h"

namespace mayfly {

Mapping::Mapping(std::size_t size_bytes, int protection, int flags, int fd, off_t offset) : size_(size_bytes) {
  void* address = ::mmap(nullptr, size_bytes, protection, flags, fd, offset);
  if (address == MAP_FAILED) {
    throw SystemError(fmt::format("mmap({} bytes, prot {:#x}, flags {:#x}, fd {})", size_bytes, protection, flags, fd),
                      errno);
  }
  data_ = static_cast<std::byte*>(address);
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    reset();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Mapping::reset() noexcept {
  if (data_ != nullptr) ::munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace mayfly
