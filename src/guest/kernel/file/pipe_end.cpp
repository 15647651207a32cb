#include <asm/ioctls.h>
#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/inode.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {

PipeEnd::PipeEnd(Kernel& owner, u32 flags, Ref<Pipe> pipe, Ref<Inode> inode)
    : File(owner, flags), pipe_(std::move(pipe)), inode_(std::move(inode)) {
  pipe_->ends.push_back(*this);
  if (readable()) {
    ++pipe_->readers;
    ++pipe_->reader_openings;
    if (inode_ && pipe_->writers == 0) writers_before_ = pipe_->writer_openings;
  }
  if (writable()) {
    ++pipe_->writers;
    ++pipe_->writer_openings;
  }
  pipe_->openers.wake();
}

PipeEnd::~PipeEnd() {
  ListNode<PipeTag>::unlink();
  if (readable()) --pipe_->readers;
  if (writable()) --pipe_->writers;
  // The other side learns that it is alone.
  for (PipeEnd* end = pipe_->ends.front(); end != nullptr; end = pipe_->ends.next(*end)) {
    if (end->writable() && pipe_->readers == 0) end->waiters.wake(EPOLLERR | EPOLLOUT);
    if (end->readable() && pipe_->writers == 0) end->waiters.wake(EPOLLHUP | EPOLLIN);
  }
  if (pipe_->readers == 0 && pipe_->writers == 0) pipe_->clear();
}

void PipeEnd::destroy() {
  kernel().heap.destroy(this);
}

const void* PipeEnd::lock_target() const {
  return inode_ ? static_cast<const void*>(inode_.get()) : pipe_.get();
}

long PipeEnd::wait_for_contents(Thread& thread, bool nonblocking) {
  while (pipe_->empty()) {
    if (pipe_->writers == 0) return 1;
    if (nonblocking) return -EAGAIN;
    if (long result = thread.wait(waiters); result != 0) return result;
  }
  return 0;
}

long PipeEnd::wait_for_room(Thread& thread, u64 size_bytes, bool nonblocking) {
  for (;;) {
    if (pipe_->readers == 0) return broken_pipe(thread);
    if (pipe_->room() >= size_bytes) return 0;
    if (nonblocking) return -EAGAIN;
    if (long result = thread.wait(waiters); result != 0) return result;
  }
}

long PipeEnd::read(Thread& thread, UserIo& io) {
  if (io.done()) return 0;
  if (long result = wait_for_contents(thread, nonblocking()); result != 0) return result == 1 ? 0 : result;
  long taken = pipe_->take(io);
  if (taken > 0) pipe_->wake_writers();
  return taken;
}

long PipeEnd::write(Thread& thread, UserIo& io) {
  if (io.done()) return 0;
  bool packets = (flags() & O_DIRECT) != 0;
  // pipe(7): up to PIPE_BUF bytes go in together or not at all; more may be torn.
  u64 needed = packets ? Pipe::kAtomicBytes : io.remaining() <= Pipe::kAtomicBytes ? io.remaining() : 1;
  long written = 0;
  while (!io.done()) {
    if (written > 0 && pipe_->readers == 0) return written;
    if (long result = wait_for_room(thread, needed, nonblocking()); result != 0) return written > 0 ? written : result;
    long pushed = pipe_->append(io, packets);
    if (pushed <= 0) return written > 0 ? written : pushed;
    written += pushed;
    pipe_->wake_readers();
  }
  return written;
}

long PipeEnd::ioctl(Thread&, u32 command, u64 argument) {
  if (command != FIONREAD) return -ENOTTY;
  return write_user(argument, static_cast<i32>(pipe_->size())) ? 0 : -EFAULT;
}

long PipeEnd::stat(struct stat& result) {
  if (inode_) {
    abi::FileStat status{};
    if (long error = inode_->stat(status); error != 0) return error;
    to_stat(status, result);
    return 0;
  }
  stat_anonymous(result, kModeFifo | 0600);
  result.st_ino = reinterpret_cast<u64>(pipe_.get()) >> 4;  // both ends are one inode
  return 0;
}

u32 PipeEnd::poll() {
  u32 events = 0;
  if (readable()) {
    if (!pipe_->empty()) events |= EPOLLIN | EPOLLRDNORM;
    if (pipe_->writers == 0 && pipe_->writer_openings != writers_before_) events |= EPOLLHUP;
  }
  if (writable()) {
    if (pipe_->has_free_page()) events |= EPOLLOUT | EPOLLWRNORM;
    if (pipe_->readers == 0) events |= EPOLLERR;
  }
  return events;
}

long broken_pipe(Thread& thread) {
  SignalInfo info{};
  info.number = SIGPIPE;
  info.sender = {static_cast<i32>(thread.process.id), thread.process.user, 0};
  send_to_thread(thread, info);
  return -EPIPE;
}

namespace {

long make_pipe(Thread& thread, UserAddress result, u32 flags) {
  if ((flags & ~u32{O_CLOEXEC | O_NONBLOCK | O_DIRECT}) != 0) return -EINVAL;
  Kernel& kernel = thread.kernel;
  Ref<Pipe> pipe = kernel.heap.make<Pipe>(kernel);
  if (!pipe) return -ENOMEM;
  u32 status = flags & (O_NONBLOCK | O_DIRECT);
  Ref<PipeEnd> reader = kernel.heap.make<PipeEnd>(kernel, O_RDONLY | (status & O_NONBLOCK), pipe);
  Ref<PipeEnd> writer = kernel.heap.make<PipeEnd>(kernel, O_WRONLY | status, pipe);
  if (!reader || !writer) return -ENOMEM;
  return thread.process.files.add_pair(reader, writer, (flags & O_CLOEXEC) != 0, result);
}

}  // namespace

MAYFLY_SYSCALL(pipe) {
  return make_pipe(thread, args[0], 0);
}
MAYFLY_SYSCALL(pipe2) {
  return make_pipe(thread, args[0], static_cast<u32>(args[1]));
}

}  // namespace mayfly::kernel
