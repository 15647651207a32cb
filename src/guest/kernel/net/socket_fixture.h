// Fixture for tests of sockets: addresses and calls by their names.
#pragma once

#include "guest/kernel/file/io_fixture.h"
#include "guest/kernel/net/address.h"

namespace mayfly::kernel {

class SocketTest : public IoTest {
 protected:
  static constexpr int kNonblock = O_NONBLOCK;
  static constexpr int kReuseAddress = 2;  // SO_REUSEADDR
  static constexpr int kReusePort = 15;    // SO_REUSEPORT
  static constexpr int kError = 4;         // SO_ERROR

  SocketTest() {
    // A host without files: what there is in the tree is the overlay's.
    host.on_call = [this](abi::Call call, const u64(&args)[6]) -> long {
      if (call == abi::Call::report) host.reports.emplace_back(reinterpret_cast<char*>(shared().io), args[1]);
      return call == abi::Call::path_stat || call == abi::Call::file_open ? -ENOENT : 0;
    };
    std::strcpy(kernel.process.start_directory, "/run");
  }

  /// The host's answer to every connection that the program is opening to the outside.
  void refuse_outbound(int errno_value = ECONNREFUSED) {
    for (abi::Outbound& slot : shared().outbound) {
      if (slot.state != abi::kOutboundOpening) continue;
      slot.error = static_cast<u32>(errno_value);
      slot.state = abi::kOutboundFailed;
    }
  }

  i32 socket(int family, int type, int protocol = 0) {
    long fd = call(__NR_socket, family, type, protocol);
    EXPECT_GE(fd, 0);
    return static_cast<i32>(fd);
  }
  std::array<i32, 2> socket_pair(int type) {
    std::array<i32, 2> fds{-1, -1};
    EXPECT_EQ(call(__NR_socketpair, kFamilyUnix, type, 0, fds.data()), 0);
    return fds;
  }
  long close(i32 fd) { return call(__NR_close, fd); }

  /// 127.0.0.1 or another address in 127/8, by its last byte.
  static Address v4(u16 port, u8 last = 1) {
    InetAddress address = InetAddress::loopback(true, port);
    address.bytes[15] = last;
    return encoded(address, kFamilyInet);
  }
  static Address v4_any(u16 port) { return encoded(InetAddress::any(kFamilyInet, port), kFamilyInet); }
  static Address v6_any(u16 port) { return encoded(InetAddress::any(kFamilyInet6, port), kFamilyInet6); }
  static Address v6(u16 port) { return encoded(InetAddress::loopback(false, port), kFamilyInet6); }
  /// An abstract name if `name` starts with NUL.
  static Address unix_name(const std::string& name) {
    Address address;
    u16 family = kFamilyUnix;
    std::memcpy(address.bytes, &family, sizeof family);
    std::memcpy(address.bytes + sizeof family, name.data(), name.size());
    address.size = static_cast<u32>(sizeof family + name.size());
    return address;
  }

  long bind(i32 fd, const Address& address) { return call(__NR_bind, fd, address.bytes, address.size); }
  long connect(i32 fd, const Address& address) { return connect_as(thread, fd, address); }
  long connect_as(Thread& caller, i32 fd, const Address& address) {
    return call_as(caller, __NR_connect, fd, address.bytes, address.size);
  }
  long listen(i32 fd, int backlog = 16) { return call(__NR_listen, fd, backlog); }
  i32 accept(i32 fd, int flags = 0) { return static_cast<i32>(call(__NR_accept4, fd, nullptr, nullptr, flags)); }
  /// A socket that listens at `address`.
  i32 listener(int family, const Address& address, int backlog = 16, int type_flags = 0) {
    i32 fd = socket(family, kStream | type_flags);
    EXPECT_EQ(bind(fd, address), 0);
    EXPECT_EQ(listen(fd, backlog), 0);
    return fd;
  }

  long send(i32 fd, const std::string& bytes, u32 flags = 0) {
    return call(__NR_sendto, fd, bytes.data(), bytes.size(), flags, nullptr, 0);
  }
  long send_to(i32 fd, const std::string& bytes, const Address& to) {
    return call(__NR_sendto, fd, bytes.data(), bytes.size(), 0, to.bytes, to.size);
  }
  std::string receive(i32 fd, u64 size = 256, u32 flags = 0) { return receive_as(thread, fd, size, flags); }
  std::string receive_as(Thread& caller, i32 fd, u64 size = 256, u32 flags = 0) {
    std::string bytes(size, '?');
    long got = call_as(caller, __NR_recvfrom, fd, bytes.data(), size, flags, nullptr, nullptr);
    return result(got, std::move(bytes));
  }
  long set_option(i32 fd, int level, int name, i32 value) {
    return call(__NR_setsockopt, fd, level, name, &value, sizeof value);
  }
  i32 option(i32 fd, int level, int name) {
    i32 value = -1;
    u32 size = sizeof value;
    EXPECT_EQ(call(__NR_getsockopt, fd, level, name, &value, &size), 0);
    return value;
  }

  /// "a.b.c.d:port" or "[hex]:port"; of a unix socket its name, NUL as '@'.
  std::string local_name(i32 fd) { return name(__NR_getsockname, fd); }
  std::string peer_name(i32 fd) { return name(__NR_getpeername, fd); }
  static std::string text(const Address& address) {
    if (address.family() == kFamilyUnix) {
      std::string name(reinterpret_cast<const char*>(address.bytes) + 2, address.size - 2);
      if (!name.empty() && name[0] == '\0') name[0] = '@';
      return name.c_str();
    }
    InetAddress inet;
    if (inet.decode(address, address.family()) != 0) return "?";
    std::string port = ":" + std::to_string(inet.port);
    if (address.family() == kFamilyInet) {
      std::string out;
      for (int i = 12; i < 16; ++i) out += (i > 12 ? "." : "") + std::to_string(inet.bytes[i]);
      return out + port;
    }
    std::string out = "[";
    for (u8 byte : inet.bytes) out += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    return out + "]" + port;
  }

 private:
  static Address encoded(const InetAddress& inet, u16 family) {
    Address address;
    inet.encode(address, family);
    return address;
  }
  std::string name(u64 number, i32 fd) {
    Address address;
    address.size = Address::kMaxBytes;
    long got = call(number, fd, address.bytes, &address.size);
    return got < 0 ? error(static_cast<int>(-got)) : text(address);
  }
};

}  // namespace mayfly::kernel
