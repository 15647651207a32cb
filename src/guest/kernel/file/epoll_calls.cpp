#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/epoll.h"
#include "guest/kernel/file/poll_time.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kExclusiveAllows = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

long create(Thread& thread, bool close_on_exec) {
  Ref<File> epoll = thread.kernel.heap.make<Epoll>(thread.kernel);
  if (!epoll) return -ENOMEM;
  return thread.process.files.add(std::move(epoll), close_on_exec);
}

long control(Thread& thread, int epoll_fd, int operation, int fd, UserAddress event_address) {
  epoll_event event{};
  if (operation != EPOLL_CTL_DEL && !read_user(event_address, event)) return -EFAULT;
  FdTable& files = thread.process.files;
  Ref<File> outer = files.get(epoll_fd);
  Ref<File> file = files.get(fd);
  if (!outer || !file) return -EBADF;
  if (!file->pollable()) return -EPERM;
  Epoll* epoll = Epoll::from(*outer);
  if (epoll == nullptr || outer == file) return -EINVAL;
  bool exclusive = (event.events & EPOLLEXCLUSIVE) != 0;
  switch (operation) {
    case EPOLL_CTL_ADD:
      if (exclusive && (event.events & ~kExclusiveAllows) != 0) return -EINVAL;
      return epoll->add(*file, fd, event);
    case EPOLL_CTL_MOD:
      return exclusive ? -EINVAL : epoll->modify(*file, fd, event);
    case EPOLL_CTL_DEL:
      return epoll->remove(*file, fd);
    default:
      return -EINVAL;
  }
}

long wait(Thread& thread, const SyscallArgs& args, u64 deadline_ns) {
  auto capacity = static_cast<i32>(args[2]);
  if (capacity <= 0 || static_cast<u64>(capacity) > 0x7fff'ffff / sizeof(epoll_event)) return -EINVAL;
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  Epoll* epoll = Epoll::from(*file);
  if (epoll == nullptr) return -EINVAL;
  return epoll->wait(thread, args[1], static_cast<u32>(capacity), deadline_ns);
}

}  // namespace

MAYFLY_SYSCALL(epoll_create) {
  return static_cast<i32>(args[0]) <= 0 ? -EINVAL : create(thread, false);
}

MAYFLY_SYSCALL(epoll_create1) {
  if ((args[0] & ~u64{EPOLL_CLOEXEC}) != 0) return -EINVAL;
  return create(thread, (args[0] & EPOLL_CLOEXEC) != 0);
}

MAYFLY_SYSCALL(epoll_ctl) {
  return control(thread, args.fd(0), static_cast<int>(args[1]), args.fd(2), args[3]);
}

MAYFLY_SYSCALL(epoll_wait) {
  return wait(thread, args, deadline_after_ms(static_cast<i32>(args[3])));
}

MAYFLY_SYSCALL(epoll_pwait) {
  TemporaryMask mask(thread);
  if (long error = mask.install(args[4], args[5])) return error;
  return mask.finish(wait(thread, args, deadline_after_ms(static_cast<i32>(args[3]))));
}

MAYFLY_SYSCALL(epoll_pwait2) {
  u64 deadline_ns = kNever;
  if (long error = read_deadline(args[3], deadline_ns)) return error;
  TemporaryMask mask(thread);
  if (long error = mask.install(args[4], args[5])) return error;
  return mask.finish(wait(thread, args, deadline_ns));
}

}  // namespace mayfly::kernel
