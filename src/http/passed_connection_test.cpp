#include "http/passed_connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace mayfly::http {
namespace {

class PassedConnectionTest : public testing::Test {
 protected:
  PassedConnectionTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_ = UniqueFd(ends[0]);
    connection_ = UniqueFd(ends[1]);
  }

  ConnectionChannel channel_ = ConnectionChannel::make();
  UniqueFd client_, connection_;
};

TEST_F(PassedConnectionTest, IsTheSameWithAllThatHasCome) {
  ASSERT_EQ(::send(client_.get(), "hello", 5, 0), 5);
  ASSERT_EQ(pass_connection(channel_.in.get(), connection_.get(), true), PassResult::passed);
  connection_.reset();
  const auto passed = receive_connection(channel_.out.get());
  ASSERT_TRUE(passed);
  EXPECT_TRUE(passed->tls);
  EXPECT_NE(::fcntl(passed->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  std::array<char, 5> bytes{};
  EXPECT_EQ(::recv(passed->fd.get(), bytes.data(), bytes.size(), 0), 5);
}

TEST_F(PassedConnectionTest, ComeInOrderOneByOne) {
  ASSERT_EQ(pass_connection(channel_.in.get(), connection_.get(), false), PassResult::passed);
  ASSERT_EQ(pass_connection(channel_.in.get(), client_.get(), true), PassResult::passed);
  EXPECT_FALSE(receive_connection(channel_.out.get())->tls);
  EXPECT_TRUE(receive_connection(channel_.out.get())->tls);
  EXPECT_FALSE(receive_connection(channel_.out.get()));
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(PassedConnectionTest, AFullChannelTellsWhenThereIsRoom) {
  PassResult result = PassResult::passed;
  unsigned passed = 0;
  while (result == PassResult::passed) {
    result = pass_connection(channel_.in.get(), connection_.get(), false);
    passed += result == PassResult::passed ? 1 : 0;
  }
  EXPECT_EQ(result, PassResult::full);
  while (receive_connection(channel_.out.get())) --passed;
  EXPECT_EQ(passed, 0u);
  pollfd watched{channel_.in.get(), POLLOUT, 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 1);
  EXPECT_EQ(pass_connection(channel_.in.get(), connection_.get(), false), PassResult::passed);
}

TEST_F(PassedConnectionTest, EachSideLearnsOfTheOthersEnd) {
  ConnectionChannel other = ConnectionChannel::make();
  other.in.reset();
  EXPECT_FALSE(receive_connection(other.out.get()));
  EXPECT_EQ(errno, EPIPE);
  channel_.out.reset();
  EXPECT_EQ(pass_connection(channel_.in.get(), connection_.get(), false), PassResult::gone);
}

TEST_F(PassedConnectionTest, AMessageWithoutAConnectionBringsNone) {
  ASSERT_EQ(::send(channel_.in.get(), "c", 1, 0), 1);
  EXPECT_FALSE(receive_connection(channel_.out.get()));
  EXPECT_EQ(errno, EMFILE);
}

}  // namespace
}  // namespace mayfly::http
