#include "cli/pid_file.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

class PidFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string contents() const {
    std::ifstream file(path_);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::ostringstream said_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_)};
  TestFolder folder_;
  std::filesystem::path path_ = folder_.path() / "pid";
};

TEST_F(PidFileTest, IsThereWhileTheProcessServes) {
  std::optional<PidFile> file(std::in_place, path_, log_);
  EXPECT_FALSE(std::filesystem::exists(path_));
  file->write();
  EXPECT_EQ(contents(), std::to_string(::getpid()) + "\n");
  file.reset();
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(PidFileTest, ReplacesWhatIsThereAndLeavesWhatComesLater) {
  folder_.write("pid", "1\n");
  std::optional<PidFile> file(std::in_place, path_, log_);
  file->write();
  EXPECT_EQ(contents(), std::to_string(::getpid()) + "\n");
  folder_.write("pid", "1\n");
  file.reset();
  EXPECT_EQ(contents(), "1\n");
}

TEST_F(PidFileTest, NeedsAFolder) {
  EXPECT_THROW(PidFile(folder_.path() / "none" / "pid", log_), Error);
  PidFile without(std::nullopt, log_);
  without.write();
}

TEST_F(PidFileTest, AFailureIsLogged) {
  std::filesystem::create_directory(path_);
  folder_.write("pid/file", "");
  PidFile(path_, log_).write();
  EXPECT_NE(said_.str().find("cannot be written"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

}  // namespace
}  // namespace mayfly::cli
