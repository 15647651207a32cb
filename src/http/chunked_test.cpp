#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mayfly::http {
namespace {

struct Decoded {
  std::string payload;
  std::size_t consumed = 0;
  bool complete = false;
  std::string error;

  bool operator==(const Decoded&) const = default;
};

/// Decodes with `step` bytes at a time.
Decoded decode(std::string_view text, std::size_t step, std::size_t overhead_limit = 100) {
  ChunkedDecoder decoder;
  decoder.start(overhead_limit);
  Decoded decoded;
  while (decoded.consumed < text.size() && !decoder.complete() && decoder.error().empty()) {
    const std::string_view piece = text.substr(decoded.consumed, step);
    std::span<const std::byte> payload;
    decoded.consumed += decoder.next(std::as_bytes(std::span(piece)), payload);
    decoded.payload.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  }
  decoded.complete = decoder.complete();
  decoded.error = decoder.error();
  return decoded;
}

TEST(ChunkedDecoder, DecodesHoweverTheBytesArrive) {
  const std::string body = "4\r\nwiki\r\n00000A;name=\"value\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n";
  for (const std::size_t step : {1, 2, 3, 7, 1000}) {
    const Decoded decoded = decode(body + "GET /", step);
    EXPECT_EQ(decoded.payload, "wiki0123456789");
    EXPECT_TRUE(decoded.complete);
    EXPECT_EQ(decoded.consumed, body.size()) << "the next request is not the body's";
  }
}

TEST(ChunkedDecoder, RefusesMalformedChunks) {
  const std::vector<std::string> cases = {
      "\r\n",
      ";ext\r\n",
      "g\r\n",
      "-1\r\n",
      "0x4\r\n",
      " 4\r\n",
      "4 \r\n",
      "4\nwiki\r\n",
      "4\r\nwiki\n",
      "4\r\nwikipedia\r\n",
      "4\r\nwik\r\n0\r\n\r\n",
      "4\rwiki",
      "4;a\nb\r\n",
      "4;a\rb\r\n",
      "1000000000000000\r\n",
      "0\r\n:\r\n\r\n",
      "0\r\n folded\r\n\r\n",
      "0\r\nX : 1\r\n\r\n",
      "0\r\nno-colon\r\n\r\n",
      "0\r\nX: a\nb\r\n\r\n",
      "0\r\n\rX",
      "0\r\n\n",
  };
  for (const std::string& text : cases) {
    const Decoded whole = decode(text, text.size());
    EXPECT_FALSE(whole.error.empty()) << text;
    EXPECT_FALSE(whole.complete) << text;
    const Decoded bytewise = decode(text, 1);
    EXPECT_EQ(bytewise.error, whole.error) << text;
    EXPECT_EQ(bytewise.payload, whole.payload) << text;
  }
}

TEST(ChunkedDecoder, LimitsWhatIsNotPayload) {
  EXPECT_TRUE(decode("1;" + std::string(99, 'x') + "\r\na\r\n0\r\n\r\n", 1000).error.empty());
  EXPECT_FALSE(decode("1;" + std::string(101, 'x') + "\r\na\r\n0\r\n\r\n", 1000).error.empty());
  EXPECT_FALSE(decode("0\r\nX: " + std::string(101, 'x') + "\r\n\r\n", 1000).error.empty());
}

TEST(ChunkedDecoder, UndoesWhatTheEncoderDoes) {
  Buffer out;
  const std::string long_chunk(100'000, 'z');
  append_chunk(std::as_bytes(std::span(std::string_view("a"))), out);
  append_chunk(std::as_bytes(std::span(long_chunk)), out);
  append_last_chunk(out);
  const Decoded decoded = decode(out.text(), 4096);
  EXPECT_TRUE(decoded.complete);
  EXPECT_TRUE(decoded.payload == "a" + long_chunk);
}

}  // namespace
}  // namespace mayfly::http
