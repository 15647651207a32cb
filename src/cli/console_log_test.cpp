#include "cli/console_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace mayfly::cli {
namespace {

using Lines = std::vector<std::string>;

class ConsoleLogTest : public testing::Test {
 protected:
  ConsoleLogTest() : logger_("test", std::make_shared<spdlog::sinks::ostream_sink_st>(text_)) {
    logger_.set_pattern("%v");
  }

  Lines logged() {
    Lines lines;
    for (std::string line; std::getline(text_, line);) lines.push_back(line);
    text_.clear();
    return lines;
  }

  static void write(ConsoleLog& console, std::uint64_t request, std::string_view text) {
    console.write(request, std::as_bytes(std::span(text)));
  }

  std::stringstream text_;
  spdlog::logger logger_;
};

TEST_F(ConsoleLogTest, JoinsPiecesAndTagsLines) {
  ConsoleLog console(logger_);
  write(console, ConsoleLog::kBoot, "list");
  write(console, 7, "one\ntw");
  write(console, ConsoleLog::kBoot, "ening\n");
  write(console, 7, "o\r\n\nthree");
  console.finish(7);
  EXPECT_EQ(logged(),
            (Lines{"[request 7] one", "[boot] listening", "[request 7] two", "[request 7] ", "[request 7] three"}));
}

TEST_F(ConsoleLogTest, CutsLongLines) {
  ConsoleLog console(logger_, {.line_bytes = 4, .lines = 100, .kept_lines = 5});
  write(console, 1, "abcdefghij\nwxyz\n");
  EXPECT_EQ(logged(), (Lines{"[request 1] abcd", "[request 1] efgh", "[request 1] ij", "[request 1] wxyz"}));
}

TEST_F(ConsoleLogTest, ALineOfExactlyTheLimitIsNotFollowedByAnEmptyOne) {
  ConsoleLog console(logger_, {.line_bytes = 4, .lines = 100, .kept_lines = 5});
  write(console, 1, "abcd");
  write(console, 1, "\ne\n");
  write(console, 1, "abcd");
  write(console, 1, "ef\n");
  EXPECT_EQ(logged(), (Lines{"[request 1] abcd", "[request 1] e", "[request 1] abcd", "[request 1] ef"}));
}

TEST_F(ConsoleLogTest, KeepsTheLastLinesOfEachRequest) {
  ConsoleLog console(logger_, {.line_bytes = 100, .lines = 100, .kept_lines = 2});
  write(console, 1, "a\nb\nc\n");
  write(console, 2, "other\n");
  EXPECT_EQ(console.last_lines(1), (Lines{"b", "c"}));
  write(console, 1, "unfinished");
  EXPECT_EQ(console.last_lines(1), (Lines{"c", "unfinished"}));
  EXPECT_EQ(console.last_lines(2), Lines{"other"});
  console.finish(1);
  EXPECT_EQ(console.last_lines(1), Lines{});
}

TEST_F(ConsoleLogTest, AFloodIsCountedInsteadOfLogged) {
  ConsoleLog console(logger_, {.line_bytes = 100, .lines = 2, .kept_lines = 1});
  write(console, 1, "a\nb\nc\nd\ne\n");
  EXPECT_EQ(console.last_lines(1), Lines{"e"});
  console.finish(1);
  EXPECT_EQ(logged(), (Lines{"[request 1] a", "[request 1] b", "[request 1] 3 more lines of output were not logged"}));
}

TEST_F(ConsoleLogTest, ControlCharactersDoNotReachTheTerminal) {
  ConsoleLog console(logger_);
  write(console, 1, std::string_view("\x1b[2J\tok\0\x7f\xc3\xa9\n", 12));
  EXPECT_EQ(logged(), Lines{"[request 1] \\x1b[2J\tok\\x00\\x7f\xc3\xa9"});
}

}  // namespace
}  // namespace mayfly::cli
