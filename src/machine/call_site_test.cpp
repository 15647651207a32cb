// Call sites in this very program, and what a hostile guest may say instead.
#include "machine/call_site.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/test_folder.h"

namespace mayfly::machine {
namespace {

std::string own_path() {
  return std::filesystem::canonical("/proc/self/exe");
}

/// The offset in this program's file of what is at an address.
u64 offset_of(const void* pointer) {
  const auto address = reinterpret_cast<u64>(pointer);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    u64 begin = 0;
    u64 end = 0;
    u64 offset = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &begin, &end, &offset) != 3) continue;
    if (begin <= address && address < end) return offset + (address - begin);
  }
  return 0;
}

class CallSiteTest : public testing::Test {
 protected:
  CallSiteTest() {
    EXPECT_TRUE(view.allow(own_path()));
    EXPECT_TRUE(view.allow(folder.path()));
  }
  /// As if a call in the function, a byte behind its beginning, were what is returned to.
  [[nodiscard]] CodePlace in(void (*function)(), u64 called = 0) const {
    return {own_path(), offset_of(reinterpret_cast<const void*>(function)) + 1, called};
  }

  cli::TestFolder folder;
  host::FileView view;
};

extern "C" {
[[gnu::noinline]] void call_site_test_inner() {
  asm volatile("nop; nop; nop");
}
[[gnu::noinline]] void call_site_test_outer() {
  call_site_test_inner();
  asm volatile("nop; nop; nop");
}
}

TEST_F(CallSiteTest, NamesFunctions) {
  const std::vector<CodePlace> places = {in(call_site_test_inner)};
  EXPECT_EQ(describe_call_site(places, view), "call_site_test_inner+0x1 (" + own_path() + ")");
  EXPECT_EQ(describe_call_site({}, view), "");
}

TEST_F(CallSiteTest, NamesCallersThatFitAndNoOthers) {
  const u64 inner = offset_of(reinterpret_cast<const void*>(call_site_test_inner));
  const u64 outer = offset_of(reinterpret_cast<const void*>(call_site_test_outer));
  const std::string expected = "call_site_test_inner+0x1 (" + own_path() + ")";
  const std::vector<CodePlace> stale = {in(call_site_test_inner), in(call_site_test_outer, outer)};
  EXPECT_EQ(describe_call_site(stale, view), expected);
  const std::vector<CodePlace> fitting = {stale[0], stale[1], in(call_site_test_outer, inner)};
  EXPECT_EQ(describe_call_site(fitting, view), expected + ", from call_site_test_outer+0x1 (" + own_path() + ")");
}

TEST_F(CallSiteTest, WhatHasNoSymbolsIsAPlaceInAFile) {
  const std::string text = folder.write("text", "no program at all");
  const std::string empty = folder.write("empty", "");
  std::string own(4096, ' ');
  std::ifstream(own_path()).read(own.data(), static_cast<std::streamsize>(own.size()));
  const std::string cut = folder.write("cut", own);
  for (const std::string& path : {text, empty, cut, folder.path().string(), std::string("/etc/shadow"),
                                  std::string("/etc/../etc/passwd"), std::string("relative"), std::string("")}) {
    for (const u64 offset : {u64{0}, u64{1}, u64{0x1234}, ~u64{0}}) {
      const std::vector<CodePlace> places = {{path, offset, ~u64{0}}, {path, offset, 1}};
      EXPECT_EQ(describe_call_site(places, view).find(path + "+0x"), 0U) << path;
    }
  }
}

}  // namespace
}  // namespace mayfly::machine
