// Arguments, environment and the auxiliary vector.
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "check.h"

namespace {

void print_arguments(int count, char** arguments) {
  std::printf("%d arguments\n", count - 1);
  for (int i = 1; i < count; ++i) std::printf("[%s]\n", arguments[i]);
  CHECK(arguments[count] == nullptr);
}

void check_environment() {
  int count = 0;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    CHECK(std::strchr(*variable, '=') != nullptr);
    ++count;
  }
  CHECK(count < 10'000);
  CHECK(setenv("MAYFLY_GUEST_TEST", "set", 1) == 0);
  CHECK(std::string_view(getenv("MAYFLY_GUEST_TEST")) == "set");
  passed("environment");
}

void check_auxiliary_vector(char** arguments) {
  CHECK(getauxval(AT_PAGESZ) == 4096);
  CHECK(getauxval(AT_CLKTCK) == 100);
  CHECK(getauxval(AT_SECURE) == 0);
  CHECK(getauxval(AT_UID) == getuid());
  CHECK(getauxval(AT_EUID) == geteuid());
  CHECK(getauxval(AT_GID) == getgid());
  CHECK(getauxval(AT_EGID) == getegid());
  CHECK(getauxval(AT_HWCAP) != 0);
  CHECK(getauxval(AT_MINSIGSTKSZ) >= 2048);
  CHECK(std::string_view(reinterpret_cast<const char*>(getauxval(AT_PLATFORM))) == "x86_64");

  std::string_view name(reinterpret_cast<const char*>(getauxval(AT_EXECFN)));
  std::string_view own(arguments[0]);
  CHECK(name.substr(name.rfind('/') + 1) == own.substr(own.rfind('/') + 1));

  const auto* random = reinterpret_cast<const unsigned char*>(getauxval(AT_RANDOM));
  int zeroes = 0;
  for (int i = 0; i < 16; ++i) zeroes += random[i] == 0 ? 1 : 0;
  CHECK(zeroes < 8);
  passed("auxiliary vector");
}

void check_program_headers() {
  const auto* headers = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
  CHECK(headers != nullptr && getauxval(AT_PHENT) == sizeof(Elf64_Phdr));
  bool found_itself = false;
  for (size_t i = 0; i < getauxval(AT_PHNUM); ++i) {
    if (headers[i].p_type == PT_PHDR) {
      found_itself = true;
      unsigned long bias = getauxval(AT_PHDR) - headers[i].p_vaddr;
      CHECK(bias % 4096 == 0);
      CHECK(getauxval(AT_ENTRY) > bias);
    }
  }
  CHECK(found_itself);
  passed("program headers");
}

void check_vdso() {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(getauxval(AT_SYSINFO_EHDR));
  CHECK(header != nullptr);
  CHECK(std::memcmp(header->e_ident, ELFMAG, SELFMAG) == 0);
  CHECK(header->e_type == ET_DYN);
  passed("vdso");
}

}  // namespace

int main(int argument_count, char** arguments) {
  print_arguments(argument_count, arguments);
  check_environment();
  check_auxiliary_vector(arguments);
  check_program_headers();
  check_vdso();
}
