// sendfile and copy_file_range.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>
#include <string>

#include "check.h"

namespace {

int make_file(const std::string& contents) {
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  CHECK(file >= 0 && write(file, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()));
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  return file;
}

std::string contents(int file) {
  std::string bytes(100, '\0');
  ssize_t count = pread(file, bytes.data(), bytes.size(), 0);
  CHECK(count >= 0);
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

void sendfiles() {
  int from = make_file("0123456789");
  int to = make_file("");
  CHECK(sendfile(to, from, nullptr, 4) == 4 && lseek(from, 0, SEEK_CUR) == 4);
  off_t offset = 8;
  CHECK(sendfile(to, from, &offset, 100) == 2 && offset == 10 && lseek(from, 0, SEEK_CUR) == 4);
  CHECK(sendfile(to, from, &offset, 100) == 0 && contents(to) == "012389");
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(sendfile(pair[0], from, nullptr, 100) == 6);
  char bytes[16];
  CHECK(read(pair[1], bytes, 16) == 6 && std::memcmp(bytes, "456789", 6) == 0);
  CHECK_FAILS(sendfile(to, pair[1], nullptr, 1), EINVAL);
  int ends[2];
  CHECK(pipe(ends) == 0 && lseek(from, 0, SEEK_SET) == 0 && sendfile(ends[1], from, nullptr, 3) == 3);
  CHECK_FAILS(sendfile(to, ends[0], nullptr, 1), EINVAL);
  CHECK_FAILS(sendfile(to, ends[0], &offset, 1), ESPIPE);
  CHECK_FAILS(sendfile(999, from, nullptr, 1), EBADF);
  CHECK_FAILS(sendfile(to, 999, nullptr, 1), EBADF);
  CHECK_FAILS(sendfile(ends[0], from, nullptr, 1), EBADF);
  CHECK_FAILS(sendfile(to, from, bad_address<off_t>(), 1), EFAULT);
  offset = -1;
  CHECK_FAILS(sendfile(to, from, &offset, 1), EINVAL);
  CHECK(fcntl(to, F_SETFL, O_APPEND) == 0);
  CHECK_FAILS(sendfile(to, from, nullptr, 1), EINVAL);
  CHECK(sendfile(pair[0], from, nullptr, 0) == 0);
  for (int each : {from, to, pair[0], pair[1], ends[0], ends[1]}) CHECK(close(each) == 0);
  passed("sendfile");
}

void ranges() {
  int from = make_file("0123456789");
  int to = make_file("abcdefgh");
  off_t in = 2;
  off_t out = 6;
  CHECK(copy_file_range(from, &in, to, &out, 4, 0) == 4 && in == 6 && out == 10 && contents(to) == "abcdef2345");
  CHECK(lseek(from, 0, SEEK_CUR) == 0 && lseek(to, 0, SEEK_CUR) == 0);
  CHECK(copy_file_range(from, nullptr, to, nullptr, 3, 0) == 3 && contents(to) == "012def2345");
  CHECK(lseek(from, 0, SEEK_CUR) == 3 && lseek(to, 0, SEEK_CUR) == 3);
  in = 8;
  CHECK(copy_file_range(from, &in, to, nullptr, 100, 0) == 2 && copy_file_range(from, &in, to, nullptr, 100, 0) == 0);
  in = 0;
  out = 5;
  CHECK(copy_file_range(from, &in, from, &out, 5, 0) == 5 && contents(from) == "0123401234");
  in = 0;
  out = 3;
  CHECK_FAILS(copy_file_range(from, &in, from, &out, 5, 0), EINVAL);  // they overlap
  CHECK_FAILS(copy_file_range(from, nullptr, to, nullptr, 1, 1), EINVAL);
  CHECK_FAILS(copy_file_range(999, nullptr, to, nullptr, 1, 0), EBADF);
  CHECK_FAILS(copy_file_range(from, bad_address<off_t>(), to, nullptr, 1, 0), EFAULT);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK_FAILS(copy_file_range(from, nullptr, ends[1], nullptr, 1, 0), EINVAL);
  CHECK_FAILS(copy_file_range(ends[1], nullptr, to, nullptr, 1, 0), EINVAL);
  int directory = open("/tmp", O_RDONLY);
  CHECK_FAILS(copy_file_range(directory, nullptr, to, nullptr, 1, 0), EISDIR);
  CHECK(fcntl(to, F_SETFL, O_APPEND) == 0);
  CHECK_FAILS(copy_file_range(from, nullptr, to, nullptr, 1, 0), EBADF);
  for (int each : {from, to, directory, ends[0], ends[1]}) CHECK(close(each) == 0);
  passed("copy_file_range");
}

}  // namespace

int main() {
  sendfiles();
  ranges();
}
