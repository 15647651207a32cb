// Random bytes: enough of them, none twice, from the system call and from the device.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <random>
#include <set>
#include <string>

#include "check.h"

namespace {

void distinct(std::set<std::string>& seen, const char* bytes, size_t size) {
  CHECK(seen.insert(std::string(bytes, size)).second);
}

}  // namespace

int main() {
  std::set<std::string> seen;
  char bytes[32];
  for (int i = 0; i < 1000; ++i) {
    CHECK(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    distinct(seen, bytes, sizeof bytes);
  }
  std::string large(100'000, 0);
  CHECK(getrandom(large.data(), large.size(), GRND_NONBLOCK) == static_cast<ssize_t>(large.size()));
  long ones = 0;
  for (char byte : large) ones += __builtin_popcount(static_cast<unsigned char>(byte));
  CHECK(ones > 395'000 && ones < 405'000);
  CHECK(getrandom(bytes, 1, 0x100) == -1 && errno == EINVAL);
  int fd = open("/dev/urandom", O_RDONLY);
  CHECK(fd >= 0 && read(fd, bytes, sizeof bytes) == sizeof bytes && close(fd) == 0);
  distinct(seen, bytes, sizeof bytes);
  std::random_device device;
  CHECK(device() != device() || device() != device());
  passed("random bytes");
}
