// Ancillary data: files and credentials. What belongs to IP is in packet_control.cpp.
#include "guest/kernel/net/control_message.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/control_writer.h"
#include "guest/kernel/net/packet_control.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxControl = 20'480;  // net.core.optmem_max

struct ClaimedIdentity {  // struct ucred
  u32 process, user, group;
};

/// Files of several control messages travel together.
long collect_files(Thread& thread, UserAddress numbers, u64 count, Outgoing& message) {
  if (!message.rights) message.rights = thread.kernel.heap.make<Rights>(thread.kernel.heap);
  if (!message.rights) return -ENOMEM;
  if (count > Rights::kMaxFiles - message.rights->count()) return -EINVAL;
  for (u64 i = 0; i < count; ++i) {
    i32 fd = -1;
    if (!read_user(numbers + i * sizeof fd, fd)) return -EFAULT;
    Ref<File> file = thread.process.files.get(fd);
    if (!file) return -EBADF;
    message.rights->add(std::move(file));
  }
  return 0;
}

/// The process can only speak for itself.
long check_credentials(const Process& process, UserAddress contents, u64 size_bytes) {
  ClaimedIdentity claimed{};
  if (size_bytes != sizeof claimed) return -EINVAL;
  if (!read_user(contents, claimed)) return -EFAULT;
  return claimed.process == process.id ? 0 : -ESRCH;
}

long read_socket_control(Thread& thread, const Socket& socket, const ControlHeader& control, UserAddress contents,
                         Outgoing& message) {
  u64 size_bytes = control.size - sizeof control;
  bool local = socket.family() == kFamilyUnix;
  switch (control.type) {
    case kControlRights:
      return local ? collect_files(thread, contents, size_bytes / sizeof(i32), message) : 0;
    case kControlCredentials:
      return local ? check_credentials(thread.process, contents, size_bytes) : 0;
    default:
      return -EINVAL;
  }
}

/// Installs as many files as there is room for numbers and free descriptors.
long write_files(Thread& thread, ControlWriter& writer, Incoming& message) {
  FdTable& files = thread.process.files;
  u64 fitting = writer.room_for_contents() / sizeof(i32);
  u32 written = 0;
  bool close_on_exec = (message.flags & kMessageCloseOnExec) != 0;
  for (; written < message.rights->count() && written < fitting; ++written) {
    long fd = files.add(message.rights->file(written), close_on_exec);
    if (fd < 0) break;
    if (!write_user(writer.contents() + written * sizeof(i32), static_cast<i32>(fd))) {
      files.close(static_cast<int>(fd));
      return -EFAULT;
    }
  }
  if (written < message.rights->count()) message.result_flags |= kMessageControlTruncated;
  return written == 0 || writer.finish(kLevelSocket, kControlRights, written * sizeof(i32)) ? 0 : -EFAULT;
}

}  // namespace

long read_control(Thread& thread, const Socket& socket, const MessageHeader& header, Outgoing& message) {
  if (header.control_size > kMaxControl) return -ENOBUFS;
  u64 at = 0;
  while (header.control_size - at >= sizeof(ControlHeader)) {
    ControlHeader control{};
    if (!read_user(header.control + at, control)) return -EFAULT;
    if (control.size < sizeof control || control.size > header.control_size - at) return -EINVAL;
    UserAddress contents = header.control + at + sizeof control;
    long error = 0;
    if (control.level == kLevelSocket) {
      error = read_socket_control(thread, socket, control, contents, message);
    } else if (socket.family() != kFamilyUnix) {
      error = read_packet_control(control, contents, message);
    }
    if (error != 0) return error;
    u64 step = aligned_control(control.size);
    at += step < header.control_size - at ? step : header.control_size - at;
  }
  return 0;
}

long write_control(Thread& thread, const Socket& socket, MessageHeader& header, Incoming& message) {
  ControlWriter writer(header);
  if (!write_packet_control(socket, writer, message)) return -EFAULT;
  if (socket.family() == kFamilyUnix && socket.options.on(SocketOptions::pass_credentials)) {
    ClaimedIdentity own{thread.process.id, thread.process.user, thread.process.group};
    if (!writer.add(kLevelSocket, kControlCredentials, own, message.result_flags)) return -EFAULT;
  }
  if (message.rights) {
    if (long error = write_files(thread, writer, message)) return error;
  }
  header.control_size -= writer.room();
  return 0;
}

}  // namespace mayfly::kernel
