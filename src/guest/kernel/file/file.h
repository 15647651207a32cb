// An open file description: what descriptors refer to.
#pragma once

// struct stat: the kernel's own, or in hosted code (unit tests) libc's, which is laid out alike and clashes with it.
#if __STDC_HOSTED__
#include <sys/stat.h>
#else
#include <asm/stat.h>
#endif
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "guest/kernel/core/ref.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/sched/wait_queue.h"

namespace mayfly::kernel {

class Kernel;
class PageStore;
class Pipe;
class SignalOwner;
class Socket;
class Thread;

struct WatchTag;

/// One who must know when a file description goes away, without keeping it: an epoll's interest in it.
class FileWatch : public ListNode<WatchTag> {
 public:
  /// Runs while the file is being destroyed; releases whatever stands for it, `this` included.
  virtual void file_gone() = 0;

 protected:
  ~FileWatch() = default;
};

/// Base of all kinds of files. Results are >= 0 or -errno; what a kind does not override fails as Linux does for it.
/// Operations block the calling thread unless the description is non-blocking.
class File : public RefCounted {
 public:
  File(Kernel& kernel, u32 flags) : kernel_(kernel), flags_(flags) {}
  virtual ~File();
  /// Frees the object; overridden by every kind as `kernel().heap.destroy(this)`.
  virtual void destroy() = 0;

  virtual long read(Thread& thread, UserIo& io);
  virtual long write(Thread& thread, UserIo& io);
  virtual long pread(Thread& thread, UserIo& io, u64 offset);
  virtual long pwrite(Thread& thread, UserIo& io, u64 offset);
  virtual long seek(Thread& thread, i64 offset, int whence);
  virtual long ioctl(Thread& thread, u32 command, u64 argument);
  virtual long stat(struct stat& result);
  virtual long truncate(u64 size_bytes);
  virtual long sync();
  /// fallocate(2); the caller has checked the range.
  virtual long allocate(u64 mode, u64 offset, u64 size_bytes);
  /// getdents64 into `io`.
  virtual long list(Thread& thread, UserIo& io);
  /// Whether mmap takes this; the rest about mappings only comes to those.
  [[nodiscard]] virtual bool mappable() const { return false; }
  /// mmap gives anonymous memory in its place: /dev/zero.
  [[nodiscard]] virtual bool maps_zeros() const { return false; }
  /// Its size, behind which a touch of a mapping is SIGBUS. @param wanted what the caller hopes for: only if less is
  /// known is a file of the host asked again
  [[nodiscard]] virtual u64 mappable_bytes([[maybe_unused]] u64 wanted) { return 0; }
  /// The pages of a file in guest memory, which shared mappings show; else null: then they are copies.
  [[nodiscard]] virtual PageStore* page_store() { return nullptr; }
  /// Makes [address, address + pages) present with a copy of the file's contents from `offset`, for mmap.
  /// @param protection abi::Protection bits; with abi::kMapMissingOnly, which only comes if maps_lazily(), pages that
  /// are present keep what they have
  virtual long map(u64 address, u64 pages, u32 protection, u64 offset);
  /// Mappings may be filled at the first touch: the contents cannot change before that.
  [[nodiscard]] virtual bool maps_lazily() const { return false; }
  /// Mappings may be shared and writable.
  [[nodiscard]] virtual bool maps_shared() const { return true; }
  /// What poll would report now: EPOLL* bits.
  [[nodiscard]] virtual u32 poll() { return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM; }
  /// False for kinds that epoll refuses (EPERM): regular files and directories.
  [[nodiscard]] virtual bool pollable() const { return true; }
  /// O_ASYNC can be set: kinds whose readiness comes from outside of the process.
  [[nodiscard]] virtual bool can_signal() const { return false; }
  /// What locks of this description are on: the same for all descriptions of one file.
  [[nodiscard]] virtual const void* lock_target() const { return this; }
  /// A descriptor that referred to this was closed (others may remain).
  void descriptor_closed();
  /// Absolute path for /proc/self/fd and fchdir, or null.
  [[nodiscard]] virtual const char* path() const { return nullptr; }
  [[nodiscard]] virtual Socket* as_socket() { return nullptr; }
  /// The pipe of which this is an end, or null.
  [[nodiscard]] virtual Pipe* as_pipe() { return nullptr; }
  /// Which kind this is, to find out where dynamic casts are not to be had: the address of a static of the class.
  [[nodiscard]] virtual const void* kind() const { return nullptr; }

  /// O_* status flags and access mode.
  [[nodiscard]] u32 flags() const { return flags_; }
  void set_flags(u32 flags) { flags_ = flags; }
  [[nodiscard]] bool nonblocking() const { return (flags_ & O_NONBLOCK) != 0; }
  [[nodiscard]] bool readable() const { return (flags_ & O_ACCMODE) != O_WRONLY; }
  [[nodiscard]] bool writable() const { return (flags_ & O_ACCMODE) != O_RDONLY; }
  /// Who gets signals about this description, or null. @param create to make one; null then means no memory
  [[nodiscard]] SignalOwner* signal_owner(bool create);
  /// Sets or clears O_ASYNC; for kinds that can signal. @return 0 or -ENOMEM
  long set_async(bool on, int fd);

  /// Those who wait for a change of poll().
  WaitQueue waiters;
  /// Those who watch this description without keeping it open.
  List<FileWatch, WatchTag> watches;

 protected:
  [[nodiscard]] Kernel& kernel() const { return kernel_; }
  /// The fields of `stat` that all files without a name share.
  /// @param mode type and permissions
  void stat_anonymous(struct stat& result, u32 mode) const;

 private:
  Kernel& kernel_;
  SignalOwner* signal_owner_ = nullptr;  // made when it is first asked for
  u32 flags_;
};

/// Status flags that hold for one call only.
class FlagsForCall {
 public:
  FlagsForCall(File& file, u32 extra) : file_(file), added_(extra & ~file.flags()) {
    if (added_ != 0) file_.set_flags(file_.flags() | added_);
  }
  ~FlagsForCall() {
    if (added_ != 0) file_.set_flags(file_.flags() & ~added_);
  }
  FlagsForCall(const FlagsForCall&) = delete;
  FlagsForCall& operator=(const FlagsForCall&) = delete;

 private:
  File& file_;
  u32 added_;
};

}  // namespace mayfly::kernel
