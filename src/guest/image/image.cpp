#include "guest/image/image.h"

#include "base/error.h"

extern "C" {
extern const std::byte mayfly_guest_image_begin[], mayfly_guest_image_end[];
extern const std::byte mayfly_guest_elf_begin[], mayfly_guest_elf_end[];
}

namespace mayfly::guest {

std::span<const std::byte> image() {
  return {mayfly_guest_image_begin, mayfly_guest_image_end};
}

std::span<const std::byte> symbols_elf() {
  return {mayfly_guest_elf_begin, mayfly_guest_elf_end};
}

const abi::ImageHeader& image_header() {
  const auto& header = *reinterpret_cast<const abi::ImageHeader*>(image().data());
  if (header.magic != abi::kImageMagic || header.version != abi::kVersion) {
    throw Error("the guest kernel built into this program speaks host ABI version {}, expected {}: rebuild Mayfly",
                header.version, abi::kVersion);
  }
  return header;
}

}  // namespace mayfly::guest
