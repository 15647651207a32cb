#include "server/watched_paths.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/test_folder.h"

namespace mayfly::server {
namespace {

namespace fs = std::filesystem;

/// The kernel queues an event before the system call that causes it comes back: no test has to wait.
class WatchedPathsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() / name; }
  void add(const std::string& name) { ASSERT_EQ(paths_.add(path(name)), 0) << name; }
  /// @return the first path that has changed, below the folder; "" if none has
  [[nodiscard]] std::string change() {
    const WatchedPaths::Changes changes = paths_.take_changes();
    if (changes.events == 0) return "";
    return changes.first.empty() ? "overflow" : fs::path(changes.first).lexically_relative(folder_.path()).string();
  }

  cli::TestFolder folder_;
  WatchedPaths paths_;
};

TEST_F(WatchedPathsTest, AFileThatIsWritten) {
  folder_.write("app.js", "1");
  add("app.js");
  EXPECT_EQ(change(), "");
  folder_.write("app.js", "2");
  EXPECT_EQ(change(), "app.js");
  EXPECT_EQ(change(), "");
}

TEST_F(WatchedPathsTest, OtherFilesDoNotMatter) {
  folder_.write("app.js", "1");
  add("app.js");
  folder_.write("other.js", "1");
  folder_.write("folder/app.js", "1");
  EXPECT_EQ(change(), "");
}

TEST_F(WatchedPathsTest, AFileThatIsReplacedByRenameAsEditorsDo) {
  folder_.write("app.js", "1");
  add("app.js");
  for (int i = 0; i < 3; ++i) {
    fs::rename(folder_.write(".app.js.swp", "2"), path("app.js"));
    EXPECT_EQ(change(), "app.js");
  }
}

TEST_F(WatchedPathsTest, AFileThatIsRemovedAndMadeAgain) {
  folder_.write("app.js", "1");
  add("app.js");
  fs::remove(path("app.js"));
  EXPECT_EQ(change(), "app.js");
  folder_.write("app.js", "1");
  EXPECT_EQ(change(), "app.js");
}

TEST_F(WatchedPathsTest, AFileThatWasLookedForInVain) {
  add("package.json");
  EXPECT_EQ(change(), "");
  folder_.write("package.json", "{}");
  EXPECT_EQ(change(), "package.json");
}

TEST_F(WatchedPathsTest, AFileInAFolderThatIsNotThereYet) {
  add("routes/api/users.js");
  fs::create_directory(path("routes"));
  EXPECT_EQ(change(), "routes");
  add("routes/api/users.js");
  fs::create_directory(path("routes/api"));
  EXPECT_EQ(change(), "routes/api");
  add("routes/api/users.js");
  folder_.write("routes/api/users.js", "1");
  EXPECT_EQ(change(), "routes/api/users.js");
}

TEST_F(WatchedPathsTest, AFolderThatIsRemovedAndMadeAgain) {
  folder_.write("src/app.js", "1");
  add("src/app.js");
  fs::remove_all(path("src"));
  EXPECT_NE(change(), "");
  folder_.write("src/app.js", "2");
  EXPECT_EQ(change(), "src");
}

TEST_F(WatchedPathsTest, AFolderThatAnotherTakesThePlaceOf) {
  folder_.write("src/app.js", "1");
  folder_.write("new/app.js", "2");
  add("src/app.js");
  fs::rename(path("src"), path("old"));
  fs::rename(path("new"), path("src"));
  EXPECT_EQ(change(), "src");
  paths_.begin_round();
  add("src/app.js");
  folder_.write("old/app.js", "3");
  EXPECT_EQ(change(), "");
  folder_.write("src/app.js", "3");
  EXPECT_EQ(change(), "src/app.js");
}

TEST_F(WatchedPathsTest, NamesInAFolderThatWasListed) {
  folder_.write("pages/one.js", "1");
  ASSERT_EQ(paths_.add_listing(path("pages")), 0);
  folder_.write("pages/one.js", "2");
  EXPECT_EQ(change(), "");
  folder_.write("pages/two.js", "2");
  EXPECT_EQ(change(), "pages/two.js");
  fs::remove(path("pages/one.js"));
  EXPECT_EQ(change(), "pages/one.js");
}

TEST_F(WatchedPathsTest, ARoundForgetsTheOneBefore) {
  folder_.write("src/old.js", "1");
  folder_.write("src/new.js", "1");
  add("src/old.js");
  paths_.begin_round();
  add("src/new.js");
  folder_.write("src/old.js", "2");
  EXPECT_EQ(change(), "");
  folder_.write("src/new.js", "2");
  EXPECT_EQ(change(), "src/new.js");
}

TEST_F(WatchedPathsTest, FoldersOfOldRoundsAreNotWatched) {
  folder_.write("src/old.js", "1");
  add("src/old.js");
  for (int round = 0; round < 2; ++round) paths_.begin_round();
  folder_.write("src/old.js", "2");
  fs::remove_all(path("src"));
  EXPECT_EQ(change(), "");
}

TEST_F(WatchedPathsTest, MoreEventsThanTheKernelKeepsAreAChange) {
  folder_.write("app.js", "1");
  folder_.write("one", "1");
  folder_.write("two", "1");
  add("app.js");
  std::size_t kept = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
  ASSERT_GT(kept, 0U);
  for (std::size_t i = 0; i < kept; ++i) {  // each rename is two events
    fs::rename(path(i % 2 == 0 ? "one" : "three"), path(i % 2 == 0 ? "three" : "one"));
  }
  EXPECT_EQ(change(), "overflow");
}

TEST_F(WatchedPathsTest, PathsHaveALimit) {
  for (std::size_t i = 0; i < WatchedPaths::kMaxPaths; ++i) add(std::to_string(i));
  EXPECT_EQ(paths_.add(path("one-more")), ENOSPC);
  EXPECT_EQ(paths_.add(path("0")), 0);
}

}  // namespace
}  // namespace mayfly::server
