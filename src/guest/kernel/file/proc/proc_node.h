// /proc and /sys as tables: a node says what it is called and what it shows.
#pragma once

#include <span>

#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/page_store.h"

namespace mayfly::kernel {

/// Text of a file in /proc while it is made: lines go to the store one by one.
class ProcText {
 public:
  ProcText(Kernel& owner, u32 what, PageStore& store)
      : kernel(owner), process(owner.process), subject(what), store_(store) {}
  ~ProcText() { flush(); }

  ProcText& operator<<(const char* text);
  ProcText& operator<<(u64 number) {
    line_.append_number(number);
    return *this;
  }
  ProcText& hex(u64 number, unsigned digits = 1) {
    line_.append_number(number, 16, digits);
    return *this;
  }
  /// Right-aligned in `width`.
  ProcText& pad(u64 number, unsigned width);
  /// Blanks up to column `column` of the line.
  ProcText& column(unsigned column);
  /// Bytes as they are.
  void raw(const void* bytes, u64 size_bytes);

  Kernel& kernel;
  Process& process;
  const u32 subject;  ///< what it is about: a thread, by default the first; in fdinfo, a descriptor

 private:
  void flush();
  PageStore& store_;
  Text<512> line_;
};

struct ProcNode {
  enum class Kind : u8 {
    text,
    link,
    directory,
    processes,    ///< the root: also has the process, by its number
    threads,      ///< task: one directory for each thread
    descriptors,  ///< fd: one link for each descriptor
    descriptor_information,
  };
  const char* name;
  Kind kind;
  u32 mode;                                 ///< permission bits
  void (*show)(ProcText& text) = nullptr;   ///< of text and link
  std::span<const ProcNode> children = {};  ///< of directories
  const char* constant = nullptr;           ///< of text, in place of `show`
  /// Takes what the program writes, which ends in NUL; without it, what is written has no effect.
  long (*store)(Kernel& kernel, u32 subject, const char* text) = nullptr;
};

constexpr ProcNode proc_text(const char* name, void (*show)(ProcText&), u32 mode = 0444) {
  return {name, ProcNode::Kind::text, mode, show};
}
constexpr ProcNode proc_constant(const char* name, const char* text, u32 mode = 0444) {
  return {name, ProcNode::Kind::text, mode, nullptr, {}, text};
}
constexpr ProcNode proc_link(const char* name, void (*show)(ProcText&)) {
  return {name, ProcNode::Kind::link, 0777, show};
}
constexpr ProcNode proc_directory(const char* name, std::span<const ProcNode> children) {
  return {name, ProcNode::Kind::directory, 0555, nullptr, children};
}

/// Directories of which there is one for each process or thread.
[[nodiscard]] const ProcNode& proc_process();
[[nodiscard]] const ProcNode& proc_thread();
/// A file of fdinfo.
[[nodiscard]] const ProcNode& proc_descriptor();

/// Parts of the tree that have files of their own.
[[nodiscard]] const ProcNode& sys_root();  ///< /sys
void show_processor(ProcText& text);       ///< cpuinfo
void show_stat(ProcText& text);
void show_thread_stat(ProcText& text);
void show_status(ProcText& text);
void show_limits(ProcText& text);

/// The thread that a file is about; null if it has ended.
[[nodiscard]] Thread* thread_of(const ProcText& text);
/// comm: at most 15 bytes.
[[nodiscard]] const char* command_of(const ProcText& text);
/// How the thread is numbered.
[[nodiscard]] u32 shown_id(const ProcText& text);
/// Counter ticks in a second.
[[nodiscard]] u64 counter_frequency_hz();

}  // namespace mayfly::kernel
