#include "http/listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"
#include "http/testing/test_client.h"

namespace mayfly::http {
namespace {

using testing::TestClient;

std::string temporary_path(const std::string& name) {
  return ::testing::TempDir() + "mayfly_" + std::to_string(::getpid()) + "_" + name;
}

std::string failure_of(const std::string& endpoint) {
  try {
    const Listener listener(Endpoint::parse(endpoint), 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

bool has_file(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

TEST(Endpoint, ParsesWhatUsersWrite) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:80").host, "127.0.0.1");
  EXPECT_EQ(Endpoint::parse("[::1]:8080").host, "::1");
  EXPECT_EQ(Endpoint::parse("localhost:0").port, "0");
  EXPECT_EQ(Endpoint::parse("unix:/run/m.sock").path, "/run/m.sock");
  for (const std::string text :
       {"", "8080", ":8080", "host:", "host:http", "host:65536", "host:-1", "::1:80", "unix:"}) {
    EXPECT_THROW(static_cast<void>(Endpoint::parse(text)), Error) << text;
  }
}

TEST(Listener, ListensForSeveralWorkersOnOnePort) {
  for (const std::string endpoint : {"127.0.0.1:0", "[::1]:0"}) {
    Listener listener(Endpoint::parse(endpoint), 2);
    const UniqueFd first = std::move(listener.take().fd);
    const UniqueFd second = std::move(listener.take().fd);
    EXPECT_EQ(SocketAddress::of_socket(first.get()).port(), SocketAddress::of_socket(second.get()).port());
    EXPECT_THROW(static_cast<void>(listener.take()), Error);
    const TestClient client(listener.address());
  }
}

TEST(Listener, SaysWhatToDoAboutAnAddressInUse) {
  const Listener first(Endpoint::parse("127.0.0.1:0"), 1);
  const std::string port = first.address().substr(first.address().find(':') + 1);
  EXPECT_EQ(failure_of(first.address()), "cannot listen on " + first.address() +
                                             ": the address is in use; `ss -tlnp sport = :" + port +
                                             "` tells by which program");
}

TEST(Listener, SaysWhatIsWrongWithAnAddress) {
  EXPECT_NE(failure_of("192.0.2.1:0").find("this host does not have that address"), std::string::npos);
  // A label of a name has 63 characters at most: nobody is asked about this one.
  EXPECT_NE(failure_of(std::string(64, 'x') + ":80").find("is not known"), std::string::npos);
  EXPECT_NE(failure_of("unix:/" + std::string(200, 'x')).find("longer than 107 bytes"), std::string::npos);
}

TEST(Listener, OwnsItsSocketFile) {
  const std::string path = temporary_path("own.sock");
  {
    Listener listener(Endpoint::parse("unix:" + path), 2);
    const TestClient client(listener.address());
    EXPECT_NE(failure_of("unix:" + path).find("another program listens there"), std::string::npos);
    EXPECT_TRUE(has_file(path)) << "the attempt has removed the file of the living one";
  }
  EXPECT_FALSE(has_file(path));
}

TEST(Listener, ReplacesAStaleSocketFileOnly) {
  const std::string path = temporary_path("stale.sock");
  {
    UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    const SocketAddress address = SocketAddress::resolve(Endpoint::parse("unix:" + path));
    ASSERT_EQ(::bind(dead.get(), address.get(), address.size), 0);
  }
  ASSERT_TRUE(has_file(path));
  EXPECT_EQ(failure_of("unix:" + path), "none");

  const std::string file = temporary_path("precious.txt");
  std::ofstream(file) << "precious";
  EXPECT_NE(failure_of("unix:" + file).find("which is no socket"), std::string::npos);
  EXPECT_TRUE(has_file(file));
  ::unlink(file.c_str());
}

}  // namespace
}  // namespace mayfly::http
