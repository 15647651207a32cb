// Pipes of packets: O_DIRECT.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

#include "check.h"

int main() {
  int ends[2];
  CHECK(pipe2(ends, O_DIRECT | O_NONBLOCK) == 0);
  CHECK(fcntl(ends[1], F_GETFL) == (O_WRONLY | O_DIRECT | O_NONBLOCK));
  char bytes[8192];
  CHECK(write(ends[1], "first", 5) == 5 && write(ends[1], "second", 6) == 6);
  CHECK(read(ends[0], bytes, sizeof bytes) == 5 && std::memcmp(bytes, "first", 5) == 0);
  CHECK(read(ends[0], bytes, 3) == 3 && std::memcmp(bytes, "sec", 3) == 0);
  CHECK_FAILS(read(ends[0], bytes, 3), EAGAIN);  // the rest of the packet is lost
  passed("each write is a packet");

  std::string much(5000, 'm');
  CHECK(write(ends[1], much.data(), much.size()) == 5000);
  CHECK(read(ends[0], bytes, sizeof bytes) == 4096 && read(ends[0], bytes, sizeof bytes) == 904);
  passed("packets are PIPE_BUF bytes at most");

  CHECK(write(ends[1], "a", 1) == 1 && write(ends[1], "b", 1) == 1);
  int count = 0;
  CHECK(ioctl(ends[0], FIONREAD, &count) == 0 && count == 2);
  CHECK(read(ends[0], bytes, 2) == 1 && read(ends[0], bytes, 2) == 1);
  int packets = 0;
  while (write(ends[1], "x", 1) == 1) ++packets;
  CHECK(errno == EAGAIN);
  std::printf("room for %d packets\n", packets);
  while (read(ends[0], bytes, sizeof bytes) > 0) continue;

  CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  CHECK(write(ends[1], "c", 1) == 1 && write(ends[1], "d", 1) == 1);
  CHECK(read(ends[0], bytes, 2) == 2);
  passed("and may become bytes again");
}
