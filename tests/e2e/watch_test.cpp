// The snapshot follows the files of the app: --watch.
#include <gtest/gtest.h>

#include <filesystem>

#include "load.h"
#include "patience.h"
#include "places.h"
#include "renewed_server.h"

namespace mayfly::e2e {
namespace {

namespace fs = std::filesystem;

constexpr const char* kApp = R"(import { greeting } from "./greeting.ts";
Deno.serve({ port: 8000 }, () => new Response(greeting));
)";

std::string greeting(const std::string& text) {
  return "export const greeting: string = \"" + text + "\";\n";
}

/// An app in a folder of its own.
class WatchedApp : public testing::Test {
 protected:
  WatchedApp() {
    folder_.write("greeting.ts", greeting("one"));
    folder_.write("app.ts", kApp);
  }

  [[nodiscard]] Server serve() const { return Server::serve(folder_.path() / "app.ts", {"--watch", "--warmup=3"}); }
  static void expect_answer(const Server& server, const std::string& body) {
    std::string last;
    EXPECT_TRUE(wait_until([&] { return (last = server.get("/").body) == body; })) << last << " is the answer\n"
                                                                                   << server.process().err();
  }
  /// As editors do: another file takes its place.
  void replace(const std::string& name, const std::string& contents) const {
    fs::rename(folder_.write("." + name + ".new", contents), folder_.path() / name);
  }

  cli::TestFolder folder_;
};

TEST_F(WatchedApp, AChangeIsServed) {
  Server server = serve();
  EXPECT_EQ(server.get("/").body, "one");
  folder_.write("greeting.ts", greeting("two"));
  expect_answer(server, "two");
  EXPECT_NE(server.process().wait_for_line((folder_.path() / "greeting.ts").string() + " has changed"), "");
  replace("greeting.ts", greeting("three"));
  expect_answer(server, "three");
  replace("app.ts", "Deno.serve({ port: 8000 }, () => new Response(\"four\"));\n");
  expect_answer(server, "four");
}

TEST_F(WatchedApp, ABrokenFileKeepsTheOldAnswerUntilItIsMended) {
  Server server = serve();
  folder_.write("greeting.ts", "export const greeting = ;\n");
  EXPECT_NE(server.process().wait_for_line(kNotRefreshed), "");
  EXPECT_NE(server.process().err().find("Expression expected"), std::string::npos) << server.process().err();
  EXPECT_EQ(server.get("/").body, "one");
  folder_.write("greeting.ts", greeting("two"));
  expect_answer(server, "two");
}

TEST_F(WatchedApp, AFileThatIsRemovedAndMadeAgain) {
  Server server = serve();
  fs::remove(folder_.path() / "greeting.ts");
  EXPECT_NE(server.process().wait_for_line(kNotRefreshed), "");
  EXPECT_EQ(server.get("/").body, "one");
  folder_.write("greeting.ts", greeting("two"));
  expect_answer(server, "two");
}

TEST_F(WatchedApp, AFileInAFolderThatIsMadeForIt) {
  Server server = serve();
  folder_.write("greeting.ts", "export { greeting } from \"./words/greeting.ts\";\n");
  EXPECT_NE(server.process().wait_for_line(kNotRefreshed), "");
  folder_.write("words/greeting.ts", greeting("two"));
  expect_answer(server, "two");
  folder_.write("words/greeting.ts", greeting("three"));
  expect_answer(server, "three");
}

TEST_F(WatchedApp, TheWholeFolderMayBeReplaced) {
  Server server = serve();
  const fs::path app = folder_.path() / "app.ts";
  const fs::path elsewhere = folder_.path().string() + "-old";
  fs::rename(folder_.path(), elsewhere);
  EXPECT_NE(server.process().wait_for_line(kNotRefreshed), "");
  EXPECT_EQ(server.get("/").body, "one");
  folder_.write("greeting.ts", greeting("two"));
  folder_.write("app.ts", kApp);
  expect_answer(server, "two");
  fs::remove_all(elsewhere);
}

TEST_F(WatchedApp, OtherFilesDoNotMatter) {
  Server server = serve();
  folder_.write("notes.txt", "nothing that the app looks at");
  folder_.write("node_modules/unused/index.js", "");
  folder_.write("greeting.ts", greeting("two"));
  expect_answer(server, "two");
  EXPECT_EQ(server.process().err().find("notes.txt"), std::string::npos);
  EXPECT_EQ(server.process().err().find("node_modules"), std::string::npos);
}

TEST_F(WatchedApp, TheLastOfManyChangesIsServed) {
  Server server = serve();
  for (int i = 0; i < 200; ++i) folder_.write("greeting.ts", greeting(std::to_string(i)));
  expect_answer(server, "199");
}

TEST(Watch, AProgramThatIsReplaced) {
  const cli::TestFolder folder;
  const fs::path program = folder.path() / "server";
  fs::copy_file(test_server(), program);
  const Server server("run", {"--watch", "--warmup=3"}, {program});
  EXPECT_EQ(server.get("/hello").body, "hello\n");
  fs::copy_file(build_file("examples/hello-cpp"), folder.path() / "server.new");
  fs::rename(folder.path() / "server.new", program);
  std::string last;
  EXPECT_TRUE(wait_until([&] { return (last = server.get("/hello").body) != "hello\n"; }));
  EXPECT_NE(last.find("Hello"), std::string::npos) << last;
}

TEST(Watch, NoRequestIsLost) {
  RenewedServer renewed({"--watch", "--warmup=5", "--threads=2", "--vms=4"});
  SteadyLoad clients(renewed.server(), "/hello", "hello\n");
  for (const std::string value : {"two", "exit", "three"}) {
    const char* const outcome = value == "exit" ? kNotRefreshed : kRefreshed;
    const unsigned before = renewed.times_in_log(outcome);
    renewed.write(value);
    EXPECT_NO_THROW(renewed.wait_for_log(outcome, before + 1));
  }
  EXPECT_NO_THROW(renewed.wait_for_answer("/start", "three"));
  clients.stop();
  EXPECT_EQ(clients.result().answered, clients.asked()) << clients.result().first_odd;
}

TEST(Watch, WithoutItFilesMayChange) {
  RenewedServer renewed;
  renewed.write("two");
  renewed.refresh();
  renewed.wait_for_answer("/start", "two");
  EXPECT_EQ(renewed.times_in_log("has changed"), 0U);
}

}  // namespace
}  // namespace mayfly::e2e
