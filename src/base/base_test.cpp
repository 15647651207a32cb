#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "base/error.h"
#include "base/mapping.h"
#include "base/unique_fd.h"

namespace mayfly {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(Error, NamesTheCallItsArgumentsAndErrno) {
  try {
    check(::open("/nonexistent/file", O_RDONLY), "open({})", "/nonexistent/file");
    FAIL() << "check() let a failed call pass";
  } catch (const SystemError& error) {
    EXPECT_EQ(error.code(), ENOENT);
    EXPECT_STREQ(error.what(), "open(/nonexistent/file): No such file or directory (errno 2)");
  }
}

TEST(UniqueFd, ClosesOnceAndMoves) {
  int raw = ::dup(0);
  {
    UniqueFd first(raw);
    UniqueFd second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): the moved-from state is what is tested
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(Mapping, MapsAndReportsFailure) {
  Mapping mapping(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  std::memset(mapping.data(), 7, mapping.size());
  EXPECT_EQ(mapping.bytes().back(), std::byte{7});
  EXPECT_THROW(Mapping(0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), SystemError);
}

}  // namespace
}  // namespace mayfly
