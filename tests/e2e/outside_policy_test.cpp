// What no rule allows is refused: an error for the program, one line that names the flag for the user.
#include <gtest/gtest.h>

#include "cli/test_folder.h"
#include "http_backend.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

unsigned count(const std::string& text, const std::string& part) {
  unsigned found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Asks twice, and is refused by the first machine as by the second; the log says so once.
void expect_refused(Server server, const std::string& path, const std::string& answer, const std::string& rule) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server.get(path).body, "failed: " + answer);
  EXPECT_EQ(server.get("/hello").body, "hello\n");
  EXPECT_NE(server.process().wait_for_line("--allow-net " + rule), "");
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(count(server.process().err(), "--allow-net "), 1U) << server.process().err();
}

TEST(OutsidePolicy, WithoutARuleConnectingIsEacces) {
  expect_refused(asking_server(Runtime::cpp, "", {}), "/url?http://192.0.2.1:80/", "EACCES", "192.0.2.1:80");
}

TEST(OutsidePolicy, ARuleForOnePortIsNoneForAnother) {
  expect_refused(asking_server(Runtime::cpp, "", {"--allow-net=192.0.2.1:443"}), "/url?http://192.0.2.1:80/", "EACCES",
                 "192.0.2.1:80");
}

TEST(OutsidePolicy, LoopbackWithoutARuleOfItsOwnIsEacces) {
  const HttpBackend backend;
  expect_refused(asking_server(Runtime::cpp, backend.address(), {"--allow-net=*"}), "/fetch?/hello", "EACCES",
                 "localhost:" + backend.address().substr(backend.address().rfind(':') + 1));
  EXPECT_EQ(backend.accepted(), 0U);
}

TEST(OutsidePolicy, ANameWithoutARuleIsNotLookedUp) {
  expect_refused(asking_server(Runtime::cpp, "", {}), "/url?http://backend.invalid:80/",
                 "Temporary failure in name resolution", "backend.invalid");
}

TEST(OutsidePolicy, DatagramsWithoutARuleAreEacces) {
  expect_refused(asking_server(Runtime::cpp, "", {"--env=UDP_BACKEND=192.0.2.1:7"}), "/udp?text", "EACCES",
                 "192.0.2.1:7");
}

TEST(OutsidePolicy, AUnixSocketWithoutARuleIsEacces) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  const HttpBackend backend(path);
  expect_refused(asking_server(Runtime::cpp, "", {"--env=BACKEND_SOCKET=" + path}), "/unix?/hello", "EACCES",
                 "unix:" + path);
  EXPECT_EQ(backend.accepted(), 0U);
}

TEST(OutsidePolicy, AUnixSocketThatIsNotThereIsNotRefused) {
  const cli::TestFolder folder;
  Server server = asking_server(Runtime::cpp, "", {"--env=BACKEND_SOCKET=" + folder.path().string() + "/socket"});
  EXPECT_EQ(server.get("/unix?/hello").body, "failed: ENOENT");
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(count(server.process().err(), "--allow-net"), 0U) << server.process().err();
}

TEST(OutsidePolicy, EveryRuntimeHearsOfARefusal) {
  for (const Runtime runtime : kRuntimes) {
    Server server = asking_server(runtime, "", {});
    const Response response = server.get("/url?http://192.0.2.1:8080/");
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body.starts_with("failed: ")) << response.body;
    EXPECT_NE(server.process().wait_for_line("--allow-net 192.0.2.1:8080"), "") << name_of(runtime);
  }
}

}  // namespace
}  // namespace mayfly::e2e
