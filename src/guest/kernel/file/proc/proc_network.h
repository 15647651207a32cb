// /proc/self/net: there is the loopback interface, and no table of sockets is told.
#pragma once

#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {

inline constexpr char kTcpSockets[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
inline constexpr char kTcp6Sockets[] =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
    "tm->when "
    "retrnsmt   uid  timeout inode\n";
inline constexpr char kUdpSockets[] =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
    "drops\n";

inline constexpr ProcNode kNetworkFiles[] = {
    proc_constant(
        "dev",
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
        "carrier compressed\n"
        "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0"
        "       0          0\n"),
    proc_constant("if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
    proc_constant("route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"),
    proc_constant("arp", "IP address       HW type     Flags       HW address            Mask     Device\n"),
    proc_constant("tcp", kTcpSockets),
    proc_constant("tcp6", kTcp6Sockets),
    proc_constant("udp", kUdpSockets),
    proc_constant("unix", "Num       RefCount Protocol Flags    Type St Inode Path\n"),
    proc_constant("protocols", ""),
};

}  // namespace mayfly::kernel
