#include "machine/symbols.h"

#include <cxxabi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "abi/layout.h"
#include "base/unique_fd.h"

namespace mayfly::machine {
namespace {

constexpr u64 kMaxTableBytes = 32 << 20;
constexpr std::size_t kMaxNameBytes = 512;

/// @return nothing if the file does not have all of it
template <typename T>
std::vector<T> read_table(const ReadAt& read, u64 offset, u64 count) {
  if (count > kMaxTableBytes / sizeof(T)) return {};
  std::vector<T> entries(count);
  auto bytes = std::as_writable_bytes(std::span(entries));
  for (std::size_t done = 0; done < bytes.size();) {
    long got = read(bytes.subspan(done), offset + done);
    if (got <= 0) return {};
    done += static_cast<std::size_t>(got);
  }
  return entries;
}

std::string demangled(const std::string& name) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(::abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                   &std::free);
  return status == 0 ? text.get() : name;
}

}  // namespace

Symbols::Symbols(ReadAt read) : read_(std::move(read)) {
  auto headers = read_table<Elf64_Ehdr>(read_, 0, 1);
  if (headers.empty() || std::memcmp(headers[0].e_ident, ELFMAG, SELFMAG) != 0) return;
  is_position_independent_ = headers[0].e_type == ET_DYN;
  segments_ = read_table<Elf64_Phdr>(read_, headers[0].e_phoff, headers[0].e_phnum);
  auto sections = read_table<Elf64_Shdr>(read_, headers[0].e_shoff, headers[0].e_shnum);
  u64 bytes_left = kMaxTableBytes;
  for (const Elf64_Shdr& section : sections) {
    bool has_symbols = section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM;
    if (!has_symbols || section.sh_link >= sections.size() || section.sh_size > bytes_left) continue;
    bytes_left -= section.sh_size;
    tables_.push_back({read_table<Elf64_Sym>(read_, section.sh_offset, section.sh_size / sizeof(Elf64_Sym)),
                       sections[section.sh_link].sh_offset});
  }
}

std::optional<Symbols::Function> Symbols::function_at(u64 address) const {
  for (const Table& table : tables_) {
    for (const Elf64_Sym& symbol : table.symbols) {
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || address - symbol.st_value >= symbol.st_size) continue;
      std::array<char, kMaxNameBytes> name{};
      (void)read_(std::as_writable_bytes(std::span(name)).first(name.size() - 1), table.names + symbol.st_name);
      return Function{demangled(name.data()), symbol.st_value, symbol.st_size};
    }
  }
  return std::nullopt;
}

std::optional<u64> Symbols::address_of(u64 offset) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_LOAD && offset - segment.p_offset < segment.p_filesz)
      return segment.p_vaddr + (offset - segment.p_offset);
  }
  return std::nullopt;
}

std::optional<std::string> symbol_at(const std::string& executable, u64 address) {
  UniqueFd fd(::open(executable.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  const Symbols symbols([&fd](std::span<std::byte> destination, u64 offset) {
    return static_cast<long>(::pread(fd.get(), destination.data(), destination.size(), static_cast<off_t>(offset)));
  });
  u64 in_file = symbols.is_position_independent() ? address - ::mayfly::abi::kProgramBase : address;
  auto function = symbols.function_at(in_file);
  if (!function) return std::nullopt;
  return fmt::format("{}+{:#x}", function->name, in_file - function->begin);
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
