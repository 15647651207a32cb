#include "guest/kernel/file/pipe.h"

#include <asm/ioctls.h>
#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {

Pipe::Pipe(Kernel& kernel) : queue(kernel.heap), kernel_(kernel) {}

void Pipe::destroy() {
  kernel_.heap.destroy(this);
}

long Pipe::set_capacity(u64 size_bytes) {
  if (size_bytes > kMaxCapacity) return -EPERM;
  u64 rounded = abi::kPageSize;
  while (rounded < size_bytes) rounded *= 2;
  if (rounded < queue.size()) return -EBUSY;
  capacity_ = rounded;
  PipeEnd::wake_writer(*this);
  return static_cast<long>(rounded);
}

PipeEnd::PipeEnd(Kernel& owner, u32 flags, Ref<Pipe> pipe) : File(owner, flags), pipe_(std::move(pipe)) {
  (is_reader() ? pipe_->reader : pipe_->writer) = this;
}

PipeEnd::~PipeEnd() {
  (is_reader() ? pipe_->reader : pipe_->writer) = nullptr;
  if (PipeEnd* other = is_reader() ? pipe_->writer : pipe_->reader) {
    other->waiters.wake(is_reader() ? EPOLLERR | EPOLLOUT : EPOLLHUP | EPOLLIN);
  }
}

void PipeEnd::destroy() {
  kernel().heap.destroy(this);
}

void PipeEnd::wake_writer(Pipe& pipe) {
  if (pipe.writer != nullptr && pipe.room() >= Pipe::kAtomicBytes) pipe.writer->waiters.wake(EPOLLOUT | EPOLLWRNORM);
}

void PipeEnd::wake_reader(Pipe& pipe) {
  if (pipe.reader != nullptr) pipe.reader->waiters.wake(EPOLLIN | EPOLLRDNORM);
}

long PipeEnd::read(Thread& thread, UserIo& io) {
  if (io.done()) return 0;
  while (pipe_->queue.empty()) {
    if (pipe_->writer == nullptr) return 0;
    if (nonblocking()) return -EAGAIN;
    long result = thread.wait(waiters);
    if (result != 0) return result;
  }
  long taken = pipe_->queue.pop(io, io.remaining());
  if (taken > 0) wake_writer(*pipe_);
  return taken;
}

long PipeEnd::write(Thread& thread, UserIo& io) {
  if (io.done()) return 0;
  // pipe(7): up to PIPE_BUF bytes go in together or not at all; more may be torn.
  u64 needed = io.remaining() <= Pipe::kAtomicBytes ? io.remaining() : 1;
  long written = 0;
  while (!io.done()) {
    if (pipe_->reader == nullptr) return written > 0 ? written : broken_pipe(thread);
    if (pipe_->room() >= needed) {
      long pushed = pipe_->queue.push(io, pipe_->room());
      if (pushed <= 0) return written > 0 ? written : pushed;
      written += pushed;
      wake_reader(*pipe_);
      continue;
    }
    if (nonblocking()) return written > 0 ? written : -EAGAIN;
    long result = thread.wait(waiters);
    if (result != 0) return written > 0 ? written : result;
  }
  return written;
}

long PipeEnd::ioctl(Thread&, u32 command, u64 argument) {
  if (command != FIONREAD) return -ENOTTY;
  return write_user(argument, static_cast<i32>(pipe_->queue.size())) ? 0 : -EFAULT;
}

long PipeEnd::stat(struct stat& result) {
  stat_anonymous(result, kModeFifo | 0600);
  result.st_ino = reinterpret_cast<u64>(pipe_.get()) >> 4;  // both ends are one inode
  return 0;
}

u32 PipeEnd::poll() {
  u32 events = 0;
  if (is_reader()) {
    if (!pipe_->queue.empty()) events |= EPOLLIN | EPOLLRDNORM;
    if (pipe_->writer == nullptr) events |= EPOLLHUP;
  } else {
    if (pipe_->room() >= Pipe::kAtomicBytes) events |= EPOLLOUT | EPOLLWRNORM;
    if (pipe_->reader == nullptr) events |= EPOLLERR;
  }
  return events;
}

long broken_pipe(Thread& thread) {
  SignalInfo info{};
  info.number = SIGPIPE;
  info.sender = {static_cast<i32>(thread.process.id), thread.process.credentials.real_user, 0};
  send_to_thread(thread, info);
  return -EPIPE;
}

namespace {

long make_pipe(Thread& thread, UserAddress result, u32 flags) {
  if ((flags & ~u32{O_CLOEXEC | O_NONBLOCK}) != 0) return -EINVAL;  // O_DIRECT's packets are not supported
  Kernel& kernel = thread.kernel;
  Ref<Pipe> pipe = kernel.heap.make<Pipe>(kernel);
  if (!pipe) return -ENOMEM;
  u32 status = flags & O_NONBLOCK;
  Ref<PipeEnd> reader = kernel.heap.make<PipeEnd>(kernel, O_RDONLY | status, pipe);
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
