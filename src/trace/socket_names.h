// Socket families, by themselves and in addresses.
#pragma once

#include <sys/socket.h>

#include "trace/printer.h"

namespace mayfly::trace {

inline constexpr Name kSocketFamilies[] = {
    MAYFLY_NAME(AF_UNSPEC),  MAYFLY_NAME(AF_UNIX),   MAYFLY_NAME(AF_INET),  MAYFLY_NAME(AF_INET6),
    MAYFLY_NAME(AF_NETLINK), MAYFLY_NAME(AF_PACKET), MAYFLY_NAME(AF_VSOCK), MAYFLY_NAME(AF_ALG),
};

}  // namespace mayfly::trace
