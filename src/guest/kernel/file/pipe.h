// Pipes: the buffer, and the files at its ends.
#pragma once

#include "guest/kernel/file/byte_queue.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class Inode;
class PipeEnd;
struct PipeTag;

/// The buffer between ends; it lives as long as one of them does.
class Pipe : public RefCounted {
 public:
  static constexpr u64 kDefaultCapacity = 64 * 1024;
  static constexpr u64 kMaxCapacity = 1024 * 1024;  // fs.pipe-max-size
  static constexpr u64 kAtomicBytes = 4096;         // PIPE_BUF

  explicit Pipe(Kernel& kernel);
  void destroy();

  [[nodiscard]] u64 capacity() const { return capacity_; }
  /// F_SETPIPE_SZ. @return the new capacity, -EINVAL, -EPERM above the maximum, -EBUSY if the contents need more
  long set_capacity(u64 size_bytes);

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] u64 size() const { return queue_.size(); }
  /// Bytes that can be appended now. As on Linux each packet takes up a page.
  [[nodiscard]] u64 room() const;
  /// There is a page's worth of room: what pollers and blocked writers wait for.
  [[nodiscard]] bool has_free_page() const { return room() >= kAtomicBytes; }

  /// Appends what there is room for, as one packet if `packet` (PIPE_BUF bytes at most). @return bytes, -EFAULT,
  /// -ENOMEM
  long append(UserIo& io, bool packet);
  /// Takes what is there, of a packet not more than that one; what does not fit of it is lost. @return bytes or -EFAULT
  long take(UserIo& io);
  /// Copies from the front as `take` would, and leaves it there.
  long peek(UserIo& io) const;
  /// Drops bytes that were peeked at.
  void consume(u64 size_bytes);
  /// Forgets the contents: nobody can get at them any more.
  void clear();

  /// To be called after the contents were taken or added to.
  void wake_writers();
  void wake_readers();

  List<PipeEnd, PipeTag> ends;
  u32 readers = 0;  ///< ends that are open
  u32 writers = 0;
  u32 reader_openings = 0;  ///< ends that were ever opened
  u32 writer_openings = 0;
  WaitQueue openers;  ///< threads in open(2) that wait for the other side

 private:
  /// A write that stays one.
  struct Packet : ListNode<> {
    u64 position = 0;  // in the stream of all bytes ever written
    u32 size = 0;
  };
  /// Bytes at the front that one read may take.
  [[nodiscard]] u64 first_part() const;
  [[nodiscard]] bool packet_first() const;

  Kernel& kernel_;
  ByteQueue queue_;
  List<Packet> packets_;
  u32 packet_count_ = 0;
  u64 packet_bytes_ = 0;
  u64 consumed_ = 0;  // position of the front
  u64 capacity_ = kDefaultCapacity;
};

/// The file at one end of a pipe, or at both for a FIFO that was opened so.
class PipeEnd final : public File, public ListNode<PipeTag> {
 public:
  /// @param flags access mode with status flags
  /// @param inode of a FIFO with a name, else null
  PipeEnd(Kernel& kernel, u32 flags, Ref<Pipe> pipe, Ref<Inode> inode = {});
  ~PipeEnd() override;
  void destroy() override;

  long read(Thread& thread, UserIo& io) override;
  long write(Thread& thread, UserIo& io) override;
  long seek(Thread&, i64, int) override { return -ESPIPE; }
  long ioctl(Thread& thread, u32 command, u64 argument) override;
  long stat(struct stat& result) override;
  [[nodiscard]] u32 poll() override;
  [[nodiscard]] bool can_signal() const override { return true; }
  [[nodiscard]] const void* lock_target() const override;
  [[nodiscard]] Pipe* as_pipe() override { return pipe_.get(); }

  /// Waits until there is something to read. @return 0, -EAGAIN, kRestart, or 1 at the end of the file
  long wait_for_contents(Thread& thread, bool nonblocking);
  /// Waits until there is room for `size_bytes`. @return 0, -EAGAIN, kRestart, or -EPIPE with SIGPIPE
  long wait_for_room(Thread& thread, u64 size_bytes, bool nonblocking);

 private:
  Ref<Pipe> pipe_;
  Ref<Inode> inode_;
  u32 writers_before_ = 0;  // openings that do not count: a FIFO that nobody has written to yet has not hung up
};

/// open(2) of a pipe that has a name: a FIFO, or any pipe by way of /proc/self/fd.
/// @param inode of a FIFO, else null
long open_pipe(Kernel& kernel, Ref<Pipe> pipe, Ref<Inode> inode, u32 flags, Ref<File>& file);

/// Queues SIGPIPE for the running thread. @return -EPIPE
long broken_pipe(Thread& thread);

}  // namespace mayfly::kernel
