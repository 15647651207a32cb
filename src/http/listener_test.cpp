#include "http/listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

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
  EXPECT_EQ(Endpoint::parse("fd:7").descriptor, 7);
  for (const std::string text : {"fd:", "fd:x", "fd:-1", "fd:3 ", "fd:99999999999", "", "8080", ":8080",
                                 "host:", "host:http", "host:65536", "host:-1", "::1:80", "unix:"}) {
    EXPECT_THROW(static_cast<void>(Endpoint::parse(text)), Error) << text;
  }
}

TEST(Listener, ListensForSeveralWorkersOnOnePort) {
  for (const std::string endpoint : {"127.0.0.1:0", "[::1]:0"}) {
    Listener listener(Endpoint::parse(endpoint), 2);
    const std::vector<ListeningSocket> first = listener.take();
    const std::vector<ListeningSocket> second = listener.take();
    ASSERT_EQ(first.size(), 1u);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(SocketAddress::of_socket(first[0].fd.get()).port(), SocketAddress::of_socket(second[0].fd.get()).port());
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

/// Copies of a listener's sockets, as another process would get them.
std::vector<UniqueFd> copies_of(const Listener& listener) {
  std::vector<UniqueFd> copies;
  for (const int socket : listener.descriptors()) copies.emplace_back(::dup(socket));
  return copies;
}

/// Those sockets of a share that a client waits in.
std::size_t accepted_by(const std::vector<ListeningSocket>& share) {
  std::size_t accepted = 0;
  for (const ListeningSocket& socket : share) {
    while (UniqueFd(::accept(socket.fd.get(), nullptr, nullptr))) ++accepted;
  }
  return accepted;
}

TEST(Listener, ServesAllThatItInheritsWhateverTheNumberOfWorkers) {
  for (const std::size_t workers : {1u, 2u, 3u, 5u}) {
    SCOPED_TRACE(workers);
    const Endpoint endpoint = Endpoint::parse("127.0.0.1:0");
    Listener before(endpoint, 3);
    Listener listener(endpoint, workers, copies_of(before));
    EXPECT_EQ(listener.address(), before.address());
    before.close();
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<TestClient>(listener.address()));
    std::size_t sockets = 0;
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < workers; ++i) {
      const std::vector<ListeningSocket> share = listener.take();
      EXPECT_FALSE(share.empty());
      sockets += share.size();
      accepted += accepted_by(share);
    }
    EXPECT_EQ(sockets, std::max<std::size_t>(workers, 3));
    EXPECT_EQ(accepted, clients.size());
  }
}

TEST(Listener, NobodyCanConnectOnceAllHaveClosed) {
  Listener listener(Endpoint::parse("127.0.0.1:0"), 1);
  std::vector<ListeningSocket> share = listener.take();
  listener.close();
  { const TestClient client(listener.address()); }
  share.clear();
  EXPECT_ANY_THROW(const TestClient client(listener.address()));
}

TEST(Listener, TheFileOfASocketPassesOn) {
  const std::string path = temporary_path("passed.sock");
  const Endpoint endpoint = Endpoint::parse("unix:" + path);
  {
    std::optional<Listener> before(std::in_place, endpoint, 2);
    { const Listener failed(endpoint, 1, copies_of(*before)); }
    EXPECT_TRUE(has_file(path)) << "whoever comes to nothing leaves it alone";
    Listener after(endpoint, 2, copies_of(*before));
    EXPECT_EQ(after.address(), "unix:" + path);
    before->leave_file();
    after.own_file();
    before.reset();
    EXPECT_TRUE(has_file(path));
    const TestClient client(after.address());
  }
  EXPECT_FALSE(has_file(path));
}

}  // namespace
}  // namespace mayfly::http
