// What a request finds is new, what it leaves is gone, and what its user gave it is there.
#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "cli/test_folder.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

constexpr int kRequests = 50;

/// That many different answers, of machines that all come from one snapshot.
void expect_different(const Server& server, const std::string& path) {
  std::set<std::string> answers;
  for (int i = 0; i < kRequests; ++i) answers.insert(server.get(path).body);
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(kRequests)) << path;
}

TEST(Fresh, RandomNumbersDiffer) {
  const Server server = Server::run({"--warmup=5", "--audit=1"});
  expect_different(server, "/random");
}

TEST(Fresh, DenosUuidsDiffer) {
  // Warmed up without them: Deno seeds its generator at the first use, and that must be the request's own.
  const Server server = Server::serve(app("services.js"), {"--warmup=20", "--audit=5"});
  expect_different(server, "/uuid");
}

TEST(Fresh, TheTimeIsNow) {
  const Server cpp = Server::run({"--warmup=5"});
  const Server deno = Server::serve(app("services.js"), {"--warmup=5"});
  for (int round = 0; round < 3; ++round) {
    const long before = std::time(nullptr);
    const long in_cpp = std::stol(cpp.get("/now").body);
    const long in_deno = std::stol(deno.get("/now").body) / 1000;
    const long after = std::time(nullptr);
    for (const long seconds : {in_cpp, in_deno}) {
      EXPECT_GE(seconds, before - 1);
      EXPECT_LE(seconds, after + 1);
    }
  }
}

TEST(Fresh, TheDateInAnAnswersHeadIsNow) {
  const Server server = Server::serve(example("hello/server.js"));
  TestClient client = server.client();
  const std::string date = client.get("/").fields.at("date");
  std::tm utc{};
  ASSERT_NE(::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S", &utc), nullptr) << date;
  EXPECT_NEAR(static_cast<double>(::timegm(&utc)), static_cast<double>(std::time(nullptr)), 2);
}

TEST(Fresh, TimersTakeTheirTime) {
  const Server server = Server::serve(app("services.js"), {"--warmup=5", "--audit=1"});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(server.get("/sleep?200").body, "slept");
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(190));
}

TEST(Fresh, FilesVanishWithTheRequest) {
  const cli::TestFolder project;
  Start start;
  start.folder = project.path();
  const Server server("run", {"--warmup=5", "--audit=1", "--vms=1"}, {test_server()}, start);
  for (const std::string& file : {std::string("/tmp/state"), project.path().string() + "/state"}) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(server.get("/write?" + file).body, "written");
      EXPECT_EQ(server.get("/read?" + file).body, "cannot open");
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(project.path()));
}

TEST(Fresh, VolumesOutliveTheRequest) {
  const cli::TestFolder project;
  const cli::TestFolder data;
  data.write("given/file", "of the host\n");
  Start start;
  start.folder = project.path();
  const std::string host = data.path().string();
  const Server server("run",
                      {"--warmup=5", "--audit=1", "--vms=2", "--volume=" + host + ":/data:rw",
                       "--volume=" + host + "/given:/given", "--volume=" + host + "/given:/srv/read:ro"},
                      {test_server()}, start);
  std::string expected;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(server.get("/write?/data/log").body, "written");
    EXPECT_EQ(server.get("/read?/data/log").body, expected += "written\n");
    EXPECT_EQ(server.get("/write?/tmp/log").body, "written");
    EXPECT_EQ(server.get("/read?/tmp/log").body, "cannot open");
    EXPECT_EQ(server.get("/write?/given/file").body, "written");
    EXPECT_EQ(server.get("/read?/given/file").body, "of the host\n");
  }
  EXPECT_EQ(server.get("/read?/srv/read/file").body, "of the host\n");
  EXPECT_EQ(server.get("/write?/data/given/file").body, "written");
  EXPECT_NE(server.get("/read?/given/file").body, "of the host\n") << "what the host changes is seen";
  EXPECT_TRUE(std::filesystem::is_empty(project.path()));
}

TEST(Fresh, FilesOfTheProjectAreReadAndStayAsTheyAre) {
  const cli::TestFolder project;
  project.write("data/file", "of the project\n");
  Start start;
  start.folder = project.path();
  const Server server("run", {"--warmup=5", "--audit=1"}, {test_server()}, start);
  const std::string file = project.path().string() + "/data/file";
  EXPECT_EQ(server.get("/read?" + file).body, "of the project\n");
  EXPECT_EQ(server.get("/write?" + file).body, "written");
  EXPECT_EQ(server.get("/read?" + file).body, "of the project\n");
}

TEST(Fresh, OtherFilesAreRefusedUnlessAllowed) {
  const cli::TestFolder project;
  const std::string file = build_file("CMakeCache.txt");
  Start start;
  start.folder = project.path();
  {
    Server server("run", {"--warmup=5"}, {test_server()}, start);
    EXPECT_EQ(server.get("/read?" + file).body, "cannot open");
    const std::string line = server.process().wait_for_line(file);
    EXPECT_NE(line.find("--allow-read " + file), std::string::npos) << line;
  }
  const Server server("run", {"--warmup=5", "--allow-read=" + file}, {test_server()}, start);
  EXPECT_NE(server.get("/read?" + file).body.find("CMAKE_BUILD_TYPE"), std::string::npos);
}

TEST(Fresh, TheEnvironmentIsTheUsers) {
  const cli::TestFolder folder;
  const std::string file = folder.write("variables", "FROM_FILE=two words\nBOTH=file\n");
  const Server server =
      Server::serve(app("services.js"), {"--warmup=2", "--env=GIVEN=value", "--env-file=" + file, "--env=BOTH=option"});
  EXPECT_EQ(server.get("/env?GIVEN").body, "value");
  EXPECT_EQ(server.get("/env?FROM_FILE").body, "two words");
  EXPECT_EQ(server.get("/env?BOTH").body, "option");
  EXPECT_EQ(server.get("/env?ABSENT").body, "unset");
}

TEST(Fresh, TheProgramStartsWhereItIsTold) {
  const cli::TestFolder project;
  project.write("inner/file", "");
  Start start;
  start.folder = project.path();
  const std::string inner = project.path().string() + "/inner";
  const Server server("run", {"--cwd=" + inner}, {test_server()}, start);
  EXPECT_EQ(server.get("/cwd").body, inner);
  const Server elsewhere("run", {}, {test_server()}, start);
  EXPECT_EQ(elsewhere.get("/cwd").body, project.path().string());
}

TEST(Fresh, TheScriptGetsItsArguments) {
  const Server server("serve", {"--runtime=" + deno(), "--warmup=1"}, {app("services.js"), "--", "one", "--two"});
  EXPECT_EQ(server.get("/arguments").body, R"(["one","--two"])");
}

TEST(Fresh, OutputIsLoggedWithTheRequestThatMadeIt) {
  Server server = Server::run({"--warmup=0"});
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(server.get("/say?sesame").status, 200);
  const std::string line = server.process().wait_for_line("sesame");
  EXPECT_NE(line.find("[request 2]"), std::string::npos) << line;
}

}  // namespace
}  // namespace mayfly::e2e
