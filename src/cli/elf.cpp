#include "cli/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mayfly::cli {
namespace {

constexpr std::size_t kHeadBytes = 256;  // as much as Linux reads of a script's first line (BINPRM_BUF_SIZE)

struct Architecture {
  unsigned machine;
  std::string_view name;
};

constexpr std::array<Architecture, 9> kArchitectures = {{{EM_386, "x86 (32 bits)"},
                                                         {EM_X86_64, "x86-64"},
                                                         {EM_ARM, "ARM (32 bits)"},
                                                         {EM_AARCH64, "ARM64"},
                                                         {EM_RISCV, "RISC-V"},
                                                         {EM_PPC64, "PowerPC (64 bits)"},
                                                         {EM_S390, "IBM Z"},
                                                         {EM_MIPS, "MIPS"},
                                                         {EM_LOONGARCH, "LoongArch"}}};

std::string architecture_name(unsigned machine) {
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.machine == machine) return std::string(architecture.name);
  }
  return fmt::format("machine type {}", machine);
}

/// The first bytes of a regular file.
std::string read_head(const std::filesystem::path& file) {
  UniqueFd fd(check(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), "open({})", file.string()));
  struct stat status {};
  check(::fstat(fd.get(), &status), "fstat({})", file.string());
  if (S_ISDIR(status.st_mode)) throw Error("{} is a folder, not a program", file.string());
  if (!S_ISREG(status.st_mode)) throw Error("{} is not a regular file", file.string());
  std::string head(kHeadBytes, '\0');
  ssize_t bytes = check(::read(fd.get(), head.data(), head.size()), "read({})", file.string());
  head.resize(static_cast<std::size_t>(bytes));
  return head;
}

[[noreturn]] void refuse_script(const std::filesystem::path& file, std::string_view head) {
  std::string_view line = head.substr(2, head.find('\n') - 2);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  constexpr std::string_view kEnv = "/usr/bin/env ";
  std::string_view interpreter = line;
  if (interpreter.starts_with(kEnv)) interpreter.remove_prefix(kEnv.size());
  throw Error("{} is a script for '{}', not a program: name the interpreter, as in 'mayfly run -- {} {}'",
              file.string(), line, interpreter, file.string());
}

[[noreturn]] void refuse_foreign(const std::filesystem::path& file, std::string_view head) {
  if (head.starts_with("#!")) refuse_script(file, head);
  if (head.starts_with("MZ")) throw Error("{} is a Windows program; Linux on x86-64 is needed", file.string());
  if (head.starts_with("\xcf\xfa\xed\xfe") || head.starts_with("\xca\xfe\xba\xbe")) {
    throw Error("{} is a macOS program; Linux on x86-64 is needed", file.string());
  }
  throw Error("{} is not a program: it has no ELF header", file.string());
}

void check_header(const std::filesystem::path& file, std::string_view head) {
  if (!head.starts_with(std::string_view(ELFMAG, SELFMAG))) refuse_foreign(file, head);
  if (head.size() < sizeof(Elf64_Ehdr)) throw Error("{} is a truncated ELF file", file.string());
  Elf64_Ehdr header{};
  std::memcpy(&header, head.data(), sizeof header);
  if (header.e_ident[EI_DATA] == ELFDATA2MSB) {
    throw Error("{} is a program for a big-endian processor; x86-64 is needed", file.string());
  }
  if (header.e_machine != EM_X86_64) {  // e_machine lies at the same place in 32-bit files
    throw Error("{} is a program for {}; x86-64 is needed", file.string(), architecture_name(header.e_machine));
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64) {
    throw Error("{} is an x32 program; 64-bit x86-64 is needed", file.string());
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    throw Error("{} is an ELF file but no program: it is an object file or a core dump", file.string());
  }
}

}  // namespace

void check_executable(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) throw Error("{} does not exist", file.string());
  check_header(file, read_head(file));
  if (::access(file.c_str(), X_OK) != 0) {
    throw Error("{} may not be executed: chmod +x {}", file.string(), file.string());
  }
}

bool is_executable_elf(const std::filesystem::path& file) {
  try {
    check_executable(file);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace mayfly::cli
