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
  ProcText(Kernel& owner, u32 about_thread, PageStore& store)
      : kernel(owner), process(owner.process), thread_id(about_thread), store_(store) {}
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
  const u32 thread_id;  ///< whom /proc/self/task/<id> is about, or the first thread

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
  };
  const char* name;
  Kind kind;
  u32 mode;                                 ///< permission bits
  void (*show)(ProcText& text) = nullptr;   ///< of text and link
  std::span<const ProcNode> children = {};  ///< of directories
};

constexpr ProcNode proc_text(const char* name, void (*show)(ProcText&), u32 mode = 0444) {
  return {name, ProcNode::Kind::text, mode, show};
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

}  // namespace mayfly::kernel
