// Names for addresses in reports.
#pragma once

#include <elf.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/call.h"

namespace mayfly::machine {

/// The function of an executable that holds a guest-virtual address, as "name+0x12", demangled.
/// @param executable the program's ELF file on the host, loaded as the guest kernel does
/// @return nothing if the file has no symbol there or cannot be read
[[nodiscard]] std::optional<std::string> symbol_at(const std::string& executable, u64 address);

/// Reads a file from an offset on. @return bytes read, 0 at its end, or -errno
using ReadAt = std::function<long(std::span<std::byte> destination, u64 offset)>;

/// The functions of an ELF file, which may be anything: what it does not have, or only in part, is not found. Takes as
/// much memory as the symbols do; those beyond 32 MiB are not found.
class Symbols {
 public:
  struct Function {
    std::string name;  ///< demangled
    u64 begin;         ///< as the file has it
    u64 size_bytes;
  };

  explicit Symbols(ReadAt read);
  [[nodiscard]] std::optional<Function> function_at(u64 address) const;
  /// Of what is at an offset of the file.
  [[nodiscard]] std::optional<u64> address_of(u64 offset) const;
  [[nodiscard]] bool is_position_independent() const { return is_position_independent_; }

 private:
  struct Table {
    std::vector<Elf64_Sym> symbols;
    u64 names;  // offset of the string table
  };
  ReadAt read_;
  bool is_position_independent_ = false;
  std::vector<Elf64_Phdr> segments_;
  std::vector<Table> tables_;
};

/// All registers, four to a line.
[[nodiscard]] std::string register_dump(const abi::Registers& registers);

}  // namespace mayfly::machine
