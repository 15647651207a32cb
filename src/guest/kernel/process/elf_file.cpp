#include "guest/kernel/process/elf_file.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxSegments = abi::kPageSize / sizeof(Elf64_Phdr);
constexpr u64 kImageLimit = abi::kStackTop - abi::kStackSize;
constexpr u64 kMaxAlignment = u64{1} << 30;

u32 protection_of(const Elf64_Phdr& segment) {
  u32 protection = 0;
  if ((segment.p_flags & PF_R) != 0) protection |= abi::kProtRead;
  if ((segment.p_flags & PF_W) != 0) protection |= abi::kProtWrite;
  if ((segment.p_flags & PF_X) != 0) protection |= abi::kProtExec;
  return protection;
}

}  // namespace

ElfFile::~ElfFile() {
  if (segments_ != nullptr) thread_.kernel.heap.release_page(segments_);
}

bool ElfFile::read(void* destination, u64 size_bytes, u64 offset) {
  UserIo io = UserIo::from_kernel(destination, size_bytes);
  while (!io.done()) {
    long count = file_->pread(thread_, io, offset + (size_bytes - io.remaining()));
    if (count <= 0) return false;
  }
  return true;
}

ElfError ElfFile::open() {
  if (!read(&header_, sizeof header_, 0)) return "not an ELF file: too short";
  if (ElfError error = check_header()) return error;
  segments_ = reinterpret_cast<Elf64_Phdr*>(thread_.kernel.heap.allocate_page());
  if (segments_ == nullptr) return "no memory for its program headers";
  if (!read(segments_, header_.e_phnum * sizeof(Elf64_Phdr), header_.e_phoff)) {
    return "its program headers lie behind the end of the file";
  }
  return check_segments();
}

ElfError ElfFile::check_header() const {
  if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) return "not an ELF file";
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
    return "not a 64-bit little-endian ELF file";
  }
  if (header_.e_machine != EM_X86_64) return "built for another architecture than x86-64";
  if (header_.e_type != ET_EXEC && header_.e_type != ET_DYN) return "an ELF file, but not an executable";
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) return "malformed: unknown size of program headers";
  if (header_.e_phnum == 0 || header_.e_phnum > kMaxSegments) return "malformed: number of program headers";
  return nullptr;
}

ElfError ElfFile::check_segments() {
  struct stat status;
  if (file_->stat(status) != 0) return "its size cannot be found out";
  begin_ = kImageLimit;
  for (u64 i = 0; i < header_.e_phnum; ++i) {
    const Elf64_Phdr& segment = segments_[i];
    if (segment.p_type != PT_LOAD) continue;
    if (ElfError error = check_segment(segment, static_cast<u64>(status.st_size))) return error;
    u64 begin = abi::page_floor(segment.p_vaddr);
    u64 end = abi::page_ceil(segment.p_vaddr + segment.p_memsz);
    if (begin < begin_) begin_ = begin;
    if (end > end_) end_ = end;
    if (segment.p_align > alignment_) alignment_ = segment.p_align;
  }
  if (begin_ >= end_) return "malformed: nothing to load";
  if (header_.e_type == ET_EXEC && begin_ < abi::kUserStart) return "its addresses are below the lowest usable one";
  return nullptr;
}

ElfError ElfFile::check_segment(const Elf64_Phdr& segment, u64 file_bytes) const {
  if (segment.p_memsz > kImageLimit || segment.p_vaddr > kImageLimit - segment.p_memsz) {
    return "malformed: a segment lies outside of the address space";
  }
  if (segment.p_filesz > segment.p_memsz) return "malformed: a segment is larger in the file than in memory";
  if (segment.p_filesz > file_bytes || segment.p_offset > file_bytes - segment.p_filesz) {
    return "truncated: a segment lies behind the end of the file";
  }
  if ((segment.p_align & (segment.p_align - 1)) != 0 || segment.p_align > kMaxAlignment) {
    return "malformed: alignment of a segment";
  }
  if (segment.p_filesz > 0 && ((segment.p_vaddr - segment.p_offset) & abi::kPageMask) != 0) {
    return "malformed: a segment's address and offset do not agree";
  }
  return nullptr;
}

bool ElfFile::executable_stack() const {
  for (u64 i = 0; i < header_.e_phnum; ++i) {
    if (segments_[i].p_type == PT_GNU_STACK) return (segments_[i].p_flags & PF_X) != 0;
  }
  return false;
}

ElfError ElfFile::read_interpreter(char* path, u64 capacity) {
  path[0] = '\0';
  for (u64 i = 0; i < header_.e_phnum; ++i) {
    const Elf64_Phdr& segment = segments_[i];
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_filesz < 2 || segment.p_filesz > capacity) return "malformed: length of the interpreter's path";
    if (!read(path, segment.p_filesz, segment.p_offset)) return "truncated: no path of the interpreter";
    if (path[segment.p_filesz - 1] != '\0') return "malformed: the interpreter's path does not end";
    return nullptr;
  }
  return nullptr;
}

ElfError ElfFile::choose_bias(u64 preferred_base, u64& bias) const {
  bias = 0;
  if (header_.e_type == ET_EXEC) return nullptr;
  u64 base = preferred_base;
  if (base == 0) {
    // Find room with space for the alignment, then give it back: the segments take their parts of it.
    AddressSpace& memory = thread_.process.memory;
    u64 wanted = end_ - begin_ + alignment_ - abi::kPageSize;
    long found = memory.map(0, wanted, Placement::anywhere, Area{});
    if (found < 0) return "no room for it in the address space";
    if (memory.unmap(static_cast<u64>(found), wanted) != 0) return "no memory";
    base = static_cast<u64>(found);
  }
  base = (base + alignment_ - 1) & ~(alignment_ - 1);
  bias = base - begin_;
  return nullptr;
}

ElfError ElfFile::load(u64 preferred_base, LoadedElf& loaded) {
  u64 bias = 0;
  if (ElfError error = choose_bias(preferred_base, bias)) return error;
  for (u64 i = 0; i < header_.e_phnum; ++i) {
    if (segments_[i].p_type != PT_LOAD || segments_[i].p_memsz == 0) continue;
    if (ElfError error = map_segment(segments_[i], bias)) return error;
  }
  loaded.bias = bias;
  loaded.entry = bias + header_.e_entry;
  loaded.program_headers = headers_address(bias);
  loaded.end = bias + end_;
  return nullptr;
}

ElfError ElfFile::map_segment(const Elf64_Phdr& segment, u64 bias) {
  AddressSpace& memory = thread_.process.memory;
  u64 start = bias + segment.p_vaddr;
  u64 file_end = start + segment.p_filesz;
  u64 begin = abi::page_floor(start);
  u64 zero_begin = segment.p_filesz > 0 ? abi::page_ceil(file_end) : begin;
  u64 end = abi::page_ceil(start + segment.p_memsz);
  Area area;
  area.protection = protection_of(segment);
  if (zero_begin > begin) {
    Area file_area = area;
    file_area.file = file_;
    file_area.offset = abi::page_floor(segment.p_offset);
    if (memory.map(begin, zero_begin - begin, Placement::fixed, file_area) < 0) return "no memory to map it";
  }
  bool has_tail = segment.p_memsz > segment.p_filesz && zero_begin > file_end && segment.p_filesz > 0;
  if (has_tail && (area.protection & abi::kProtWrite) != 0 && !zero_user(file_end, zero_begin - file_end)) {
    return "no memory for its data";
  }
  if (end > zero_begin && memory.map(zero_begin, end - zero_begin, Placement::fixed, area) < 0) {
    return "no memory to map it";
  }
  return nullptr;
}

u64 ElfFile::headers_address(u64 bias) const {
  u64 size = header_.e_phnum * sizeof(Elf64_Phdr);
  for (u64 i = 0; i < header_.e_phnum; ++i) {
    const Elf64_Phdr& segment = segments_[i];
    if (segment.p_type != PT_LOAD || header_.e_phoff < segment.p_offset) continue;
    if (header_.e_phoff - segment.p_offset + size > segment.p_filesz) continue;
    return bias + segment.p_vaddr + (header_.e_phoff - segment.p_offset);
  }
  return 0;
}

}  // namespace mayfly::kernel
