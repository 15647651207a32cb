// The host ABI: what the guest kernel may ask of the host. Arguments go through CallPage and the I/O buffer of
// SharedArea, never through addresses in the program's memory. Results are >= 0 or -errno.
#pragma once

#include "abi/types.h"

namespace mayfly::abi {

/// I/O ports that the guest may write. Everything else is denied by the TSS bitmap.
enum Port : u16 {
  kPortCall = 0x10,  ///< a host call, described by CallPage
  kPortWait = 0x11,  ///< nothing is runnable, described by WaitPage; all registers are saved in guest memory
};

/// io: the bytes in SharedArea::io, in the direction given.
enum class Call : u64 {
  // ---- life of the machine
  console_write = 1,  ///< (stream 1|2, size; io in) writes to the program's stdout or stderr -> size
  console_read,       ///< (size; io out) reads stdin -> bytes, 0 at its end
  exit,               ///< (status) the program has ended; does not return
  crash,              ///< (io in: CrashReport) the program or the guest kernel cannot go on; does not return
  report,             ///< (ReportKind, size, number, places; io in: text, CodePlace records at kReportTextBytes) tells
                      ///< the user about something unsupported or refused; unknown_syscall comes with its number and
                      ///< without text
  entropy,            ///< (size; io out) random bytes -> size
  // ---- memory: page-aligned ranges in [kUserStart, kUserEnd) or the kernel heap
  map,       ///< (gva, pages, protection) makes the range present, new pages zeroed -> 0, -ENOMEM
  protect,   ///< (gva, pages, protection) changes what is present
  unmap,     ///< (gva, pages) forgets the contents, a touch faults; a later map shows zeros
  zero,      ///< (gva, pages) zeroes what is present
  map_file,  ///< (gva, pages, protection, handle, offset) as map; filled from the file, zeros
             ///< beyond its end; kMapMissingOnly may be added to the protection
  alias,     ///< (gva, pages, protection, heap gva) shows pages of the kernel heap in the program's memory,
             ///< whatever was there is unmapped; unmap ends it and leaves the contents -> 0, -ENOMEM
  move,      ///< (gva, pages, protection, new gva) moves contents to another range; the old one is unmapped
  resident,  ///< (gva, pages; io out: a bit for each of the first 8 * kIoBytes pages) which pages take memory
             ///< -> how many in all
  // ---- files: handles name files that the host opened for this machine
  file_open,      ///< (flags O_*, mode; io in: absolute path, out: FileStat) -> handle; O_CREAT makes the mode exact
  file_close,     ///< (handle)
  file_read,      ///< (handle, size, offset; io out) -> bytes
  file_write,     ///< (handle, size, offset or kAppend; io in) -> bytes
  file_stat,      ///< (handle; io out: FileStat)
  path_stat,      ///< (follow; io in: absolute path, out: FileStat)
  path_readlink,  ///< (io in: absolute path, out: target) -> bytes
  dir_read,       ///< (handle, cursor; io out: DirEntry records) -> bytes, 0 at the end
  // ---- changes, in writable volumes only (FileStat::volume): elsewhere -EROFS; file_open and file_write do their part
  file_truncate,  ///< (handle, size)
  file_allocate,  ///< (handle, mode FALLOC_FL_*, offset, size)
  file_sync,      ///< (handle) waits until the disk has the file
  file_change,    ///< (handle; io in: AttributeChange)
  path_change,    ///< (io in: AttributeChange, then absolute path) changes a link itself
  path_make,      ///< (mode with the type of a directory or link; io in: absolute path, a link's target) -> 0
  path_remove,    ///< (1 for a directory; io in: absolute path)
  path_rename,    ///< (flags RENAME_*; io in: absolute path, new absolute path)
  path_space,     ///< (io in: absolute path, out: SpaceStat) the file system of a volume
  path_link,      ///< (io in: absolute path, absolute path of a further name)
  // ---- code
  write_text,  ///< (gva, size; io in) writes up to 64 bytes into the program's present pages, whatever their rights
  // ---- --trace, asked for by BootPage::trace
  trace,  ///< (round; io in: TraceRecord, out: addresses) tells of a system call or signal -> how many addresses of the
          ///< program the guest touches before it says the same again, with round + 1; 0 in the last round
};

struct CallPage {
  u64 number;
  u64 args[6];
  i64 result;
};

enum class ReportKind : u64 {
  unknown_syscall = 1,  ///< ENOSYS was answered
  unsupported,          ///< a known call with an argument that is not supported
  refused,              ///< something that policy forbids
};

inline constexpr u64 kReportTextBytes = 512;  ///< at most
inline constexpr u64 kReportPlaces = 16;      ///< at most

/// Where in a file that is mapped the program's code runs.
struct CodePlace {
  u64 offset;         ///< in the file, of the instruction that is next
  u64 called_offset;  ///< in the file, of what the call instruction before it calls; 0 if it does not say
  u32 path_size;
  u32 unused;
  char path[232];  ///< absolute
};
static_assert(sizeof(CodePlace) == 256);

enum class CrashKind : u32 {
  signal = 1,     ///< a fatal signal of the program
  kernel_fault,   ///< an exception in the guest kernel
  kernel_panic,   ///< a broken invariant in the guest kernel
  out_of_memory,  ///< a page could not be had: a memory limit
};

/// General registers in the order of a trap frame.
struct Registers {
  u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  u64 rip, rflags, rsp;
};

struct CrashReport {
  CrashKind kind;
  u32 signal;
  u64 fault_address;
  u32 trap_vector;
  u32 error_code;
  u32 thread_id;
  u32 message_size;
  Registers registers;
  char message[256];
};

/// What the guest needs of struct stat; times in nanoseconds since the epoch.
struct FileStat {
  u64 device, inode, size, blocks;
  u32 mode, links, user, group;
  u64 rdev;
  i64 accessed_ns, modified_ns, changed_ns;
  u64 volume;  ///< 1: in a writable volume, what is done to it is done on the host
};

/// FileStat::device of directories that only the view has.
inline constexpr u64 kViewDevice = 1;

/// What the guest needs of struct statfs; counts of blocks and files.
struct SpaceStat {
  u64 type;
  u64 block_bytes;
  u64 blocks, free_blocks, available_blocks;
  u64 files, free_files;
};

/// Offset of file_write: at the end, wherever that is by now.
inline constexpr u64 kAppend = ~u64{0};

/// What chmod, chown and utimensat change; a field counts if its bit is set.
struct AttributeChange {
  enum Field : u32 { kMode = 1, kUser = 2, kGroup = 4, kAccessed = 8, kModified = 16 };
  u32 fields = 0;
  u32 mode = 0;  ///< permission bits
  u32 user = 0;
  u32 group = 0;
  i64 accessed_ns = 0;
  i64 modified_ns = 0;
};
static_assert(sizeof(AttributeChange) == 32);

/// One record of dir_read; the name follows, then padding to 8 bytes.
struct DirEntry {
  u64 inode;
  u64 next_cursor;
  u16 record_size;  ///< of this header, the name and the padding
  u16 name_size;
  u8 type;  ///< DT_*
  u8 unused[3];
};
static_assert(sizeof(DirEntry) == 24);

}  // namespace mayfly::abi
