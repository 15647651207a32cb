#include "host/default_view.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <algorithm>
#include <span>

#include "abi/outbound.h"
#include "base/error.h"
#include "host/temporary_tree.h"
#include "host/test_guest.h"

namespace mayfly::host {
namespace {

using Kind = FileView::Kind;

std::string self() {
  return std::filesystem::canonical("/proc/self/exe");
}

TEST(DefaultView, HasTheProgramItsLinkerAndLibraries) {
  auto view = default_view({.program = self(), .project = {}, .home = {}, .read = {}});
  EXPECT_EQ(view->find(self()).kind, Kind::host);
  EXPECT_EQ(view->find("/etc/hosts").kind, Kind::host);
  EXPECT_EQ(view->find("/usr/lib").kind, Kind::host);
  EXPECT_EQ(view->find("/etc/shadow").kind, Kind::denied);
  EXPECT_EQ(view->find("/etc/ld.so.preload").kind, Kind::missing);
  EXPECT_EQ(view->find("/tmp").kind, Kind::virtual_directory);
  EXPECT_EQ(view->find("/proc/self").kind, Kind::missing);
}

TEST(DefaultView, ShowsTheFoldersOfPathButNothingInThem) {
  auto view = default_view({.program = self(), .project = {}, .home = {}, .read = {}});
  EXPECT_EQ(view->find("/usr/bin").kind, Kind::virtual_directory);
  EXPECT_EQ(view->find("/usr/bin/env").kind, Kind::denied);
  EXPECT_EQ(view->find("/usr/bin/no-such-program").kind, Kind::missing);
  Kind bin = view->find("/bin").kind;
  EXPECT_TRUE(bin == Kind::link || bin == Kind::virtual_directory);
}

TEST(DefaultView, ShowsFilesThatTheHostDoesNotHave) {
  auto view = default_view(
      {.program = self(), .project = {}, .home = {}, .read = {}, .files = {{"/run/mayfly/script.js", "contents"}}});
  EXPECT_EQ(view->find("/run/mayfly/script.js").kind, Kind::host);
  EXPECT_EQ(view->find("/run/mayfly").kind, Kind::virtual_directory);
  EXPECT_EQ(view->find("/run/mayfly/other.js").kind, Kind::missing);
}

TEST(DefaultView, FindsTheDynamicLinker) {
  std::vector<std::string> paths = library_paths("/bin/sh");
  EXPECT_NE(std::ranges::find(paths, "/lib64/ld-linux-x86-64.so.2"), paths.end());
  EXPECT_TRUE(library_paths("/etc/hosts").empty());
  EXPECT_TRUE(library_paths("/nothing").empty());
}

TEST(DefaultView, HomeIsEmptyButForTheProject) {
  TemporaryTree tree;
  tree.write("home/.netrc", "x");
  tree.write("home/app/main.js", "x");
  tree.write("data/file", "x");
  auto view = default_view({.program = self(),
                            .project = tree.path("home/app"),
                            .home = tree.path("home") + "/",
                            .read = {tree.path("data")}});
  EXPECT_EQ(view->find(tree.path("home/.netrc")).kind, Kind::missing);
  EXPECT_EQ(view->find(tree.path("home/app/main.js")).kind, Kind::host);
  EXPECT_EQ(view->find(tree.path("data/file")).kind, Kind::host);
}

TEST(DefaultView, WithAResolverItsFilesComeInPlaceOfTheHosts) {
  ViewRequest request{.program = self(), .project = {}, .home = {}, .read = {"/etc"}};
  EXPECT_EQ(default_view(request)->find("/etc/resolv.conf").relative, "resolv.conf") << "the host's";
  request.resolver = true;
  auto view = default_view(request);
  FileService service(view, std::make_shared<DenialLog>([](const std::string&) {}));
  Guest guest(service);
  EXPECT_TRUE(guest.read(guest.open("/etc/resolv.conf"), 1000).starts_with("nameserver 127.0.0.53\n"));
  std::string services = guest.read(guest.open("/etc/nsswitch.conf"), 1000);
  EXPECT_NE(services.find("\nhosts: files dns\n"), std::string::npos) << services;
  EXPECT_EQ(view->find("/etc/hosts").relative, "hosts") << "stays the host's";
}

TEST(DefaultView, AddsHostsToTheHostsOwn) {
  ViewRequest request{.program = self(), .project = {}, .home = {}, .read = {}};
  request.hosts = {{"192.0.2.16", "api.mayfly"}, {"192.0.2.17", "db.mayfly"}};
  FileService service(default_view(request), std::make_shared<DenialLog>([](const std::string&) {}));
  Guest guest(service);
  const std::string hosts = guest.read(guest.open("/etc/hosts"), 100'000);
  std::ostringstream own;
  own << std::ifstream("/etc/hosts").rdbuf();
  EXPECT_TRUE(hosts.starts_with(own.str())) << hosts;
  EXPECT_TRUE(hosts.ends_with("\n192.0.2.16 api.mayfly\n192.0.2.17 db.mayfly\n")) << hosts;
}

TEST(DefaultView, TheResolverIsWhereItsFileSays) {
  constexpr u8 kAddress[] = {127, 0, 0, 53};
  EXPECT_TRUE(std::ranges::equal(std::span(abi::kResolverAddress).last(4), kAddress));
  EXPECT_EQ(abi::kResolverPort, 53) << "resolv.conf can name no other";
}

TEST(DefaultView, SaysWhatDoesNotExist) {
  ViewRequest request{.program = "/nothing/here", .project = {}, .home = {}, .read = {}};
  try {
    default_view(request);
    FAIL() << "a missing program was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/nothing/here"), std::string::npos);
  }
}

TEST(DefaultView, HasVolumesAndRefusesSomePlaces) {
  TemporaryTree tree;
  tree.write("shown/file", "x");
  ViewRequest request{.program = self(), .project = {}, .home = {}, .read = {}};
  request.volumes = {{tree.path("shown"), "/data/", true}, {tree.path("shown"), "/only/read", false}};
  auto view = default_view(request);
  EXPECT_TRUE(view->find("/data/file").writable);
  EXPECT_EQ(view->find("/only/read/file").kind, FileView::Kind::host);
  EXPECT_FALSE(view->find("/only/read/file").writable);
  for (const char* path : {"/", "/proc", "/proc/self", "/sys/x", "/dev/shm", "/a/../b"}) {
    request.volumes = {{tree.path("shown"), path, true}};
    EXPECT_THROW(default_view(request), Error) << path;
  }
  request.volumes = {{tree.path("missing"), "/data", true}};
  EXPECT_THROW(default_view(request), Error);
}

}  // namespace
}  // namespace mayfly::host
