#include "cli/elf.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

std::string header(unsigned machine, unsigned type = ET_DYN, unsigned char bits = ELFCLASS64,
                   unsigned char order = ELFDATA2LSB) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = bits;
  header.e_ident[EI_DATA] = order;
  header.e_machine = static_cast<Elf64_Half>(machine);
  header.e_type = static_cast<Elf64_Half>(type);
  return std::string(reinterpret_cast<const char*>(&header), sizeof header);
}

class ElfTest : public testing::Test {
 protected:
  /// What check_executable says after the file's name, or "accepted".
  std::string verdict(std::string_view contents, bool executable = true) {
    std::string file = folder_.write("file", contents, executable);
    try {
      check_executable(file);
      return "accepted";
    } catch (const Error& error) {
      std::string text = error.what();
      EXPECT_TRUE(text.starts_with(file + " ")) << text;
      return text.substr(std::min(text.size(), file.size() + 1));
    }
  }

  TestFolder folder_;
};

TEST_F(ElfTest, AcceptsProgramsOfThisArchitecture) {
  EXPECT_EQ(verdict(header(EM_X86_64, ET_DYN)), "accepted");
  EXPECT_EQ(verdict(header(EM_X86_64, ET_EXEC)), "accepted");
  EXPECT_TRUE(is_executable_elf("/proc/self/exe"));
}

TEST_F(ElfTest, NamesTheWrongArchitecture) {
  EXPECT_EQ(verdict(header(EM_AARCH64)), "is a program for ARM64; x86-64 is needed");
  EXPECT_EQ(verdict(header(EM_386, ET_EXEC, ELFCLASS32)), "is a program for x86 (32 bits); x86-64 is needed");
  EXPECT_EQ(verdict(header(EM_X86_64, ET_EXEC, ELFCLASS32)), "is an x32 program; 64-bit x86-64 is needed");
  EXPECT_EQ(verdict(header(4711)), "is a program for machine type 4711; x86-64 is needed");
  EXPECT_EQ(verdict(header(EM_PPC64, ET_EXEC, ELFCLASS64, ELFDATA2MSB)),
            "is a program for a big-endian processor; x86-64 is needed");
}

TEST_F(ElfTest, SaysWhatElseAFileIs) {
  std::string file = folder_.path() / "file";
  EXPECT_EQ(verdict("hello"), "is not a program: it has no ELF header");
  EXPECT_EQ(verdict(""), "is not a program: it has no ELF header");
  EXPECT_EQ(verdict("\x7f"
                    "ELF"),
            "is a truncated ELF file");
  EXPECT_EQ(verdict(header(EM_X86_64, ET_REL)), "is an ELF file but no program: it is an object file or a core dump");
  EXPECT_EQ(verdict(header(EM_X86_64), false), "may not be executed: chmod +x " + file);
  EXPECT_EQ(verdict("MZ\x90"), "is a Windows program; Linux on x86-64 is needed");
  EXPECT_EQ(verdict("\xcf\xfa\xed\xfe...."), "is a macOS program; Linux on x86-64 is needed");
}

TEST_F(ElfTest, TellsToNameAScriptsInterpreter) {
  std::string file = folder_.path() / "file";
  EXPECT_EQ(verdict("#!/usr/bin/env node\nconsole.log(1)\n"),
            "is a script for '/usr/bin/env node', not a program: name the interpreter, as in 'mayfly run -- node " +
                file + "'");
  EXPECT_EQ(verdict("#! /bin/sh -e"),
            "is a script for '/bin/sh -e', not a program: name the interpreter, as in 'mayfly run -- /bin/sh -e " +
                file + "'");
}

TEST_F(ElfTest, RefusesFoldersAndDevices) {
  EXPECT_THROW(check_executable(folder_.path()), Error);
  EXPECT_THROW(check_executable("/dev/null"), Error);
  EXPECT_THROW(check_executable(folder_.path() / "none"), Error);
}

}  // namespace
}  // namespace mayfly::cli
