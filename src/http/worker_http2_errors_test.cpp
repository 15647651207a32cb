// What is no HTTP/2, and what becomes of its connection (RFC 9113).
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/testing/http2_client.h"
#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::big_endian;
using testing::Http2Client;
using testing::Http2Fields;
using testing::request_for;
using testing::TestClient;
using testing::WorkerTest;

struct Case {
  std::string name;
  void (*send)(Http2Client&);
  std::uint32_t code;  ///< of GOAWAY or RST_STREAM
};

std::ostream& operator<<(std::ostream& out, const Case& tried) {
  return out << tried.name;
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

/// A request that lacks or has something.
Http2Fields with(std::string name, std::string value) {
  Http2Fields fields = request_for("/hello");
  fields.emplace_back(std::move(name), std::move(value));
  return fields;
}

Http2Fields without(std::string_view name) {
  Http2Fields fields = request_for("/hello");
  std::erase_if(fields, [name](const auto& field) { return field.first == name; });
  return fields;
}

constexpr std::uint8_t kEndsBoth = NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM;

std::string setting(std::uint16_t name, std::uint32_t value) {
  return big_endian(name, 2) + big_endian(value, 4);
}

/// Violations that nobody can go on after.
const std::vector<Case> kConnectionErrors = {
    {"DataOnNoStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_DATA, 0, 0, "x"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"DataOnAnIdleStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_DATA, 0, 1, "x"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"DataWithMorePaddingThanThereIs",
     [](Http2Client& c) {
       c.send_head(1, request_for("/echo", "POST"), false);
       c.send({NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, "\x09x"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"HeadersOnNoStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_HEADERS, kEndsBoth, 0, c.compress(request_for("/hello"))});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"HeadersOnAServersStream", [](Http2Client& c) { c.send_head(2, request_for("/hello")); }, NGHTTP2_PROTOCOL_ERROR},
    {"HeadersWithMorePaddingThanThereIs",
     [](Http2Client& c) {
       c.send({NGHTTP2_HEADERS, kEndsBoth | NGHTTP2_FLAG_PADDED, 1, "\x7f\x82"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"HeadersThatAreNoHpack",
     [](Http2Client& c) {
       c.send({NGHTTP2_HEADERS, kEndsBoth, 1, "\xff\xff\xff\xff\xff\xff\xff"});
     },
     NGHTTP2_COMPRESSION_ERROR},
    {"HeadersWithinAnotherHead",
     [](Http2Client& c) {
       c.send({NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, c.compress(request_for("/hello"))});
       c.send_head(3, request_for("/hello"));
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"PingWithinAHead",
     [](Http2Client& c) {
       c.send({NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, c.compress(request_for("/hello"))});
       c.send({NGHTTP2_PING, 0, 0, "12345678"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"ContinuationOfNothing",
     [](Http2Client& c) {
       c.send({NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, 1, "\x82"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"PriorityOnNoStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_PRIORITY, 0, 0, "\0\0\0\1\1"});
     },
     NGHTTP2_FRAME_SIZE_ERROR},  // a literal ends at its first NUL
    {"ResetOfNoStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_RST_STREAM, 0, 0, big_endian(8, 4)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"ResetOfAnIdleStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_RST_STREAM, 0, 1, big_endian(8, 4)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"ResetOfAnotherSize",
     [](Http2Client& c) {
       c.send_head(1, request_for("/echo", "POST"), false);
       c.send({NGHTTP2_RST_STREAM, 0, 1, big_endian(8, 3)});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"SettingsOfAnotherSize",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, "12345"});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"SettingsOnAStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 1, {}});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"SettingsAckThatSaysMore",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, setting(1, 1)});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"SettingsOfPushThatIsNoSwitch",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 2)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"SettingsOfAWindowTooLarge",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x80000000U)});
     },
     NGHTTP2_FLOW_CONTROL_ERROR},
    {"SettingsOfAFrameTooSmall",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 100)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"SettingsOfAFrameTooLarge",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 1U << 24)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"PromiseOfAClient",
     [](Http2Client& c) {
       c.send_head(1, request_for("/echo", "POST"), false);
       c.send({NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, big_endian(2, 4)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"PingOfAnotherSize",
     [](Http2Client& c) {
       c.send({NGHTTP2_PING, 0, 0, "123"});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"PingOnAStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_PING, 0, 1, "12345678"});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"GoawayOnAStream",
     [](Http2Client& c) {
       c.send({NGHTTP2_GOAWAY, 0, 1, big_endian(0, 8)});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"GoawayOfAnotherSize",
     [](Http2Client& c) {
       c.send({NGHTTP2_GOAWAY, 0, 0, big_endian(0, 5)});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"WindowByNothing", [](Http2Client& c) { c.grant(0, 0); }, NGHTTP2_PROTOCOL_ERROR},
    {"WindowOfAnIdleStream", [](Http2Client& c) { c.grant(1, 1); }, NGHTTP2_PROTOCOL_ERROR},
    {"WindowOfAnotherSize",
     [](Http2Client& c) {
       c.send({NGHTTP2_WINDOW_UPDATE, 0, 0, "123"});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
    {"WindowTooLarge",
     [](Http2Client& c) {
       c.grant(0, 0x7fffffff);
       c.grant(0, 0x7fffffff);
     },
     NGHTTP2_FLOW_CONTROL_ERROR},
    {"FrameLargerThanAllowed",
     [](Http2Client& c) {
       c.send({NGHTTP2_PING, 0, 0, std::string(16'385, 'x')});
     },
     NGHTTP2_FRAME_SIZE_ERROR},
};

class ConnectionError : public WorkerTest, public ::testing::WithParamInterface<Case> {};

TEST_P(ConnectionError, EndsTheConnectionAndNoOther) {
  start();
  Http2Client http2{TestClient(address())};
  GetParam().send(http2);
  http2.receive_all();
  EXPECT_EQ(http2.goaway(), GetParam().code);
  EXPECT_EQ(Http2Client(TestClient(address())).get("/hello").body, "hello");
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Http2, ConnectionError, ::testing::ValuesIn(kConnectionErrors), name_of);

/// Violations that concern one request.
const std::vector<Case> kStreamErrors = {
    {"NameWithCapitals", [](Http2Client& c) { c.request(with("Accept", "x")); }, NGHTTP2_PROTOCOL_ERROR},
    {"NameThatIsNoToken", [](Http2Client& c) { c.request(with("a b", "x")); }, NGHTTP2_PROTOCOL_ERROR},
    {"ValueWithALineEnd", [](Http2Client& c) { c.request(with("a", "x\r\nb: y")); }, NGHTTP2_PROTOCOL_ERROR},
    {"ValueWithNul", [](Http2Client& c) { c.request(with("a", std::string("x\0y", 3))); }, NGHTTP2_PROTOCOL_ERROR},
    {"Connection", [](Http2Client& c) { c.request(with("connection", "close")); }, NGHTTP2_PROTOCOL_ERROR},
    {"KeepAlive", [](Http2Client& c) { c.request(with("keep-alive", "timeout=5")); }, NGHTTP2_PROTOCOL_ERROR},
    {"ProxyConnection", [](Http2Client& c) { c.request(with("proxy-connection", "close")); }, NGHTTP2_PROTOCOL_ERROR},
    {"TransferEncoding", [](Http2Client& c) { c.request(with("transfer-encoding", "chunked")); },
     NGHTTP2_PROTOCOL_ERROR},
    {"Upgrade", [](Http2Client& c) { c.request(with("upgrade", "websocket")); }, NGHTTP2_PROTOCOL_ERROR},
    {"TeOfMoreThanTrailers", [](Http2Client& c) { c.request(with("te", "gzip")); }, NGHTTP2_PROTOCOL_ERROR},
    {"NoMethod", [](Http2Client& c) { c.request(without(":method")); }, NGHTTP2_PROTOCOL_ERROR},
    {"NoScheme", [](Http2Client& c) { c.request(without(":scheme")); }, NGHTTP2_PROTOCOL_ERROR},
    {"NoPath", [](Http2Client& c) { c.request(without(":path")); }, NGHTTP2_PROTOCOL_ERROR},
    {"EmptyPath", [](Http2Client& c) { c.request(request_for("")); }, NGHTTP2_PROTOCOL_ERROR},
    {"PathOfTwoLines", [](Http2Client& c) { c.request(request_for("/ HTTP/1.1\r\nx: y")); }, NGHTTP2_PROTOCOL_ERROR},
    {"PathWithABlank", [](Http2Client& c) { c.request(request_for("/a b")); }, NGHTTP2_PROTOCOL_ERROR},
    {"MethodWithABlank", [](Http2Client& c) { c.request(request_for("/", "GET /x")); }, NGHTTP2_PROTOCOL_ERROR},
    {"TwoPaths", [](Http2Client& c) { c.request(with(":path", "/x")); }, NGHTTP2_PROTOCOL_ERROR},
    {"UnknownPseudoField", [](Http2Client& c) { c.request(with(":x", "y")); }, NGHTTP2_PROTOCOL_ERROR},
    {"StatusInARequest", [](Http2Client& c) { c.request(with(":status", "200")); }, NGHTTP2_PROTOCOL_ERROR},
    {"PseudoFieldBehindOthers",
     [](Http2Client& c) {
       Http2Fields fields = without(":authority");
       fields.emplace_back("a", "b");
       fields.emplace_back(":authority", "a");
       c.request(fields);
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"LengthOfAnotherBody",
     [](Http2Client& c) {
       Http2Fields fields = request_for("/echo", "POST");
       fields.emplace_back("content-length", "3");
       c.request(fields, "four");
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"LengthOfMoreThanComes",
     [](Http2Client& c) {
       Http2Fields fields = request_for("/echo", "POST");
       fields.emplace_back("content-length", "5");
       c.request(fields, "four");
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"LengthWithoutABody", [](Http2Client& c) { c.request(with("content-length", "5")); }, NGHTTP2_PROTOCOL_ERROR},
    {"PseudoFieldInATrailer",
     [](Http2Client& c) {
       c.send_head(1, request_for("/spin", "POST"), false);
       c.send_head(1, {{":path", "/x"}});
     },
     NGHTTP2_PROTOCOL_ERROR},
    {"WindowOfAStreamTooLarge",
     [](Http2Client& c) {
       c.send_head(1, request_for("/spin", "POST"), false);
       c.grant(1, 0x7fffffff);
     },
     NGHTTP2_FLOW_CONTROL_ERROR},
};

class StreamError : public WorkerTest, public ::testing::WithParamInterface<Case> {};

TEST_P(StreamError, EndsTheStreamAlone) {
  start();
  Http2Client http2{TestClient(address())};
  GetParam().send(http2);
  EXPECT_EQ(http2.answer(1).reset, GetParam().code);
  EXPECT_EQ(http2.so_far(1).status, 0);
  http2.send_head(3, request_for("/hello"));
  EXPECT_EQ(http2.answer(3).body, "hello");
  EXPECT_FALSE(http2.goaway());
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Http2, StreamError, ::testing::ValuesIn(kStreamErrors), name_of);

/// What a receiver has to pass over.
const std::vector<Case> kIgnored = {
    {"FrameOfAnUnknownType",
     [](Http2Client& c) {
       c.send({0x77, 0xff, 3, "whatever"});
     },
     0},
    {"SettingThatIsUnknown",
     [](Http2Client& c) {
       c.send({NGHTTP2_SETTINGS, 0, 0, setting(0x7777, 1)});
     },
     0},
    {"Priority",
     [](Http2Client& c) {
       c.send({NGHTTP2_PRIORITY, 0, 9, big_endian(0, 4) + "\x10"});
     },
     0},
    {"PingAnswerToNothing",
     [](Http2Client& c) {
       c.send({NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "12345678"});
     },
     0},
};

class Ignored : public WorkerTest, public ::testing::WithParamInterface<Case> {};

TEST_P(Ignored, ChangesNothing) {
  start();
  Http2Client http2{TestClient(address())};
  GetParam().send(http2);
  EXPECT_EQ(http2.get("/hello").body, "hello");
  EXPECT_FALSE(http2.goaway());
}

INSTANTIATE_TEST_SUITE_P(Http2, Ignored, ::testing::ValuesIn(kIgnored), name_of);

using WorkerHttp2AbuseTest = WorkerTest;

TEST_F(WorkerHttp2AbuseTest, ARequestOnAnOlderStreamIsNotServed) {
  start();
  Http2Client http2{TestClient(address())};
  http2.send_head(5, request_for("/hello"));
  http2.send_head(3, request_for("/hello"));
  http2.send_head(7, request_for("/hello"));
  EXPECT_EQ(http2.answer(7).body, "hello");
  EXPECT_EQ(http2.so_far(5).body, "hello");
  EXPECT_EQ(http2.so_far(3).status, 0);
  EXPECT_EQ(stats_.requests.get(), 2U);
}

TEST_F(WorkerHttp2AbuseTest, RequestsTakenBackOverAndOverEndTheConnection) {
  start();
  Http2Client http2{TestClient(address())};
  try {
    for (int i = 0; i < 5'000; ++i) {
      const std::int32_t id = http2.request(request_for("/hello"));
      http2.send({NGHTTP2_RST_STREAM, 0, id, big_endian(NGHTTP2_CANCEL, 4)});
    }
  } catch (const SystemError&) {
    // it was cut while it went on
  }
  http2.receive_all();
  http2.connection().close();
  EXPECT_TRUE(eventually([this] { return stats_.open_connections.get() == 0 && figures_.leased == 0; }));
  EXPECT_LT(stats_.requests.get(), 5'000U);
}

TEST_F(WorkerHttp2AbuseTest, PingsWhoseAnswersNobodyReadsEndTheConnection) {
  start();
  Http2Client http2{TestClient(address())};
  const auto send_pings = [&http2] {
    for (int i = 0; i < 1'000'000; ++i) http2.send({NGHTTP2_PING, 0, 0, "12345678"});
  };
  EXPECT_THROW(send_pings(), SystemError);
  EXPECT_TRUE(eventually([this] { return stats_.open_connections.get() == 0; }));
}

}  // namespace
}  // namespace mayfly::http
