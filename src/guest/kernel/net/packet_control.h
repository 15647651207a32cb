// Ancillary data about datagrams: times, addresses, TTL and TOS.
#pragma once

#include "guest/kernel/net/control_writer.h"

namespace mayfly::kernel {

/// A control message of the IP levels that is sent along. @return 0, -EINVAL or -EFAULT
long read_packet_control(const ControlHeader& control, UserAddress contents, Outgoing& message);

/// Tells what the options of `socket` ask for. @return false if the program's memory was not accessible
bool write_packet_control(const Socket& socket, ControlWriter& writer, Incoming& message);

}  // namespace mayfly::kernel
