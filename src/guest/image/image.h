// The guest kernel's image as built into this program.
#pragma once

#include <cstddef>
#include <span>

#include "abi/image.h"

namespace mayfly::guest {

/// The flat image; it begins with abi::ImageHeader and belongs at abi::kKernelBase.
[[nodiscard]] std::span<const std::byte> image();
/// Its header, with magic and version checked. Throws Error.
[[nodiscard]] const abi::ImageHeader& image_header();
/// The same kernel as an ELF file with symbols, to name addresses in crash reports.
[[nodiscard]] std::span<const std::byte> symbols_elf();

}  // namespace mayfly::guest
