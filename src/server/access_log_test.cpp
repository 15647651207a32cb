#include "server/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace mayfly::server {
namespace {

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~AccessLogTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] static std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  [[nodiscard]] static std::ptrdiff_t lines_of(const std::string& path) {
    const std::string text = text_of(path);
    return std::count(text.begin(), text.end(), '\n');
  }
  template <typename Condition>
  static void wait_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  std::string folder_ = testing::TempDir() + "/access-log-" + std::to_string(::getpid());
  std::string path_ = folder_ + "/log";
  std::ostringstream said_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_)};
  EventSignal reopen_;
};

TEST_F(AccessLogTest, WritesALineForEachRecord) {
  {
    AccessLog access({.path = path_}, reopen_, log_);
    const http::AccessLog one = access.way_in(), other = access.way_in();
    for (int i = 0; i < 1000; ++i) {
      one({.number = 1, .method = "GET", .target = "/one"});
      other({.number = 2, .method = "GET", .target = "/other"});
    }
    wait_until([&] { return access.written() == 2000; });
    EXPECT_EQ(access.dropped(), 0u);
  }
  EXPECT_EQ(lines_of(path_), 2000);
  EXPECT_EQ(said_.str(), "");
}

TEST_F(AccessLogTest, WritesAtOnceThoughNothingFollows) {
  AccessLog access({.path = path_}, reopen_, log_);
  const http::AccessLog way_in = access.way_in();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    way_in({.number = i});
    wait_until([&] { return access.written() == i; });
  }
}

TEST_F(AccessLogTest, TheEndWaitsForNoLine) {
  {
    AccessLog access({.path = path_, .format = AccessLogFormat::json}, reopen_, log_);
    access.way_in()({.number = 5});
  }
  EXPECT_TRUE(text_of(path_).starts_with("{\"time\":")) << text_of(path_);
}

TEST_F(AccessLogTest, GoesOnInAnotherFileWhenToldSo) {
  AccessLog access({.path = path_}, reopen_, log_);
  const http::AccessLog way_in = access.way_in();
  way_in({.number = 1});
  wait_until([&] { return access.written() == 1; });
  std::filesystem::rename(path_, path_ + ".1");
  way_in({.number = 2});
  wait_until([&] { return access.written() == 2; });
  EXPECT_EQ(lines_of(path_ + ".1"), 2) << "it has not been told yet";
  reopen_.raise();
  wait_until([&] { return std::filesystem::exists(path_); });
  way_in({.number = 3});
  wait_until([&] { return access.written() == 3; });
  EXPECT_EQ(lines_of(path_), 1);
  EXPECT_EQ(lines_of(path_ + ".1"), 2);
}

TEST_F(AccessLogTest, AFileThatCannotBeOpenedAnewIsKept) {
  AccessLog access({.path = path_}, reopen_, log_);
  const http::AccessLog way_in = access.way_in();
  std::filesystem::rename(path_, path_ + ".1");
  std::filesystem::create_directory(path_);
  reopen_.raise();
  way_in({.number = 1});
  wait_until([&] { return access.written() == 1; });
  EXPECT_EQ(lines_of(path_ + ".1"), 1);
}

TEST_F(AccessLogTest, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_THROW(AccessLog({.path = folder_ + "/none/log"}, reopen_, log_), Error);
}

TEST_F(AccessLogTest, AReaderThatTakesNothingHoldsUpNobody) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const UniqueFd reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  AccessLog access({.path = path_}, reopen_, log_);
  const http::AccessLog way_in = access.way_in();
  const std::string target(4000, 'x');
  std::uint64_t told = 0;
  for (; access.dropped() == 0; ++told) way_in({.number = told, .target = target});
  EXPECT_GT(told, 100u);
}

TEST_F(AccessLogTest, AFullDiskIsSaidOnceAndCounted) {
  {
    AccessLog access({.path = "/dev/full"}, reopen_, log_);
    const http::AccessLog way_in = access.way_in();
    for (std::uint64_t i = 1; i <= 3; ++i) {
      way_in({.number = i});
      wait_until([&] { return access.dropped() == i; });
    }
    EXPECT_EQ(access.written(), 0u);
  }
  const std::string said = said_.str();
  EXPECT_NE(said.find("the access log /dev/full cannot be written: No space left on device"), std::string::npos);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
}

}  // namespace
}  // namespace mayfly::server
