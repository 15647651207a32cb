#include "host/file_view.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "host/temporary_tree.h"

namespace mayfly::host {
namespace {

using Kind = FileView::Kind;

TEST(FileView, KnowsNormalPaths) {
  for (const char* path : {"/", "/a", "/a/b", "/a/...", "/.a"}) EXPECT_TRUE(FileView::is_normal(path)) << path;
  for (const char* path : {"", "a", "//", "/a/", "/a//b", "/.", "/a/..", "/../a", "/a/./b"}) {
    EXPECT_FALSE(FileView::is_normal(path)) << path;
  }
  EXPECT_FALSE(FileView::is_normal(std::string_view("/a\0b", 4)));
}

TEST(FileView, ShowsOnlyWhatWasAdded) {
  TemporaryTree tree;
  tree.write("app/index.html", "x");
  tree.write("secret/key", "x");
  FileView view;
  ASSERT_TRUE(view.allow(tree.path("app")));

  FileView::Found found = view.find(tree.path("app/sub/file"));
  EXPECT_EQ(found.kind, Kind::host);
  EXPECT_EQ(found.relative, "sub/file");
  EXPECT_EQ(view.find(tree.path("app")).relative, ".");
  EXPECT_EQ(view.find(tree.path()).kind, Kind::virtual_directory);
  EXPECT_EQ(view.find("/").kind, Kind::virtual_directory);
  EXPECT_EQ(view.find(tree.path("secret")).kind, Kind::denied);
  EXPECT_EQ(view.find(tree.path("secret/key")).kind, Kind::denied);
  EXPECT_EQ(view.find(tree.path("secret/nothing")).kind, Kind::denied);
  EXPECT_EQ(view.find(tree.path("nothing")).kind, Kind::missing);
  EXPECT_EQ(view.find("/etc/shadow").kind, Kind::denied);
}

TEST(FileView, AddsTheLinksOnTheWay) {
  TemporaryTree tree;
  tree.write("real/dir/file", "x");
  tree.link("real", "relative");
  tree.link(tree.path("relative/dir"), "absolute");
  FileView view;
  ASSERT_TRUE(view.allow(tree.path("absolute/file")));
  ASSERT_EQ(view.find(tree.path("absolute")).kind, Kind::link);
  EXPECT_EQ(view.find(tree.path("absolute")).node->target, tree.path("relative/dir"));
  EXPECT_EQ(view.find(tree.path("relative")).kind, Kind::link);
  EXPECT_EQ(view.find(tree.path("real/dir/file")).relative, "file");
  EXPECT_EQ(view.find(tree.path("real/dir/other")).kind, Kind::missing);
  EXPECT_EQ(view.find(tree.path("absolute/file")).kind, Kind::not_directory);
}

TEST(FileView, DoesNotFollowLoopsForEver) {
  TemporaryTree tree;
  tree.link("b", "a");
  tree.link("a", "b");
  FileView view;
  EXPECT_FALSE(view.allow(tree.path("a")));
  EXPECT_FALSE(view.allow(tree.path("nothing")));
}

TEST(FileView, EmptyDirectoriesHideTheHost) {
  TemporaryTree tree;
  tree.write("home/.ssh/id", "x");
  tree.write("home/app/main.js", "x");
  FileView view;
  view.add_empty_directory(tree.path("home"), 0700);
  ASSERT_TRUE(view.allow(tree.path("home/app")));
  EXPECT_EQ(view.find(tree.path("home")).kind, Kind::virtual_directory);
  EXPECT_EQ(view.find(tree.path("home/.ssh")).kind, Kind::missing);
  EXPECT_EQ(view.find(tree.path("home/.ssh/id")).kind, Kind::missing);
  EXPECT_EQ(view.find(tree.path("home/app/main.js")).kind, Kind::host);

  ASSERT_TRUE(view.allow(tree.path()));
  EXPECT_EQ(view.find(tree.path("home/.ssh")).kind, Kind::missing) << "an allowed tree around it showed it";
  EXPECT_EQ(view.find(tree.path("home/app/main.js")).relative, "main.js");
}

TEST(FileView, MountsElsewhere) {
  TemporaryTree tree;
  tree.write("outer/x", "x");
  tree.write("inner/y", "y");
  FileView view;
  view.mount("/srv", tree.path("outer"));
  view.mount("/srv/a/b", tree.path("inner"));
  EXPECT_EQ(view.find("/srv/x").relative, "x");
  EXPECT_EQ(view.find("/srv/a/c").relative, "a/c") << "between two trees the outer one goes on";
  EXPECT_EQ(view.find("/srv/a/b/y").relative, "y");
  EXPECT_NE(view.find("/srv/a/b/y").root, view.find("/srv/x").root);
  EXPECT_THROW(view.mount("/srv/z", tree.path("nothing")), SystemError);
  EXPECT_THROW(view.mount("relative", tree.path()), Error);
}

}  // namespace
}  // namespace mayfly::host
