#include "http/inherited_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/error.h"
#include "http/listener.h"
#include "http/testing/test_client.h"

namespace mayfly::http {
namespace {

using testing::TestClient;

/// A descriptor as exec leaves it.
UniqueFd passed(const std::string& address) {
  const Listener listener(Endpoint::parse(address), 1);
  UniqueFd copy(::dup(listener.descriptors().front()));
  const int flags = ::fcntl(copy.get(), F_GETFL);
  ::fcntl(copy.get(), F_SETFL, flags & ~O_NONBLOCK);
  return copy;
}

std::string refusal_of(int descriptor) {
  try {
    (void)take_inherited_socket(descriptor).release();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string temporary_path() {
  return ::testing::TempDir() + "mayfly_" + std::to_string(::getpid()) + "_inherited.sock";
}

TEST(InheritedSocket, BecomesOursAndIsListenedOn) {
  for (const std::string& address : {std::string("127.0.0.1:0"), std::string("[::1]:0")}) {
    const int descriptor = passed(address).release();
    Listener listener(Endpoint::parse("fd:" + std::to_string(descriptor)), 2);
    EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0);
    const std::vector<ListeningSocket> first = listener.take();
    const std::vector<ListeningSocket> second = listener.take();
    const TestClient client(listener.address());
    EXPECT_TRUE(UniqueFd(::accept(second.front().fd.get(), nullptr, nullptr))) << "they share one queue";
    EXPECT_FALSE(UniqueFd(::accept(first.front().fd.get(), nullptr, nullptr)));
  }
}

TEST(InheritedSocket, TheFileOfAUnixSocketIsNotOursToRemove) {
  const std::string path = temporary_path();
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  const SocketAddress address = SocketAddress::resolve(Endpoint::parse("unix:" + path));
  ASSERT_EQ(::bind(socket.get(), address.get(), address.size), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  {
    Listener listener(Endpoint::parse("fd:" + std::to_string(socket.release())), 1);
    EXPECT_EQ(listener.address(), "unix:" + path);
    listener.own_file();
    const TestClient client(listener.address());
  }
  EXPECT_EQ(::unlink(path.c_str()), 0);
}

TEST(InheritedSocket, MayBeInTheAbstractNamespace) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "mayfly-" + std::to_string(::getpid());
  name.copy(&address.sun_path[1], name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  const Listener listener(Endpoint::parse("fd:" + std::to_string(socket.release())), 1);
  EXPECT_EQ(listener.address(), "unix:@" + name);
}

TEST(InheritedSocket, SaysWhatADescriptorIsInstead) {
  EXPECT_NE(refusal_of(1000).find("no such descriptor is open"), std::string::npos);
  const UniqueFd file(::open("/dev/null", O_RDONLY));
  EXPECT_NE(refusal_of(file.get()).find("it is no socket"), std::string::npos);
  const UniqueFd datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
  EXPECT_NE(refusal_of(datagrams.get()).find("it is no stream socket"), std::string::npos);
  const UniqueFd silent(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_NE(refusal_of(silent.get()).find("does not listen"), std::string::npos);
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  const UniqueFd one(pair[0]);
  const UniqueFd other(pair[1]);
  EXPECT_NE(refusal_of(one.get()).find("does not listen"), std::string::npos);
}

TEST(InheritedSocket, IsTakenOnce) {
  const UniqueFd socket = take_inherited_socket(passed("127.0.0.1:0").release());
  EXPECT_NE(refusal_of(socket.get()).find("or listens on it already"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::http
