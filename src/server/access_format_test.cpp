#include "server/access_format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mayfly::server {
namespace {

using namespace std::chrono_literals;

http::AccessRecord example() {
  return {.time = std::chrono::system_clock::time_point(1'700'000'000s + 7ms),
          .number = 42,
          .id = "abc",
          .peer = "192.0.2.1",
          .method = "GET",
          .target = "/a?b=c",
          .host = "site.example",
          .user_agent = "curl/8",
          .status = 200,
          .sent_bytes = 1234,
          .duration = 1'500'000ns,
          .queue = 500'000ns,
          .guest = 250'000ns};
}

/// All bytes but those of plain text, and what would end a quoted text.
std::string hostile() {
  std::string text;
  for (int code = 0; code < 256; ++code) text += static_cast<char>(code);
  return text + "\" 200 0 0.0\r\n2023-11-14T22:13:20.007Z \"forged\"\n\\";
}

TEST(AccessFormat, Text) {
  EXPECT_EQ(format_access(example(), AccessLogFormat::text),
            "2023-11-14T22:13:20.007Z \"192.0.2.1\" \"GET /a?b=c\" 200 1234 0.001500 \"site.example\" \"curl/8\" "
            "\"abc\" 42 queue=0.000500 guest=0.000250\n");
}

TEST(AccessFormat, TextOfWhatIsNotKnown) {
  EXPECT_EQ(format_access({.number = 1, .status = 400}, AccessLogFormat::text),
            "1970-01-01T00:00:00.000Z \"-\" \"-\" 400 0 0.000000 \"-\" \"-\" \"-\" 1 queue=0.000000 guest=0.000000\n");
}

TEST(AccessFormat, Json) {
  EXPECT_EQ(format_access(example(), AccessLogFormat::json),
            R"({"time":"2023-11-14T22:13:20.007Z","id":"abc","request":42,"peer":"192.0.2.1","method":"GET",)"
            R"("target":"/a?b=c","host":"site.example","user_agent":"curl/8","status":200,"bytes":1234,)"
            R"("duration_ns":1500000,"queue_ns":500000,"guest_ns":250000})"
            "\n");
}

TEST(AccessFormat, NoClientCanForgeALineOfText) {
  const std::string text = hostile();
  http::AccessRecord record = example();
  record.method = record.target = record.host = record.user_agent = record.peer = record.id = text;
  const std::string line = format_access(record, AccessLogFormat::text);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  bool quoted = false;
  unsigned quotes = 0;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    EXPECT_TRUE(line[i] >= 0x20 && line[i] < 0x7f) << "byte " << i;
    if (quoted && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
      ++quotes;
    }
  }
  EXPECT_EQ(quotes, 10u) << "five quoted fields";
}

TEST(AccessFormat, NoClientCanForgeALineOfJson) {
  const std::string text = hostile();
  http::AccessRecord record = example();
  record.method = record.target = record.host = record.user_agent = record.peer = record.id = text;
  const std::string line = format_access(record, AccessLogFormat::json);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const nlohmann::json parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed.size(), 13u);
  EXPECT_EQ(parsed.at("status"), 200);
  EXPECT_NE(parsed.at("target").get<std::string>().find("\"forged\"\n\\"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::server
