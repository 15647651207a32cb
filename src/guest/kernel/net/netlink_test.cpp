// What getifaddrs asks for, and what it gets.
#include "guest/kernel/net/netlink_message.h"
#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr u16 kNewLink = 16;
constexpr u16 kGetLink = 18;
constexpr u16 kNewAddress = 20;
constexpr u16 kGetAddress = 22;
constexpr u16 kGetRoute = 26;
constexpr u16 kErrorType = 2;
constexpr u16 kDone = 3;
constexpr u32 kSequence = 4711;

class NetlinkTest : public SocketTest {
 protected:
  /// Types of the answers to a request; their sizes and numbers are checked on the way.
  std::vector<u16> ask(u16 type) {
    struct {
      NetlinkHeader header;
      u32 family;
    } request{{sizeof request, type, 0x301, kSequence, 0}, 0};
    EXPECT_EQ(call(__NR_sendto, fd, &request, sizeof request, 0, nullptr, 0), static_cast<long>(sizeof request));
    std::vector<u16> types;
    while (types.empty() || (types.back() != kDone && types.back() != kErrorType)) {
      last = receive(fd, 4096, kMessageDontWait);
      NetlinkHeader header{};
      if (last.size() < sizeof header) return types;
      std::memcpy(&header, last.data(), sizeof header);
      EXPECT_EQ(header.size, last.size());
      EXPECT_EQ(header.sequence, kSequence);
      EXPECT_EQ(header.port, kernel.process.id);
      types.push_back(header.type);
    }
    return types;
  }

  i32 fd = socket(kFamilyNetlink, kRaw);
  std::string last;
};

TEST_F(NetlinkTest, ListsInterfacesAndAddresses) {
  EXPECT_EQ(ask(kGetLink), (std::vector<u16>{kNewLink, kNewLink, kDone}));
  EXPECT_EQ(ask(kGetAddress), (std::vector<u16>{kNewAddress, kNewAddress, kNewAddress, kDone}));
}

TEST_F(NetlinkTest, RefusesTheRest) {
  EXPECT_EQ(ask(kGetRoute), (std::vector<u16>{kErrorType}));
  i32 error = 0;
  std::memcpy(&error, last.data() + sizeof(NetlinkHeader), sizeof error);
  EXPECT_EQ(error, -EOPNOTSUPP);
  EXPECT_EQ(call(__NR_socket, kFamilyNetlink, kRaw, 15 /* NETLINK_KOBJECT_UEVENT */), -EPROTONOSUPPORT);
}

TEST_F(NetlinkTest, TheOtherInterfaceIsLocalToo) {
  Address address = v4(8000, 2);
  const u8 bytes[] = {192, 0, 2};
  std::memcpy(address.bytes + 4, bytes, sizeof bytes);
  listener(kFamilyInet, v4_any(8000));
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), address), 0);
  EXPECT_EQ(bind(socket(kFamilyInet, kDatagram), address), 0);
}

}  // namespace
}  // namespace mayfly::kernel
