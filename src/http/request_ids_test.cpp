#include "http/request_ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mayfly::http {
namespace {

TEST(RequestIds, NoTwoAreTheSame) {
  const Options options;
  loop::Counter syscalls;
  RequestIds one(options, syscalls), other(options, syscalls);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    ids.emplace(one.next());
    ids.emplace(other.next());
  }
  EXPECT_EQ(ids.size(), 2000u);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 32u);
    EXPECT_TRUE(is_request_id(id)) << id;
  }
}

TEST(RequestIds, OneSystemCallIsForMany) {
  const Options options;
  loop::Counter syscalls;
  RequestIds ids(options, syscalls);
  for (int i = 0; i < 256; ++i) static_cast<void>(ids.next());
  EXPECT_EQ(syscalls.get(), 1u);
  static_cast<void>(ids.next());
  EXPECT_EQ(syscalls.get(), 2u);
}

TEST(RequestIds, OnlyPlainTextIsTaken) {
  for (const char* good : {"a", "Z9", "a.b_c-d", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}) {
    EXPECT_TRUE(is_request_id(good)) << good;
  }
  for (const char* bad : {"", " ", "a b", "a\"b", "a\\b", "a/b", "a=b", "a\tb", "a\x7f", "\xc3\xa4"}) {
    EXPECT_FALSE(is_request_id(bad)) << bad;
  }
  EXPECT_FALSE(is_request_id(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_request_id(std::string(128, 'x')));
  EXPECT_FALSE(is_request_id(std::string(129, 'x')));
}

}  // namespace
}  // namespace mayfly::http
