// The pages that the processor itself reads: descriptor tables, task segment with the I/O permission bitmap, ring 0
// stack.
#pragma once

#include "abi/image.h"
#include "vm/address_map.h"
#include "vm/vcpu.h"

namespace mayfly::vm {

/// Maps and fills them at abi::kSystemBase for a booting machine. Not accessible to CPL 3.
/// @return where the vCPU finds them
VcpuSetup install_system_pages(AddressMap& map, const abi::ImageHeader& kernel);

}  // namespace mayfly::vm
