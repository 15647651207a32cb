// Anonymous pipes.
#pragma once

#include "guest/kernel/file/byte_queue.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class PipeEnd;

/// The buffer between two ends; it lives as long as one of them does.
class Pipe : public RefCounted {
 public:
  static constexpr u64 kDefaultCapacity = 64 * 1024;
  static constexpr u64 kMaxCapacity = 1024 * 1024;  // fs.pipe-max-size
  static constexpr u64 kAtomicBytes = 4096;         // PIPE_BUF

  explicit Pipe(Kernel& kernel);
  void destroy();

  [[nodiscard]] u64 capacity() const { return capacity_; }
  /// F_SETPIPE_SZ. @return the new capacity, -EPERM above the maximum, -EBUSY if the contents need more
  long set_capacity(u64 size_bytes);
  [[nodiscard]] u64 room() const { return capacity_ > queue.size() ? capacity_ - queue.size() : 0; }

  ByteQueue queue;
  PipeEnd* reader = nullptr;  ///< null once it is closed
  PipeEnd* writer = nullptr;

 private:
  Kernel& kernel_;
  u64 capacity_ = kDefaultCapacity;
};

/// The file at one end of a pipe.
class PipeEnd final : public File {
 public:
  /// @param flags O_RDONLY or O_WRONLY with status flags
  PipeEnd(Kernel& kernel, u32 flags, Ref<Pipe> pipe);
  ~PipeEnd() override;
  void destroy() override;

  long read(Thread& thread, UserIo& io) override;
  long write(Thread& thread, UserIo& io) override;
  long ioctl(Thread& thread, u32 command, u64 argument) override;
  long stat(struct stat& result) override;
  [[nodiscard]] u32 poll() override;
  [[nodiscard]] Pipe* as_pipe() override { return pipe_.get(); }

  /// To be called after `pipe`'s contents were taken or added to.
  static void wake_writer(Pipe& pipe);
  static void wake_reader(Pipe& pipe);

 private:
  [[nodiscard]] bool is_reader() const { return readable(); }

  Ref<Pipe> pipe_;
};

/// Queues SIGPIPE for the running thread. @return -EPIPE
long broken_pipe(Thread& thread);

}  // namespace mayfly::kernel
