// What recvmsg tells of datagrams: times, addresses, TTL and TOS; sendmmsg and recvmmsg.
#include <sys/time.h>
#include <ctime>

#include <initializer_list>

#include "sockets/inet.h"

namespace {

struct Received {
  char bytes[64] = {};
  alignas(cmsghdr) char control[512] = {};
  iovec part{bytes, sizeof bytes};
  sockaddr_storage source{};
  msghdr header{};
  explicit Received(int fd) {
    header.msg_name = &source;
    header.msg_namelen = sizeof source;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    CHECK(recvmsg(fd, &header, 0) >= 0);
  }
  template <typename T>
  bool find(int level, int type, T& value) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
      if (each->cmsg_level != level || each->cmsg_type != type) continue;
      CHECK(each->cmsg_len == CMSG_LEN(sizeof value));
      std::memcpy(&value, CMSG_DATA(each), sizeof value);
      return true;
    }
    return false;
  }
};

void times() {
  int receiver = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(bind_to(receiver, v4(0)) == 0 && set_option(receiver, SOL_SOCKET, SO_TIMESTAMP, 1) == 0);
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(connect_to(sender, name_of(receiver)) == 0 && send(sender, "x", 1, 0) == 1);
  timeval when{};
  timeval now{};
  CHECK(Received(receiver).find(SOL_SOCKET, SCM_TIMESTAMP, when));
  CHECK(gettimeofday(&now, nullptr) == 0 && now.tv_sec - when.tv_sec >= 0 && now.tv_sec - when.tv_sec < 5);
  CHECK(set_option(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 1) == 0 && send(sender, "x", 1, 0) == 1);
  CHECK(option(receiver, SOL_SOCKET, SO_TIMESTAMPNS) == 1);
  timespec exact{};
  CHECK(Received(receiver).find(SOL_SOCKET, SCM_TIMESTAMPNS, exact) && now.tv_sec - exact.tv_sec < 5);
  CHECK(set_option(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 0) == 0 && send(sender, "x", 1, 0) == 1);
  CHECK(Received(receiver).header.msg_controllen == 0);
  CHECK(close(receiver) == 0 && close(sender) == 0);
  passed("times");
}

void ip() {
  int receiver = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(bind_to(receiver, v4(0, INADDR_ANY)) == 0);
  for (int name : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) CHECK(set_option(receiver, IPPROTO_IP, name, 1) == 0);
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(set_option(sender, IPPROTO_IP, IP_TTL, 17) == 0 && set_option(sender, IPPROTO_IP, IP_TOS, 0x20) == 0);
  CHECK(connect_to(sender, v4(ntohs(name_of(receiver).sin_port))) == 0 && send(sender, "x", 1, 0) == 1);
  Received got(receiver);
  in_pktinfo info{};
  int ttl = 0;
  unsigned char tos = 0;
  CHECK(got.find(IPPROTO_IP, IP_PKTINFO, info) && info.ipi_addr.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(info.ipi_ifindex == 1 && info.ipi_spec_dst.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(got.find(IPPROTO_IP, IP_TTL, ttl) && ttl == 17 && got.find(IPPROTO_IP, IP_TOS, tos) && tos == 0x20);
  CHECK(close(receiver) == 0 && close(sender) == 0);
  passed("IPv4");
}

void ipv6() {
  int receiver = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(bind_to(receiver, v6(0)) == 0);
  for (int name : {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS}) {
    CHECK(set_option(receiver, IPPROTO_IPV6, name, 1) == 0 && option(receiver, IPPROTO_IPV6, name) == 1);
  }
  int sender = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(set_option(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 5) == 0);
  CHECK(connect_to(sender, name_of<sockaddr_in6>(receiver)) == 0 && send(sender, "x", 1, 0) == 1);
  Received got(receiver);
  in6_pktinfo info{};
  int hops = 0;
  int traffic = -1;
  CHECK(got.find(IPPROTO_IPV6, IPV6_PKTINFO, info) && IN6_IS_ADDR_LOOPBACK(&info.ipi6_addr) && info.ipi6_ifindex == 1);
  CHECK(got.find(IPPROTO_IPV6, IPV6_HOPLIMIT, hops) && hops == 5);
  CHECK(got.find(IPPROTO_IPV6, IPV6_TCLASS, traffic) && traffic == 0);
  // For one message only.
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  char byte = 'y';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* first = CMSG_FIRSTHDR(&message);
  *first = {CMSG_LEN(sizeof(int)), IPPROTO_IPV6, IPV6_HOPLIMIT};
  int wanted = 77;
  std::memcpy(CMSG_DATA(first), &wanted, sizeof wanted);
  CHECK(sendmsg(sender, &message, 0) == 1);
  CHECK(Received(receiver).find(IPPROTO_IPV6, IPV6_HOPLIMIT, hops) && hops == 77);
  wanted = 256;
  std::memcpy(CMSG_DATA(first), &wanted, sizeof wanted);
  CHECK_FAILS(sendmsg(sender, &message, 0), EINVAL);
  CHECK(close(receiver) == 0 && close(sender) == 0);
  passed("IPv6");
}

void several() {
  int receiver = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(bind_to(receiver, v4(0)) == 0);
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(connect_to(sender, name_of(receiver)) == 0);
  char bytes[3][8] = {"a", "bb", "ccc"};
  iovec parts[3];
  mmsghdr messages[3] = {};
  for (size_t i = 0; i < 3; ++i) {
    parts[i] = {bytes[i], i + 1};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  CHECK(sendmmsg(sender, messages, 3, 0) == 3 && messages[2].msg_len == 3 && messages[0].msg_len == 1);
  for (iovec& part : parts) part.iov_len = 8;
  CHECK(recvmmsg(receiver, messages, 2, 0, nullptr) == 2 && messages[1].msg_len == 2);
  CHECK(recvmmsg(receiver, messages, 3, MSG_WAITFORONE, nullptr) == 1 && messages[0].msg_len == 3);
  CHECK_FAILS(recvmmsg(receiver, messages, 3, MSG_DONTWAIT, nullptr), EAGAIN);
  CHECK(sendmmsg(sender, messages, 0, 0) == 0);
  CHECK_FAILS(sendmmsg(999, messages, 1, 0), EBADF);
  CHECK_FAILS(sendmmsg(sender, bad_address<mmsghdr>(), 1, 0), EFAULT);
  timespec wrong{0, 1'000'000'000};
  CHECK_FAILS(recvmmsg(receiver, messages, 1, 0, &wrong), EINVAL);
  messages[1].msg_hdr.msg_iov = bad_address<iovec>();
  CHECK(sendmmsg(sender, messages, 3, 0) == 1);  // the first went out
  CHECK(close(receiver) == 0 && close(sender) == 0);
  passed("several at once");
}

}  // namespace

int main() {
  times();
  ip();
  ipv6();
  several();
}
