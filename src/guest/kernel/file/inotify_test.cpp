// inotify where the host has a part in it; the rest is compared with Linux by a guest program.
#include <linux/inotify.h>

#include "guest/kernel/file/files_fixture.h"

namespace mayfly::kernel {
namespace {

class InotifyTest : public FilesTest {
 protected:
  InotifyTest() {
    tree.write("dir/file", "first");
    tree.write("volume/file", "first");
    view->mount_volume("/volume", tree.path("volume"));
    fd = call(__NR_inotify_init1, O_NONBLOCK);
  }
  /// "wd:mask:name " of each event that waits, or "error N".
  std::string events() {
    alignas(inotify_event) char buffer[1000];
    long size = call(__NR_read, fd, buffer, sizeof buffer);
    if (size < 0) return "error " + std::to_string(-size);
    std::string text;
    for (long at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      text += std::to_string(event.wd) + ":" + std::to_string(event.mask) + ":" +
              (event.len > 0 ? buffer + at + sizeof event : "") + " ";
      at += static_cast<long>(sizeof event + event.len);
    }
    return text;
  }
  long watch(const char* path, u32 mask) { return call(__NR_inotify_add_watch, fd, path, mask); }
  long fd = -1;
};

TEST_F(InotifyTest, AWatchGoesAlongWhenAFileIsCopied) {
  EXPECT_EQ(watch("/host/dir/file", IN_MODIFY | IN_CLOSE_WRITE), 1);
  write("/host/dir/file", "second");
  EXPECT_EQ(events(), "1:2: 1:8: ");
  EXPECT_EQ(call(__NR_unlink, "/host/dir/file"), 0);
  EXPECT_EQ(events(), "1:32768: ");
}

TEST_F(InotifyTest, TellsWhatIsDoneToAVolume) {
  EXPECT_EQ(watch("/volume", IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVE), 1);
  write("/volume/new", "x");
  EXPECT_EQ(call(__NR_rename, "/volume/new", "/volume/other"), 0);
  EXPECT_EQ(call(__NR_unlink, "/volume/other"), 0);
  EXPECT_EQ(events(), "1:256:new 1:2:new 1:64:new 1:128:other 1:512:other ");
  tree.write("volume/by-the-host", "x");
  EXPECT_EQ(events(), "error 11");
}

TEST_F(InotifyTest, IsLimited) {
  EXPECT_EQ(watch("/tmp", IN_CREATE | IN_DELETE), 1);
  constexpr int kMany = 9000;
  for (int i = 0; i < kMany; ++i) {
    write("/tmp/file", "");
    EXPECT_EQ(call(__NR_unlink, "/tmp/file"), 0);
  }
  std::string last;
  for (std::string some = events(); some != "error 11"; some = events()) last = some;
  EXPECT_TRUE(last.ends_with("-1:16384: ")) << last;
  EXPECT_EQ(call(__NR_inotify_rm_watch, fd, 1), 0);
  EXPECT_EQ(events(), "1:32768: ");
}

}  // namespace
}  // namespace mayfly::kernel
