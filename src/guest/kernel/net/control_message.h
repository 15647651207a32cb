// Ancillary data of sendmsg and recvmsg.
#pragma once

#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {

/// struct msghdr of the x86-64 ABI.
struct MessageHeader {
  UserAddress name;
  u32 name_size;
  u32 padding;
  UserAddress vector;
  u64 vector_count;
  UserAddress control;
  u64 control_size;
  u32 flags;
  u32 more_padding;
};
static_assert(sizeof(MessageHeader) == 56);

/// Collects what a message that is sent by `socket` carries besides bytes.
/// @return 0, -EBADF, -EINVAL, -ESRCH, -EFAULT, -ENOBUFS or -ENOMEM
long read_control(Thread& thread, const Socket& socket, const MessageHeader& header, Outgoing& message);

/// Writes what came with a message, and installs the files in it. Updates `header.control_size` and, if not all of it
/// fitted, `message.result_flags`. @return 0 or -EFAULT
long write_control(Thread& thread, const Socket& socket, MessageHeader& header, Incoming& message);

}  // namespace mayfly::kernel
