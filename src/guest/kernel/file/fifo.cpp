#include "guest/kernel/file/fifo.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

/// fifo(7): opening one end waits for somebody at the other. @return 0 or kRestart
long wait_for_partner(Thread& thread, Pipe& pipe, bool reads) {
  const u32& open = reads ? pipe.writers : pipe.readers;
  const u32& openings = reads ? pipe.writer_openings : pipe.reader_openings;
  u32 before = openings;
  while (open == 0 && openings == before) {
    if (long result = thread.wait(pipe.openers); result != 0) return result;
  }
  return 0;
}

}  // namespace

void FifoInode::destroy() {
  kernel().heap.destroy(this);
}

long FifoInode::stat(abi::FileStat& result) {
  attributes_.stat(0, 0, result);
  return 0;
}

long FifoInode::change(const AttributeChange& change) {
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
}

long FifoInode::open(u32 flags, Ref<File>& file) {
  if (!pipe_) pipe_ = kernel().heap.make<Pipe>(kernel());
  return pipe_ ? open_pipe(kernel(), pipe_, Ref<Inode>(this), flags, file) : -ENOMEM;
}

long open_pipe(Kernel& kernel, Ref<Pipe> pipe, Ref<Inode> inode, u32 flags, Ref<File>& file) {
  u32 access = flags & O_ACCMODE;
  bool nonblocking = (flags & O_NONBLOCK) != 0;
  if (access == O_WRONLY && nonblocking && pipe->readers == 0) return -ENXIO;
  file = Ref<File>(kernel.heap.make<PipeEnd>(kernel, flags & ~kOpenOnlyFlags, pipe, std::move(inode)));
  if (!file) return -ENOMEM;
  if (access == O_RDWR || nonblocking) return 0;
  return wait_for_partner(*kernel.scheduler.current(), *pipe, access == O_RDONLY);
}

}  // namespace mayfly::kernel
