// Names for addresses in a crash report.
#pragma once

#include <optional>
#include <string>

#include "abi/call.h"

namespace mayfly::machine {

/// The function of an executable that holds a guest-virtual address, as "name+0x12", demangled.
/// @param executable the program's ELF file on the host, loaded as the guest kernel does
/// @return nothing if the file has no symbol there or cannot be read
[[nodiscard]] std::optional<std::string> symbol_at(const std::string& executable, u64 address);

/// All registers, four to a line.
[[nodiscard]] std::string register_dump(const abi::Registers& registers);

}  // namespace mayfly::machine
