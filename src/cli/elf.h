// Tells whether a file is a program that a machine can run.
#pragma once

#include <filesystem>

namespace mayfly::cli {

/// Throws Error that says what the file is instead and what to do, unless it is an executable x86-64 ELF file that may
/// be read and executed.
/// @param file a path whose symbolic links are followed
void check_executable(const std::filesystem::path& file);

/// Whether check_executable would accept it.
[[nodiscard]] bool is_executable_elf(const std::filesystem::path& file);

}  // namespace mayfly::cli
