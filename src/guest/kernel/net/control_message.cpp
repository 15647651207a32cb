#include "guest/kernel/net/control_message.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

struct ControlHeader {  // struct cmsghdr
  u64 size;             // with this header
  u32 level;
  u32 type;
};

constexpr u64 kMaxControl = 20'480;  // net.core.optmem_max

u64 aligned(u64 size_bytes) {
  return (size_bytes + 7) & ~u64{7};
}

long collect_files(Thread& thread, UserAddress numbers, u64 count, Outgoing& message) {
  if (message.rights || count > Rights::kMaxFiles) return -EINVAL;
  message.rights = thread.kernel.heap.make<Rights>(thread.kernel.heap);
  if (!message.rights) return -ENOMEM;
  for (u64 i = 0; i < count; ++i) {
    i32 fd = -1;
    if (!read_user(numbers + i * sizeof fd, fd)) return -EFAULT;
    Ref<File> file = thread.process.files.get(fd);
    if (!file) return -EBADF;
    message.rights->add(std::move(file));
  }
  return 0;
}

/// The control buffer of a receiver as it fills up.
class ControlWriter {
 public:
  explicit ControlWriter(MessageHeader& header) : next_(header.control), room_(header.control_size) {}
  /// Bytes that the contents of another message could have.
  [[nodiscard]] u64 room_for_contents() const {
    return room_ < sizeof(ControlHeader) ? 0 : room_ - sizeof(ControlHeader);
  }
  [[nodiscard]] UserAddress contents() const { return next_ + sizeof(ControlHeader); }
  [[nodiscard]] bool add(u32 type, u64 contents_bytes) {
    ControlHeader header{sizeof(ControlHeader) + contents_bytes, kLevelSocket, type};
    if (!write_user(next_, header)) return false;
    u64 step = aligned(header.size) < room_ ? aligned(header.size) : room_;
    next_ += step;
    room_ -= step;
    return true;
  }
  [[nodiscard]] u64 room() const { return room_; }

 private:
  UserAddress next_;
  u64 room_;
};

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
  return written == 0 || writer.add(kControlRights, written * sizeof(i32)) ? 0 : -EFAULT;
}

}  // namespace

long read_control(Thread& thread, const MessageHeader& header, Outgoing& message) {
  if (header.control_size > kMaxControl) return -ENOBUFS;
  u64 at = 0;
  while (header.control_size - at >= sizeof(ControlHeader)) {
    ControlHeader control{};
    if (!read_user(header.control + at, control)) return -EFAULT;
    if (control.size < sizeof control || control.size > header.control_size - at) return -EINVAL;
    if (control.level == kLevelSocket && control.type == kControlRights) {
      u64 count = (control.size - sizeof control) / sizeof(i32);
      long error = collect_files(thread, header.control + at + sizeof control, count, message);
      if (error != 0) return error;
    }
    // Credentials could only name this process; packet information only this machine.
    at += aligned(control.size) < header.control_size - at ? aligned(control.size) : header.control_size - at;
  }
  return 0;
}

long write_control(Thread& thread, const Socket& socket, MessageHeader& header, Incoming& message) {
  ControlWriter writer(header);
  if (socket.family() == kFamilyUnix && socket.options.on(SocketOptions::pass_credentials)) {
    u32 credentials[3] = {thread.process.id, thread.process.user, thread.process.group};
    if (writer.room_for_contents() < sizeof credentials) {
      message.result_flags |= kMessageControlTruncated;
    } else if (!write_user(writer.contents(), credentials) || !writer.add(kControlCredentials, sizeof credentials)) {
      return -EFAULT;
    }
  }
  if (message.rights) {
    if (long error = write_files(thread, writer, message)) return error;
  }
  header.control_size -= writer.room();
  return 0;
}

}  // namespace mayfly::kernel
