// The command line tool from the outside.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/test_folder.h"
#include "subprocess.h"

namespace mayfly::test {
namespace {

using Strings = std::vector<std::string>;

class CliTest : public testing::Test {
 protected:
  Outcome mayfly(Strings arguments, const Strings& environment = {"PATH=/usr/bin:/bin"}) {
    arguments.insert(arguments.begin(), MAYFLY_PROGRAM);
    return run_process(arguments, environment, folder_.path());
  }

  cli::TestFolder folder_;
};

TEST_F(CliTest, HelpAndVersion) {
  Outcome help = mayfly({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("mayfly serve"), std::string::npos);
  EXPECT_EQ(help.err, "");
  EXPECT_NE(mayfly({"serve", "-h"}).out.find("--request-memory SIZE"), std::string::npos);
  EXPECT_EQ(mayfly({"run", "--help"}).status, 0);
  Outcome version = mayfly({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("mayfly 0.")) << version.out;
}

TEST_F(CliTest, WrongUsageIsStatus2WithAHint) {
  Outcome unknown = mayfly({"serve", "--isolat", "none", "app.js"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.out, "");
  EXPECT_EQ(unknown.err, "mayfly: unknown option --isolat; did you mean --isolate?\nSee 'mayfly serve --help'.\n");
  EXPECT_EQ(mayfly({"serv", "app.js"}).err,
            "mayfly: unknown command 'serv'; did you mean serve?\nSee 'mayfly --help'.\n");
  EXPECT_EQ(mayfly({"app.js"}).err,
            "mayfly: unknown command 'app.js'; did you mean 'mayfly serve app.js'?\nSee 'mayfly --help'.\n");
  for (const Strings& wrong : std::vector<Strings>{{},
                                                   {"serve"},
                                                   {"run"},
                                                   {"run", "--"},
                                                   {"run", "ls"},
                                                   {"doctor", "x"},
                                                   {"--nonsense"},
                                                   {"serve", "--vms", "x", "a.js"}}) {
    Outcome outcome = mayfly(wrong);
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(wrong);
    EXPECT_TRUE(outcome.err.starts_with("mayfly: ")) << outcome.err;
    EXPECT_NE(outcome.err.find("--help'."), std::string::npos) << outcome.err;
  }
}

TEST_F(CliTest, FailureIsStatus1) {
  Outcome outcome = mayfly({"serve", "none.js"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "mayfly: none.js does not exist\n");
  EXPECT_EQ(mayfly({"run", "--", "./none"}).status, 1);
  folder_.write("script", "#!/none/such\n", true);
  EXPECT_NE(mayfly({"run", "--", "./script"}).err.find("is a script for /none/such, which does not exist"),
            std::string::npos);
}

TEST_F(CliTest, PrintedConfigurationRoundTrip) {
  Strings environment = {"PATH=/bin", "MAYFLY_THREADS=3"};
  Outcome first = mayfly({"serve", "--print-config", "--listen", "unix:s", "--env", "A=\"b\"", "--audit"}, environment);
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.out.find("threads = 3  # MAYFLY_THREADS\n"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("vms = 6  # default\n"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("audit = 1  # --audit\n"), std::string::npos) << first.out;
  folder_.write("mayfly.toml", first.out);
  Outcome second = mayfly({"serve", "--print-config"});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_NE(second.out.find("listen = [\"unix:" + (folder_.path() / "s").string() + "\"]  # "), std::string::npos);
  EXPECT_NE(second.out.find("env = [\"A=\\\"b\\\"\"]  # " + (folder_.path() / "mayfly.toml").string() + ":"),
            std::string::npos)
      << second.out;
  EXPECT_NE(second.out.find("threads = 3  # "), std::string::npos);
}

TEST_F(CliTest, ErrorsInTheFileNameItsLine) {
  folder_.write("mayfly.toml", "vms = 2\nmemory = \"lots\"\n");
  Outcome outcome = mayfly({"serve", "--print-config"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("mayfly.toml:2: memory: 'lots' is not a size; accepted: "), std::string::npos)
      << outcome.err;
}

TEST_F(CliTest, DoctorReportsTheSameAsTextAndJson) {
  Outcome text = mayfly({"doctor"});
  Outcome json = mayfly({"doctor", "--json"});
  EXPECT_EQ(text.status, json.status);
  auto report = nlohmann::json::parse(json.out);
  EXPECT_EQ(report["ready"], json.status == 0);
  EXPECT_EQ(report["checks"][0]["name"], "/dev/kvm");
  EXPECT_EQ(report["ready"], !report["measurements"].empty());
  for (const auto& check : report["checks"]) {
    EXPECT_NE(text.out.find(check["name"].get<std::string>()), std::string::npos);
    EXPECT_EQ(check["verdict"] == "good", !check.contains("remedy")) << check;
  }
}

TEST_F(CliTest, VerboseShowsTheCommandLineButNoValuesOfTheEnvironment) {
  // Enough to pass for a program, too little to start.
  std::ifstream self("/proc/self/exe", std::ios::binary);
  std::string head(64, '\0');
  self.read(head.data(), static_cast<std::streamsize>(head.size()));
  folder_.write("node_modules/deno/deno", head, true);
  folder_.write("app.js", "");
  Outcome outcome = mayfly({"serve", "--verbose", "--env", "KEY=secret", "app.js"});
  EXPECT_NE(outcome.err.find("run -A --no-code-cache --v8-flags=--single-threaded --preload /run/mayfly/preload.js " +
                             (folder_.path() / "app.js").string()),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("environment: KEY\n"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("secret"), std::string::npos);
  EXPECT_NE(outcome.status, 0);
}

}  // namespace
}  // namespace mayfly::test
