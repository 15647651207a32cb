#include "server/inheritance.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "base/error.h"
#include "http/listener.h"

namespace mayfly::server {
namespace {

/// As exec would pass them on.
std::vector<int> copies_of(const http::Listener& listener) {
  std::vector<int> copies;
  for (const int socket : listener.descriptors()) copies.push_back(::dup(socket));
  return copies;
}

class InheritanceTest : public testing::Test {
 protected:
  InheritanceTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    predecessor_ = UniqueFd(ends[0]);
    ready_ = ends[1];
  }
  http::Listener one_{http::Endpoint::parse("127.0.0.1:0"), 2}, other_{http::Endpoint::parse("[::1]:0"), 1};
  UniqueFd predecessor_;
  int ready_ = -1;
};

TEST_F(InheritanceTest, GivesWhatWasPassedOnByName) {
  const std::vector<NamedSockets> sockets = {
      {"127.0.0.1:0", copies_of(one_)}, {"unix:/a b,c", copies_of(other_)}, {"127.0.0.1:0", copies_of(other_)}};
  Inheritance inheritance(inheritance_text(ready_, sockets));
  EXPECT_EQ(inheritance.names(), (std::vector<std::string>{"127.0.0.1:0", "unix:/a b,c", "127.0.0.1:0"}));
  EXPECT_EQ(inheritance.take("127.0.0.1:0").size(), 2u);
  EXPECT_EQ(inheritance.take("127.0.0.1:0").size(), 1u) << "of two with one name each is given once";
  EXPECT_EQ(inheritance.take("127.0.0.1:0").size(), 0u);
  EXPECT_EQ(inheritance.take("unix:/a").size(), 0u);
  const std::vector<UniqueFd> taken = inheritance.take("unix:/a b,c");
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(http::SocketAddress::of_socket(taken[0].get()).host(), "::1");
}

TEST_F(InheritanceTest, ThePredecessorHearsThatThisOneServes) {
  Inheritance inheritance(inheritance_text(ready_, {}));
  char word = 0;
  EXPECT_EQ(::recv(predecessor_.get(), &word, 1, MSG_DONTWAIT), -1);
  inheritance.tell_ready();
  EXPECT_EQ(::recv(predecessor_.get(), &word, 1, MSG_DONTWAIT), 1);
}

TEST_F(InheritanceTest, APredecessorThatIsGoneDoesNoHarm) {
  Inheritance inheritance(inheritance_text(ready_, {}));
  predecessor_.reset();
  inheritance.tell_ready();
}

TEST_F(InheritanceTest, WhoEndsBeforeItServesSaysNothing) {
  { const Inheritance inheritance(inheritance_text(ready_, {})); }
  char word = 0;
  EXPECT_EQ(::recv(predecessor_.get(), &word, 1, MSG_DONTWAIT), 0);
}

TEST_F(InheritanceTest, TextsThatNobodyWroteAreRefused) {
  for (const std::string text : {"", "x", "-1", "1000"}) {
    EXPECT_THROW(const Inheritance inheritance(text), Error) << text;
  }
  for (const std::string lines : {"\n5", "\nx 127.0.0.1:0", "\n1000 127.0.0.1:0", "\n 127.0.0.1:0", "\n\n"}) {
    const std::string ready = std::to_string(::dup(ready_));
    EXPECT_THROW(const Inheritance inheritance(ready + lines), Error) << lines;
  }
  EXPECT_THROW(static_cast<void>(inheritance_text(1, std::vector<NamedSockets>{{"unix:/a\nb", {3}}})), Error);
}

}  // namespace
}  // namespace mayfly::server
