#include "guest/kernel/net/socket.h"

#include <asm/ioctls.h>
#include <linux/sockios.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/net/interface_ioctl.h"

namespace mayfly::kernel {

Socket::Socket(Kernel& owner, u32 flags, u16 family, u16 type, u16 protocol)
    : File(owner, O_RDWR | flags), options(owner.heap), family_(family), type_(type), protocol_(protocol) {}

long Socket::listen(i32) {
  return -EOPNOTSUPP;
}
long Socket::accept(Thread&, u32, Ref<Socket>&) {
  return -EOPNOTSUPP;
}

long Socket::set_special_option(u32, u32, UserAddress, u32) {
  return -ENOPROTOOPT;
}
long Socket::get_special_option(u32, u32, UserAddress, UserAddress) {
  return -ENOPROTOOPT;
}

long Socket::read(Thread& thread, UserIo& io) {
  Incoming message;
  return receive(thread, io, message);
}

long Socket::write(Thread& thread, UserIo& io) {
  Outgoing message;
  return send(thread, io, message);
}

long Socket::ioctl(Thread&, u32 command, u64 argument) {
  i32 result = 0;
  switch (command) {
    case FIONREAD:
      if (listening()) return -EINVAL;
      result = static_cast<i32>(pending_bytes());
      break;
    case SIOCOUTQ:    // what was sent has arrived
    case SIOCATMARK:  // there is no urgent data
      break;
    default:
      return interface_ioctl(command, argument);
  }
  return write_user(argument, result) ? 0 : -EFAULT;
}

long Socket::stat(struct stat& result) {
  stat_anonymous(result, kModeSocket | 0777);
  return 0;
}

i32 Socket::take_error() {
  return std::exchange(error_, 0);
}

long Socket::wait_for_change(Thread& thread, u32 message_flags, u64 deadline_ns) {
  if (nonblocking() || (message_flags & kMessageDontWait) != 0) return -EAGAIN;
  long result = thread.wait(waiters, deadline_ns);
  if (result == -ETIMEDOUT) return -EAGAIN;
  // socket(7): with a timeout set, an interrupted call is not restarted.
  return result == kRestart && deadline_ns != kNever ? -EINTR : result;
}

}  // namespace mayfly::kernel
