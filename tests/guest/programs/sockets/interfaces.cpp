// What ioctl and getifaddrs tell of the loopback interface.
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "sockets/inet.h"

namespace {

ifreq named(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return request;
}

void controls() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  ifreq request = named("lo");
  CHECK(ioctl(fd, SIOCGIFINDEX, &request) == 0 && request.ifr_ifindex == 1);
  CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
        (request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK));
  CHECK(ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu == 65536);
  CHECK(ioctl(fd, SIOCGIFADDR, &request) == 0);
  sockaddr_in address{};
  std::memcpy(&address, &request.ifr_addr, sizeof address);
  CHECK(address.sin_family == AF_INET && address.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(ioctl(fd, SIOCGIFNETMASK, &request) == 0);
  std::memcpy(&address, &request.ifr_netmask, sizeof address);
  CHECK(address.sin_addr.s_addr == htonl(0xff000000));
  request = {};
  request.ifr_ifindex = 1;
  CHECK(ioctl(fd, SIOCGIFNAME, &request) == 0 && std::strcmp(request.ifr_name, "lo") == 0);
  request.ifr_ifindex = 4000;
  CHECK_FAILS(ioctl(fd, SIOCGIFNAME, &request), ENODEV);
  request = named("nowhere");
  CHECK_FAILS(ioctl(fd, SIOCGIFINDEX, &request), ENODEV);
  CHECK_FAILS(ioctl(fd, SIOCGIFINDEX, bad_address()), EFAULT);
  CHECK_FAILS(ioctl(fd, 0x1234, &request), ENOTTY);
  CHECK(close(fd) == 0);
  passed("ioctl");
}

void by_library() {
  CHECK(if_nametoindex("lo") == 1 && if_nametoindex("nowhere") == 0);
  char name[IFNAMSIZ];
  CHECK(if_indextoname(1, name) != nullptr && std::strcmp(name, "lo") == 0);
  CHECK(if_indextoname(4000, name) == nullptr);
  struct if_nameindex* all = if_nameindex();
  CHECK(all != nullptr && all[0].if_index == 1 && std::strcmp(all[0].if_name, "lo") == 0);
  if_freenameindex(all);
  ifaddrs* list = nullptr;
  CHECK(getifaddrs(&list) == 0);
  bool four = false;
  for (ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (std::strcmp(each->ifa_name, "lo") != 0 || each->ifa_addr == nullptr) continue;
    if (each->ifa_addr->sa_family == AF_INET) four = true;
  }
  freeifaddrs(list);
  CHECK(four);
  passed("library calls");
}

}  // namespace

int main() {
  controls();
  by_library();
}
