// Flags, environment and file together: each source, their precedence, and what they refuse.
#include "cli/load.h"

#include <gtest/gtest.h>

#include "cli/print_config.h"
#include "cli/test_folder.h"
#include "net/rule.h"

namespace mayfly::cli {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

class LoadTest : public testing::Test {
 protected:
  Loaded load(const Strings& arguments, const Strings& environment = {}) {
    return cli::load(parse_command_line(arguments, folder_.path()), {folder_.path(), environment});
  }

  /// The error message, or "accepted".
  std::string refusal(const Strings& arguments, const Strings& environment = {}) {
    try {
      static_cast<void>(load(arguments, environment));
      return "accepted";
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  void write_config(std::string_view text) { folder_.write("mayfly.toml", text); }

  std::string at(const char* name) const { return folder_.path() / name; }

  TestFolder folder_;
};

TEST_F(LoadTest, Defaults) {
  Config config = load({"serve", "app.js"}).config;
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].text, "127.0.0.1:8080");
  EXPECT_EQ(config.isolation, http::Isolation::request);
  EXPECT_EQ(config.threads, 1u);
  EXPECT_EQ(config.vms, 2u);
  EXPECT_EQ(config.memory_bytes, 1u << 30);
  EXPECT_EQ(config.request_memory_bytes, 256u << 20);
  EXPECT_EQ(config.time_slice, 2ms);
  EXPECT_FALSE(config.boot_timeout) << "depends on the command";
  EXPECT_EQ(config.spin, 100us);
  EXPECT_EQ(config.request_timeout, 30s);
  EXPECT_FALSE(config.warmup_requests) << "depends on the time they take";
  EXPECT_EQ(config.warmup_paths, Strings{"/"});
  EXPECT_EQ(config.audit_interval, 0u);
  EXPECT_EQ(config.runtime, "auto");
  EXPECT_EQ(config.app, "app.js");
  EXPECT_FALSE(config.env_file || config.cwd || config.verbose);
}

TEST_F(LoadTest, RuntimeFlagsAreWordsAndMayBeNone) {
  EXPECT_FALSE(load({"serve", "app.js"}).config.runtime_flags);
  EXPECT_EQ(load({"serve", "--runtime-flags", "run  -A", "app.js"}).config.runtime_flags, (Strings{"run", "-A"}));
  EXPECT_EQ(load({"serve", "--runtime-flags", "", "app.js"}).config.runtime_flags, Strings{});
  EXPECT_EQ(load({"serve", "app.js"}, {"MAYFLY_RUNTIME_FLAGS=--a,--b"}).config.runtime_flags, Strings{"--a,--b"});
}

TEST_F(LoadTest, RefreshIsAnIntervalOrNever) {
  EXPECT_FALSE(load({"serve", "app.js"}).config.refresh_interval);
  EXPECT_FALSE(load({"serve", "--refresh=0", "app.js"}).config.refresh_interval);
  EXPECT_EQ(load({"serve", "--refresh=10m", "app.js"}).config.refresh_interval, 10min);
  EXPECT_EQ(refusal({"serve", "--refresh=999ms", "app.js"}),
            "--refresh: '999ms' is too small; accepted: 0, or a time such as 30s, 10m or 6h, from 1s to 720h");
}

TEST_F(LoadTest, AdminIsAnEndpointOrNone) {
  EXPECT_FALSE(load({"serve", "app.js"}).config.admin);
  EXPECT_EQ(load({"serve", "--admin=unix:sock", "app.js"}).config.admin->path, at("sock"));
  EXPECT_EQ(load({"serve", "app.js"}, {"MAYFLY_ADMIN=127.0.0.1:9000"}).config.admin->port, "9000");
  EXPECT_NE(refusal({"serve", "--admin=9000", "app.js"}), "accepted");
}

TEST_F(LoadTest, EachSourceReachesTheSameOption) {
  auto check = [](const Config& config) {
    EXPECT_EQ(config.request_memory_bytes, 64u << 20);
    EXPECT_EQ(config.boot_timeout, 5s);
    EXPECT_EQ(config.isolation, http::Isolation::connection);
    EXPECT_EQ(config.vms, 7u);
    EXPECT_EQ(config.warmup_paths, (Strings{"/a", "/b"}));
    EXPECT_TRUE(config.verbose);
  };
  check(load({"serve", "--request-memory", "64m", "--boot-timeout=5s", "--isolate", "connection", "--vms", "7",
              "--warmup-path", "/a", "--warmup-path", "/b", "--verbose", "app.js"})
            .config);
  check(load({"serve", "app.js"}, {"MAYFLY_REQUEST_MEMORY=64m", "MAYFLY_BOOT_TIMEOUT=5s", "MAYFLY_ISOLATE=connection",
                                   "MAYFLY_VMS=7", "MAYFLY_WARMUP_PATH=/a,/b", "MAYFLY_VERBOSE=1"})
            .config);
  write_config(
      "request-memory = '64m'\nboot-timeout = '5s'\nisolate = 'connection'\nvms = 7\n"
      "warmup-path = ['/a', '/b']\nverbose = true\n");
  check(load({"serve", "app.js"}).config);
}

TEST_F(LoadTest, FlagBeforeEnvironmentBeforeFileBeforeDefault) {
  write_config("memory = '100m'\nrequest-memory = '20m'\nmax-body = '30k'\n");
  Strings environment = {"MAYFLY_MEMORY=200m", "MAYFLY_REQUEST_MEMORY=40m"};
  Loaded loaded = load({"serve", "--memory", "300m", "app.js"}, environment);
  EXPECT_EQ(loaded.config.memory_bytes, 300u << 20);
  EXPECT_EQ(loaded.config.request_memory_bytes, 40u << 20);
  EXPECT_EQ(loaded.config.max_body_bytes, 30u << 10);
  EXPECT_EQ(loaded.settings.at("memory").place, "--memory");
  EXPECT_EQ(loaded.settings.at("request-memory").place, "MAYFLY_REQUEST_MEMORY");
  EXPECT_EQ(loaded.settings.at("max-body").place, at("mayfly.toml") + ":3");
  EXPECT_EQ(loaded.settings.at("threads").place, "default");
}

TEST_F(LoadTest, AListReplacesTheListBelowIt) {
  write_config("listen = ['a:1', 'b:2']\n");
  EXPECT_EQ(load({"serve", "app.js"}).config.listen.size(), 2u);
  Config config = load({"serve", "--listen", "c:3", "app.js"}).config;
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].host, "c");
}

TEST_F(LoadTest, DefaultsFollowWhatTheyDependOn) {
  EXPECT_EQ(load({"serve", "--threads", "3", "app.js"}).config.vms, 6u);
  EXPECT_EQ(load({"serve", "--memory", "64m", "app.js"}).config.request_memory_bytes, 64u << 20);
}

TEST_F(LoadTest, AuditMayStandAlone) {
  EXPECT_EQ(load({"serve", "--audit", "app.js"}).config.audit_interval, 1u);
  EXPECT_EQ(load({"serve", "--audit=50", "app.js"}).config.audit_interval, 50u);
}

TEST_F(LoadTest, VariablesInEveryForm) {
  write_config("[env]\nA = '1'\nB = 'x=y'\n");
  Config from_table = load({"serve", "app.js"}).config;
  ASSERT_EQ(from_table.env.size(), 2u);
  EXPECT_EQ(from_table.env[1].name, "B");
  EXPECT_EQ(from_table.env[1].value, "x=y");
  Config from_flags = load({"serve", "--env", "A=1,2", "--env", "HOME", "--env", "E=", "app.js"}).config;
  ASSERT_EQ(from_flags.env.size(), 3u);
  EXPECT_EQ(from_flags.env[0].value, "1,2");
  EXPECT_FALSE(from_flags.env[1].value);
  EXPECT_EQ(from_flags.env[2].value, "");
}

TEST_F(LoadTest, FileIsFoundByFlagVariableProjectAndFolder) {
  write_config("vms = 3\n");
  folder_.write("other.toml", "vms = 4\ncwd = 'sub'\n");
  folder_.write("project/package.json", "{}");
  folder_.write("project/mayfly.toml", "vms = 5\ncwd = 'sub'\n");
  EXPECT_EQ(load({"serve", "app.js"}).config.vms, 3u);
  EXPECT_EQ(load({"serve", "project/app.js"}).config.vms, 5u);
  EXPECT_EQ(load({"serve", "project/app.js"}).config.cwd, at("project") + "/sub");
  EXPECT_EQ(load({"serve", "--config", "other.toml", "project/app.js"}).config.vms, 4u);
  EXPECT_EQ(load({"serve", "project/app.js"}, {"MAYFLY_CONFIG=other.toml"}).config.vms, 4u);
  EXPECT_THROW(load({"serve", "--config", "none.toml", "app.js"}), Error);
}

TEST_F(LoadTest, RunTakesTheProgramAfterTheDashes) {
  Config config = load({"run", "--vms", "3", "--", "prog", "--vms", "--", "9"}).config;
  EXPECT_EQ(config.vms, 3u);
  EXPECT_EQ(config.arguments, (Strings{"prog", "--vms", "--", "9"}));
}

TEST_F(LoadTest, PrintedConfigurationReadsBack) {
  Strings arguments = {"serve",       "--listen",  "unix:sock", "--listen", "h:1",           "--audit=3", "--env",
                       "Q=a \"b\"\\", "--verbose", "--cwd",     "sub",      "--warmup-path", "/a?b=c",    "app.js"};
  std::string printed = print_config(load(arguments).settings, Command::serve);
  TestFolder elsewhere;
  std::string file = elsewhere.write("copy.toml", printed);
  Loaded again = load({"serve", "--config", file, "app.js"});
  std::string reprinted = print_config(again.settings, Command::serve);
  auto values_only = [](std::string text) {
    std::string result;
    for (std::size_t end; !text.empty(); text.erase(0, end + 1)) {
      end = text.find('\n');
      result += text.substr(0, std::min(end, text.find("  # "))) + "\n";
    }
    return result;
  };
  EXPECT_EQ(values_only(reprinted), values_only(printed));
  EXPECT_EQ(again.config.env.at(0).value, "a \"b\"\\");
  EXPECT_EQ(again.config.listen.at(0).path, at("sock"));
}

TEST_F(LoadTest, WrongValuesNameOptionSourceAndForm) {
  EXPECT_EQ(refusal({"serve", "--memory", "12q", "app.js"}),
            "--memory: '12q' has an unknown unit, 'q'; accepted: a size such as 64k, 256m or 1g, from 16m to 512g");
  EXPECT_EQ(refusal({"serve", "app.js"}, {"MAYFLY_THREADS=0"}),
            "MAYFLY_THREADS: '0' is too small; accepted: a number, from 1 to 1024");
  write_config("\nisolate = 'all'\n");
  EXPECT_EQ(refusal({"serve", "app.js"}),
            at("mayfly.toml") + ":2: isolate: 'all' is not one of the choices; accepted: request, connection or none");
  write_config("vms = '3'\n");
  EXPECT_EQ(refusal({"serve", "app.js"}),
            at("mayfly.toml") + ":1: vms: the value is not an integer; accepted: a number, from 1 to 65536");
  write_config("memory = 12\n");
  EXPECT_EQ(refusal({"serve", "app.js"}), at("mayfly.toml") +
                                              ":1: memory: the value is not a string; accepted: a string, "
                                              "a size such as 64k, 256m or 1g, from 16m to 512g");
}

TEST_F(LoadTest, WrongValuesOfEveryKind) {
  for (const Strings& arguments : std::vector<Strings>{{"--listen", "8080"},
                                                       {"--listen", "unix:"},
                                                       {"--listen", "h:70000"},
                                                       {"--warmup-path", "a"},
                                                       {"--warmup-path", "/a b"},
                                                       {"--env", "=x"},
                                                       {"--cwd", ""},
                                                       {"--verbose=maybe"},
                                                       {"--volume", "x"},
                                                       {"--volume", "x:y"},
                                                       {"--volume", "x:/y:wo"},
                                                       {"--allow-net", "https://example.com"},
                                                       {"--allow-net", ""},
                                                       {"--proxy-protocol", "localhost"},
                                                       {"--net-connections", "0"},
                                                       {"--net-connections", "33"},
                                                       {"--net-connect-timeout", "0"},
                                                       {"--net-idle-timeout", "60"},
                                                       {"--net-bytes", "1"},
                                                       {"--max-header", "2m"},
                                                       {"--time-slice", "1us"},
                                                       {"--audit=x"},
                                                       {"--vms=-1"}}) {
    Strings line = {"serve", "app.js"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    std::string message = refusal(line);
    std::string flag = arguments.front().substr(0, arguments.front().find('='));
    EXPECT_TRUE(message.starts_with(flag + ": ")) << message;
    EXPECT_NE(message.find("accepted: "), std::string::npos) << message;
  }
}

TEST_F(LoadTest, RulesForTheNetwork) {
  Config defaults = load({"serve", "app.js"}).config;
  EXPECT_TRUE(defaults.allow_net.empty());
  EXPECT_EQ(defaults.net.connections, net::Limits().connections);
  EXPECT_EQ(defaults.net.connect_timeout, net::Limits().connect_timeout);
  EXPECT_EQ(defaults.net.idle_timeout, net::Limits().idle_timeout);
  EXPECT_EQ(defaults.net.bytes, net::Limits().bytes);

  write_config("allow-net = ['*.example.com:443', 'unix:/run/db.sock']\nnet-connections = 4\nnet-bytes = '2m'\n");
  Config config = load({"serve", "--net-idle-timeout", "2m", "--net-connect-timeout", "1s", "app.js"}).config;
  EXPECT_EQ(config.allow_net, (Strings{"*.example.com:443", "unix:/run/db.sock"}));
  EXPECT_EQ(config.net.connections, 4u);
  EXPECT_EQ(config.net.bytes, 2u << 20);
  EXPECT_EQ(config.net.idle_timeout, std::chrono::minutes(2));
  EXPECT_EQ(config.net.connect_timeout, std::chrono::seconds(1));
  EXPECT_EQ(load({"serve", "--allow-net", "a:1", "--allow-net", "[::1]:80", "app.js"}).config.allow_net,
            (Strings{"a:1", "[::1]:80"}));

  EXPECT_EQ(refusal({"serve", "--allow-net", "10.0.0.5/8", "app.js"}),
            "--allow-net: '10.0.0.5/8' has bits set behind its prefix: the block is 10.0.0.0/8; accepted: " +
                std::string(net::kRuleForms));
  write_config("allow-net = ['a', 'b:']\n");
  EXPECT_TRUE(refusal({"serve", "app.js"}).starts_with(at("mayfly.toml") + ":1: allow-net: 'b:' has a port"));
}

TEST_F(LoadTest, BackendsHaveNamesAndUrls) {
  Config defaults = load({"serve", "app.js"}).config;
  EXPECT_TRUE(defaults.backends.empty());
  EXPECT_EQ(defaults.backend_timeout, std::chrono::seconds(30));

  write_config("backend = ['api=https://api.example.com/v1', 'db=http://127.0.0.1:9000']\nbackend-ca = 'ca.pem'\n");
  Config config = load({"serve", "--backend-timeout", "2s", "app.js"}).config;
  ASSERT_EQ(config.backends.size(), 2u);
  EXPECT_EQ(config.backends[0].origin, "https://api.example.com");
  EXPECT_EQ(config.backends[1].name, "db");
  EXPECT_EQ(config.backend_ca, at("ca.pem"));
  EXPECT_EQ(config.backend_timeout, std::chrono::seconds(2));

  EXPECT_EQ(refusal({"serve", "--backend", "api", "app.js"}),
            "--backend: 'api' has no '=' between name and URL; accepted: " + std::string(backend::kTargetForm));
  EXPECT_EQ(refusal({"serve", "--backend", "a=http://x", "--backend", "A=http://y", "app.js"}),
            "--backend a=http://y: there is another backend named a (from --backend)");
}

TEST_F(LoadTest, UnknownNamesComeWithASuggestion) {
  EXPECT_EQ(refusal({"serve", "--memroy", "1g", "app.js"}), "unknown option --memroy; did you mean --memory?");
  EXPECT_EQ(refusal({"serve", "--frobnicate", "app.js"}), "unknown option --frobnicate");
  EXPECT_EQ(refusal({"doctor", "--memory", "1g"}), "unknown option --memory");
  EXPECT_EQ(refusal({"serve", "app.js"}, {"MAYFLY_MEMROY=1g"}),
            "MAYFLY_MEMROY in the environment is not an option; did you mean MAYFLY_MEMORY?");
  write_config("memroy = '1g'\n");
  EXPECT_EQ(refusal({"serve", "app.js"}), at("mayfly.toml") + ":1: unknown key 'memroy'; did you mean memory?");
}

TEST_F(LoadTest, ForeignVariablesAreReportedOnly) {
  Loaded loaded = load({"serve", "app.js"}, {"MAYFLY_SERVICE_HOST=10.0.0.1", "OTHER=1", "MAYFLY_VMS=3"});
  EXPECT_EQ(loaded.unknown_variables, Strings{"MAYFLY_SERVICE_HOST"});
  EXPECT_EQ(loaded.config.vms, 3u);
}

TEST_F(LoadTest, RefusesWhatDoesNotFitTogether) {
  EXPECT_EQ(refusal({"serve", "--vms", "2", "--threads", "3", "app.js"}),
            "--vms 2 is fewer than --threads 3: each thread needs a machine (from --vms and --threads)");
  EXPECT_NE(refusal({"serve", "--memory", "64m", "--request-memory", "65m", "app.js"}), "accepted");
  EXPECT_EQ(refusal({"serve", "--memory", "64m", "--memory", "65m", "app.js"}),
            "--memory: given 2 times, but takes one value");
  EXPECT_EQ(refusal({"serve", "--tcp", "--warmup", "5", "app.js"}),
            "--warmup 5 are requests of HTTP, which --tcp knows nothing of (from --warmup and --tcp)");
  EXPECT_EQ(refusal({"serve", "--listen", "tls:127.0.0.1:443", "--tls-cert", "c.pem", "app.js"}),
            "--listen tls:127.0.0.1:443: TLS needs a certificate and its key: --tls-cert FILE --tls-key FILE (from "
            "--listen)");
  EXPECT_EQ(refusal({"serve", "--admin", "tls:127.0.0.1:443", "app.js"}),
            "--admin tls:127.0.0.1:443: the admin interface does not speak TLS (from --admin)");
  EXPECT_EQ(refusal({"serve", "app.js", "more"}), "unexpected argument 'more'; arguments for the app come after '--'");
  EXPECT_EQ(refusal({"run", "prog"}), "unexpected argument 'prog'; the program and its arguments come after '--'");
  EXPECT_EQ(refusal({"serve", "--warmup"}), "--warmup: the value is missing; accepted: a number, from 0 to 1000000");
}

TEST_F(LoadTest, RefusesUnixSocketsWhereProgramsCanPutLinks) {
  namespace fs = std::filesystem;
  fs::create_directories(at("data/sub"));
  fs::create_directories(at("data-too"));
  fs::create_directory_symlink(at("data/sub"), at("alias"));
  fs::create_directory_symlink(at("data-too"), at("data/planted"));
  const std::string volume = at("data") + ":/data:rw";
  for (const char* socket : {"data/s", "data/sub/s", "data/missing/s", "data/planted/s", "alias/s"}) {
    const std::string rule = "unix:" + at(socket);
    EXPECT_EQ(refusal({"run", "--allow-net", rule, "--volume", volume, "--", "/bin/true"}),
              "--allow-net " + rule + " lies in the writable volume " + at("data") +
                  ", where the program could put a link to any other socket (from --allow-net and --volume)");
    EXPECT_EQ(refusal({"run", "--allow-net", rule, "--volume", at("data") + ":/data", "--", "/bin/true"}), "accepted");
  }
  EXPECT_EQ(refusal({"run", "--allow-net", "unix:" + at("data-too/s"), "--volume", volume, "--", "/bin/true"}),
            "accepted");
}

TEST_F(LoadTest, RefusesBadFiles) {
  write_config("memory = \n");
  EXPECT_TRUE(refusal({"serve", "app.js"}).starts_with(at("mayfly.toml") + ":1: ")) << refusal({"serve", "app.js"});
  write_config("listen = []\n");
  EXPECT_EQ(refusal({"serve", "app.js"}), at("mayfly.toml") + ":1: the list of 'listen' is empty");
  write_config("config = 'x'\n");
  EXPECT_EQ(refusal({"serve", "app.js"}), at("mayfly.toml") + ":1: 'config' cannot be set in a file");
  write_config("listen = [1]\n");
  EXPECT_NE(refusal({"serve", "app.js"}), "accepted");
}

}  // namespace
}  // namespace mayfly::cli
