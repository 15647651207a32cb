// One ELF executable or interpreter: checks it and maps its segments.
#pragma once

#include <linux/elf.h>

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class Process;

/// null: fine; else what is wrong with the file, for the user to read.
using ElfError = const char*;

/// Where an image has come to lie.
struct LoadedElf {
  u64 bias = 0;             ///< what was added to the file's addresses
  u64 entry = 0;            ///< its first instruction
  u64 program_headers = 0;  ///< address of its program headers in memory, 0 if no segment contains them
  u64 end = 0;              ///< behind its last segment
};

class ElfFile {
 public:
  ElfFile(Thread& thread, Ref<File> file) : thread_(thread), file_(std::move(file)) {}
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;
  ~ElfFile();

  /// Reads and checks the headers; everything else comes after it.
  [[nodiscard]] ElfError open();
  /// Maps the segments: at their own addresses, or those of a position-independent file at `preferred_base` (0: where
  /// there is room).
  [[nodiscard]] ElfError load(u64 preferred_base, LoadedElf& loaded);
  /// Reads the interpreter's path (PT_INTERP) into `path`, "" if the file has none.
  [[nodiscard]] ElfError read_interpreter(char* path, u64 capacity);

  [[nodiscard]] u64 header_count() const { return header_.e_phnum; }
  /// PT_GNU_STACK asks for an executable stack.
  [[nodiscard]] bool executable_stack() const;

 private:
  [[nodiscard]] ElfError check_header() const;
  [[nodiscard]] ElfError check_segments();
  [[nodiscard]] ElfError check_segment(const Elf64_Phdr& segment, u64 file_bytes) const;
  [[nodiscard]] ElfError choose_bias(u64 preferred_base, u64& bias) const;
  [[nodiscard]] ElfError map_segment(const Elf64_Phdr& segment, u64 bias);
  [[nodiscard]] u64 headers_address(u64 bias) const;
  bool read(void* destination, u64 size_bytes, u64 offset);

  Thread& thread_;
  Ref<File> file_;
  Elf64_Ehdr header_{};
  Elf64_Phdr* segments_ = nullptr;  // one page
  u64 begin_ = 0;                   // the file's addresses of all segments together, page-aligned
  u64 end_ = 0;
  u64 alignment_ = abi::kPageSize;
};

}  // namespace mayfly::kernel
