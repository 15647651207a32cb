// Sending and receiving with addresses, flags and ancillary data.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/poll_time.h"
#include "guest/kernel/net/control_message.h"
#include "guest/kernel/net/find_socket.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxTransfer = 0x7fff'f000;
constexpr u32 kMaxVector = 1024;  // UIO_MAXIOV, also of sendmmsg

struct NumberedHeader {  // struct mmsghdr
  MessageHeader header;
  u32 size;
  u32 padding;
};

UserIo single(const SyscallArgs& args) {
  return {args[1], args[2] < kMaxTransfer ? args[2] : kMaxTransfer};
}

long send_message(Thread& thread, Socket& socket, const MessageHeader& header, u32 flags) {
  Address destination;
  Outgoing message;
  message.flags = flags;
  if (header.name != 0 && header.name_size != 0) {
    u32 size = header.name_size < Address::kMaxBytes ? header.name_size : Address::kMaxBytes;
    if (long error = destination.read(header.name, size)) return error;
    message.destination = &destination;
  }
  if (header.vector_count > kMaxVector) return -EMSGSIZE;
  UserIo io = UserIo::from_iovec(header.vector, header.vector_count);
  if (io.error() != 0) return io.error();
  if (header.control != 0) {
    if (long error = read_control(thread, socket, header, message)) return error;
  }
  return socket.send(thread, io, message);
}

/// Updates the lengths and flags of `header`.
long receive_message(Thread& thread, Socket& socket, MessageHeader& header, u32 flags) {
  Address source;
  Incoming message;
  message.flags = flags;
  if (header.name != 0) message.source = &source;
  if (header.vector_count > kMaxVector) return -EMSGSIZE;
  UserIo io = UserIo::from_iovec(header.vector, header.vector_count);
  if (io.error() != 0) return io.error();
  long result = socket.receive(thread, io, message);
  if (result < 0) return result;
  if (header.name != 0) {
    u32 copied = source.size < header.name_size ? source.size : header.name_size;
    if (!copy_to_user(header.name, source.bytes, copied)) return -EFAULT;
    header.name_size = source.size;
  }
  if (header.control == 0) header.control_size = 0;
  if (long error = write_control(thread, socket, header, message)) return error;
  header.flags = message.result_flags | (flags & kMessageCloseOnExec);
  return result;
}

}  // namespace

MAYFLY_SYSCALL(sendto) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  Outgoing message;
  message.flags = static_cast<u32>(args[3]);
  UserIo io = single(args);
  if (args[4] == 0) return socket->send(thread, io, message);
  Address destination;
  if (long error = destination.read(args[4], static_cast<u32>(args[5]))) return error;
  message.destination = &destination;
  return socket->send(thread, io, message);
}

MAYFLY_SYSCALL(recvfrom) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  Incoming message;
  message.flags = static_cast<u32>(args[3]);
  UserIo io = single(args);
  if (args[4] == 0) return socket->receive(thread, io, message);
  Address source;
  message.source = &source;
  long result = socket->receive(thread, io, message);
  if (result < 0) return result;
  long error = source.write(args[4], args[5]);
  return error != 0 ? error : result;
}

MAYFLY_SYSCALL(sendmsg) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  MessageHeader header{};
  if (!read_user(args[1], header)) return -EFAULT;
  return send_message(thread, *socket, header, static_cast<u32>(args[2]));
}

MAYFLY_SYSCALL(recvmsg) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  MessageHeader header{};
  if (!read_user(args[1], header)) return -EFAULT;
  long result = receive_message(thread, *socket, header, static_cast<u32>(args[2]));
  if (result >= 0 && !write_user(args[1], header)) return -EFAULT;
  return result;
}

MAYFLY_SYSCALL(sendmmsg) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  u64 count = (args[2] & 0xffff'ffff) < kMaxVector ? args[2] & 0xffff'ffff : kMaxVector;
  for (u64 i = 0; i < count; ++i) {
    UserAddress at = args[1] + i * sizeof(NumberedHeader);
    NumberedHeader message{};
    long result = -EFAULT;
    if (read_user(at, message)) result = send_message(thread, *socket, message.header, static_cast<u32>(args[3]));
    if (result >= 0 && !write_user(at + offsetof(NumberedHeader, size), static_cast<u32>(result))) result = -EFAULT;
    if (result < 0) return i > 0 ? static_cast<long>(i) : result;
  }
  return static_cast<long>(count);
}

MAYFLY_SYSCALL(recvmmsg) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  u64 deadline_ns = kNever;
  if (long error = read_deadline(args[4], deadline_ns)) return error;
  u64 count = (args[2] & 0xffff'ffff) < kMaxVector ? args[2] & 0xffff'ffff : kMaxVector;
  auto flags = static_cast<u32>(args[3]);
  for (u64 i = 0; i < count; ++i) {
    UserAddress at = args[1] + i * sizeof(NumberedHeader);
    NumberedHeader message{};
    long result = -EFAULT;
    if (read_user(at, message)) result = receive_message(thread, *socket, message.header, flags);
    message.size = static_cast<u32>(result);
    if (result >= 0 && !write_user(at, message)) result = -EFAULT;
    if (result < 0) return i > 0 ? static_cast<long>(i) : result;
    if ((flags & kMessageWaitForOne) != 0) flags |= kMessageDontWait;
    // As recvmmsg(2) says under BUGS, the timeout is looked at only after each message.
    if (deadline_ns != kNever && monotonic_ns() >= deadline_ns) return static_cast<long>(i + 1);
  }
  return static_cast<long>(count);
}

}  // namespace mayfly::kernel
