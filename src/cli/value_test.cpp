#include "cli/value.h"

#include <gtest/gtest.h>

namespace mayfly::cli {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

TEST(Value, Sizes) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("64k"), 65'536u);
  EXPECT_EQ(parse_size("256M"), 256u << 20);
  EXPECT_EQ(parse_size("1g"), 1u << 30);
  for (const char* wrong :
       {"", "k", "64", "1.5g", "-1m", "+1m", "64kb", "64 k", "0x10k", "9999999999g", "99999999999999999999k"}) {
    EXPECT_THROW(static_cast<void>(parse_size(wrong)), BadValue) << wrong;
  }
}

TEST(Value, Durations) {
  EXPECT_EQ(parse_duration("0"), microseconds(0));
  EXPECT_EQ(parse_duration("250us"), microseconds(250));
  EXPECT_EQ(parse_duration("500ms"), microseconds(500'000));
  EXPECT_EQ(parse_duration("2m"), microseconds(120'000'000));
  EXPECT_EQ(parse_duration("1H"), hours(1));
  for (const char* wrong : {"", "ms", "30", "1.5s", "-1s", "30 s", "30sec", "99999999999999h"}) {
    EXPECT_THROW(static_cast<void>(parse_duration(wrong)), BadValue) << wrong;
  }
}

TEST(Value, CountsAndSwitches) {
  EXPECT_EQ(parse_count("0"), 0u);
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* wrong : {"", "-1", "1k", "1.0", " 1", "18446744073709551616"}) {
    EXPECT_THROW(static_cast<void>(parse_count(wrong)), BadValue) << wrong;
  }
  EXPECT_TRUE(parse_switch("true"));
  EXPECT_TRUE(parse_switch("1"));
  EXPECT_FALSE(parse_switch("false"));
  EXPECT_FALSE(parse_switch("0"));
  EXPECT_THROW(static_cast<void>(parse_switch("yes")), BadValue);
}

TEST(Value, FormatsReadBack) {
  for (const char* size : {"0", "1k", "1536k", "3m", "1025m", "2g", "1t"})
    EXPECT_EQ(format_size(parse_size(size)), size);
  for (const char* time : {"0", "1us", "1500us", "2ms", "90s", "2m", "1h"}) {
    EXPECT_EQ(format_duration(parse_duration(time)), time);
  }
}

TEST(Value, SaysWhatIsWrong) {
  auto reason = [](const char* text) -> std::string {
    try {
      static_cast<void>(parse_size(text));
      return "accepted";
    } catch (const BadValue& bad) {
      return bad.what();
    }
  };
  EXPECT_EQ(reason("512"), "has no unit");
  EXPECT_EQ(reason("12q"), "has an unknown unit, 'q'");
  EXPECT_EQ(reason("much"), "is not a size");
  EXPECT_EQ(reason("99999999999t"), "is too large");
}

}  // namespace
}  // namespace mayfly::cli
