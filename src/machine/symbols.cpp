#include "machine/symbols.h"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "abi/layout.h"
#include "base/mapping.h"
#include "base/unique_fd.h"

namespace mayfly::machine {
namespace {

/// An ELF file in memory; ranges that leave the file are empty.
class ElfFile {
 public:
  explicit ElfFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  [[nodiscard]] std::span<const T> table(u64 offset, u64 count) const {
    if (offset > bytes_.size() || count > (bytes_.size() - offset) / sizeof(T) || offset % alignof(T) != 0) return {};
    return {reinterpret_cast<const T*>(bytes_.data() + offset), count};
  }
  [[nodiscard]] std::string text(u64 offset) const {
    if (offset >= bytes_.size()) return {};
    const char* begin = reinterpret_cast<const char*>(bytes_.data() + offset);
    return {begin, ::strnlen(begin, bytes_.size() - offset)};
  }

 private:
  std::span<const std::byte> bytes_;
};

std::string demangled(const std::string& name) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(::abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                   &std::free);
  return status == 0 ? text.get() : name;
}

std::optional<std::string> find_symbol(const ElfFile& file, u64 address) {
  auto headers = file.table<Elf64_Ehdr>(0, 1);
  if (headers.empty() || std::memcmp(headers[0].e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  u64 bias = headers[0].e_type == ET_DYN ? ::mayfly::abi::kProgramBase : 0;
  auto sections = file.table<Elf64_Shdr>(headers[0].e_shoff, headers[0].e_shnum);
  for (const Elf64_Shdr& section : sections) {
    if ((section.sh_type != SHT_SYMTAB && section.sh_type != SHT_DYNSYM) || section.sh_link >= sections.size())
      continue;
    for (const Elf64_Sym& symbol : file.table<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym))) {
      u64 offset = address - bias - symbol.st_value;
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || offset >= symbol.st_size) continue;
      return fmt::format("{}+{:#x}", demangled(file.text(sections[section.sh_link].sh_offset + symbol.st_name)),
                         offset);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> symbol_at(const std::string& executable, u64 address) {
  UniqueFd fd(::open(executable.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || status.st_size <= 0) return std::nullopt;
  Mapping bytes(static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd.get());
  return find_symbol(ElfFile(bytes.bytes()), address);
}

std::string register_dump(const ::mayfly::abi::Registers& r) {
  return fmt::format(
      "rip {:016x} rsp {:016x} rflags {:08x}\n"
      "rax {:016x} rbx {:016x} rcx {:016x} rdx {:016x}\n"
      "rsi {:016x} rdi {:016x} rbp {:016x} r8  {:016x}\n"
      "r9  {:016x} r10 {:016x} r11 {:016x} r12 {:016x}\n"
      "r13 {:016x} r14 {:016x} r15 {:016x}",
      r.rip, r.rsp, r.rflags, r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp, r.r8, r.r9, r.r10, r.r11, r.r12, r.r13,
      r.r14, r.r15);
}

}  // namespace mayfly::machine
