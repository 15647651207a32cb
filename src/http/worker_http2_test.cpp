// Clients that speak HTTP/2.
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "http/http2_preface.h"
#include "http/testing/certificate.h"
#include "http/testing/http2_client.h"
#include "http/testing/worker_fixture.h"
#include "http/tls.h"

namespace mayfly::http {
namespace {

using testing::big_endian;
using testing::Certificate;
using testing::Http2Answer;
using testing::Http2Client;
using testing::request_for;
using testing::TestClient;
using testing::WorkerTest;

class WorkerHttp2Test : public WorkerTest {
 protected:
  Http2Client client() { return Http2Client(TestClient(address())); }
};

TEST_F(WorkerHttp2Test, RequestsFollowEachOther) {
  start();
  Http2Client http2 = client();
  for (int i = 0; i < 3; ++i) {
    const Http2Answer answer = http2.get("/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.fields.at("content-length"), "5");
    EXPECT_EQ(answer.fields.count("connection"), 0U);
  }
  EXPECT_EQ(stats_.requests.get(), 3U);
  EXPECT_TRUE(eventually([this] { return stats_.responses[200].get() == 3; }));
  EXPECT_EQ(stats_.open_connections.get(), 1U);
}

TEST_F(WorkerHttp2Test, TheProgramSeesARequestOfHttp11) {
  start();
  Http2Client http2 = client();
  auto fields = request_for("/head?x=1");
  fields.emplace_back("cookie", "a=1");
  fields.emplace_back("cookie", "b=2");
  fields.emplace_back("te", "trailers");
  const std::string head = http2.answer(http2.request(fields)).body;
  EXPECT_TRUE(head.starts_with("GET /head?x=1 HTTP/1.1\r\nHost: a\r\n")) << head;
  EXPECT_NE(head.find("cookie: a=1; b=2\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("X-Forwarded-For: 127.0.0.1\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("trailers"), std::string::npos) << head;
}

TEST_F(WorkerHttp2Test, EachStreamHasAMachineOfItsOwn) {
  machines_ = 3;
  hold_machines();
  start();
  Http2Client http2 = client();
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(http2.request(request_for("/count")));
  ASSERT_TRUE(eventually([this] { return figures_.leased == 3; }));
  held_ = false;
  for (const std::int32_t id : ids) EXPECT_EQ(http2.answer(id).body, "1");
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
}

TEST_F(WorkerHttp2Test, BodiesGoBothWays) {
  in_capacity_ = out_capacity_ = 1'000;
  start();
  Http2Client http2 = client();
  const std::string body(50'000, 'b');
  EXPECT_TRUE(http2.answer(http2.request(request_for("/echo", "POST"), body)).body == body) << "in chunks";
  auto fields = request_for("/echo", "POST");
  fields.emplace_back("content-length", std::to_string(body.size()));
  EXPECT_TRUE(http2.answer(http2.request(fields, body)).body == body) << "with a length";
}

TEST_F(WorkerHttp2Test, LargeBodiesGoAsThereIsRoom) {
  in_capacity_ = out_capacity_ = 10'000;
  start();
  Http2Client http2 = client();
  const std::int32_t id = 1;
  http2.send_head(id, request_for("/echo", "POST"), false);
  const std::string piece(16'000, 'p');
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    http2.send_data(id, piece, i == 59);
    expected += piece;
    // The echo comes as the body goes: what is on its way fits into the windows of both.
    while (http2.so_far(id).body.size() + 32'000 < expected.size()) ASSERT_TRUE(http2.receive());
  }
  EXPECT_TRUE(http2.answer(id).body == expected);
  EXPECT_TRUE(http2.get("/large").body == std::string(1'000'000, 'x'));
}

TEST_F(WorkerHttp2Test, AStreamWithoutRoomHoldsUpNoOther) {
  machines_ = 2;
  start();
  Http2Client http2 = client();
  http2.withhold_windows();
  http2.grant(0, 10'000'000);
  const std::int32_t stuck = http2.request(request_for("/large"));
  EXPECT_EQ(http2.answer(http2.request(request_for("/hello"))).body, "hello");
  http2.grant(stuck, 2'000'000);
  EXPECT_EQ(http2.answer(stuck).body.size(), 1'000'000U);
}

TEST_F(WorkerHttp2Test, HeadAndAnswersWithoutABody) {
  start();
  Http2Client http2 = client();
  const Http2Answer head = http2.answer(http2.request(request_for("/hello", "HEAD")));
  EXPECT_EQ(head.fields.at("content-length"), "5");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(http2.get("/204").status, 204);
  EXPECT_EQ(http2.get("/304").status, 304);
  EXPECT_EQ(http2.get("/close").body, "until the end");
}

TEST_F(WorkerHttp2Test, ProgramsFailAsElsewhere) {
  start();
  Http2Client http2 = client();
  EXPECT_EQ(http2.get("/crash").status, 502);
  EXPECT_EQ(http2.get("/garbage").status, 502);
  EXPECT_EQ(http2.get("/stuck").status, 502);
  EXPECT_EQ(http2.get("/crash-late").status, 502);
  EXPECT_EQ(http2.get("/hello").body, "hello");
}

TEST_F(WorkerHttp2Test, PartOfAnAnswerDoesNotPassForTheWhole) {
  options_.limits.body_bytes = 10'000;
  start();
  Http2Client http2 = client();
  const Http2Answer answer = http2.answer(http2.request(request_for("/echo", "POST"), std::string(40'000, 'x')));
  EXPECT_EQ(answer.status, 200) << "the echo had begun";
  EXPECT_FALSE(answer.ended);
  EXPECT_EQ(answer.reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(WorkerHttp2Test, AnEarlyAnswerEndsTheRequest) {
  start();
  Http2Client http2 = client();
  http2.send_head(1, request_for("/early", "POST"), false);
  http2.send_data(1, "part of it");
  EXPECT_EQ(http2.answer(1).status, 200);
  while (!http2.so_far(1).reset) ASSERT_TRUE(http2.receive());
  EXPECT_EQ(*http2.so_far(1).reset, NGHTTP2_NO_ERROR);
}

TEST_F(WorkerHttp2Test, AClientMayAskBeforeItSendsABody) {
  start();
  Http2Client http2 = client();
  auto fields = request_for("/echo", "POST");
  fields.emplace_back("expect", "100-continue");
  http2.send_head(1, fields, false);
  while (http2.so_far(1).interim.empty()) ASSERT_TRUE(http2.receive());
  EXPECT_EQ(http2.so_far(1).interim, std::vector<int>{100});
  http2.send_data(1, "body", true);
  EXPECT_EQ(http2.answer(1).body, "body");
}

TEST_F(WorkerHttp2Test, InterimAnswersAndTrailersPass) {
  start();
  Http2Client http2 = client();
  auto fields = request_for("/chunked");
  fields.emplace_back("te", "trailers");
  const Http2Answer answer = http2.answer(http2.request(fields));
  EXPECT_EQ(answer.interim, std::vector<int>{103});
  EXPECT_EQ(answer.body, "wikipedia..");
  EXPECT_EQ(answer.trailers, (std::map<std::string, std::string>{{"x-sum", "11"}}));
  EXPECT_TRUE(http2.get("/chunked").trailers.empty()) << "nobody asked for them";
}

TEST_F(WorkerHttp2Test, TrailersOfARequestReachTheProgram) {
  start();
  Http2Client http2 = client();
  auto fields = request_for("/echo", "POST");
  fields.emplace_back("te", "trailers");
  http2.send_head(1, fields, false);
  http2.send_data(1, "body");
  http2.send_head(1, {{"x-sum", "4"}, {"authorization", "x"}});
  EXPECT_EQ(http2.answer(1).body, "body");
  EXPECT_EQ(http2.so_far(1).trailers, (std::map<std::string, std::string>{{"x-sum", "4"}}));
}

TEST_F(WorkerHttp2Test, ARequestThatIsTakenBackGivesItsMachineBack) {
  hold_machines();
  start();
  Http2Client http2 = client();
  const std::int32_t id = http2.request(request_for("/hello"));
  ASSERT_TRUE(eventually([this] { return figures_.leased == 1; }));
  http2.send({NGHTTP2_RST_STREAM, 0, id, big_endian(NGHTTP2_CANCEL, 4)});
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
  EXPECT_TRUE(eventually([this] { return stats_.responses[499].get() == 1; }));
  held_ = false;
  EXPECT_EQ(http2.answer(http2.request(request_for("/hello"))).body, "hello");
}

TEST_F(WorkerHttp2Test, AClientThatVanishesGivesItsMachinesBack) {
  machines_ = 2;
  hold_machines();
  start();
  {
    Http2Client http2 = client();
    for (int i = 0; i < 5; ++i) http2.request(request_for("/hello"));
    ASSERT_TRUE(eventually([this] { return figures_.leased == 2 && stats_.requests.get() == 5; }));
  }
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0 && stats_.open_connections.get() == 0; }));
  EXPECT_EQ(stats_.responses[499].get(), 5U);
}

TEST_F(WorkerHttp2Test, LimitsAnswerAsElsewhere) {
  options_.limits.header_bytes = 4'000;
  options_.limits.body_bytes = 1'000;
  options_.limits.request_line_bytes = 500;
  start();
  Http2Client http2 = client();
  auto fields = request_for("/hello");
  fields.emplace_back("a", std::string(5'000, 'x'));
  EXPECT_EQ(http2.answer(http2.request(fields)).status, 431);
  EXPECT_EQ(http2.answer(http2.request(request_for("/" + std::string(1'000, 'x')))).status, 414);
  auto long_body = request_for("/echo", "POST");
  long_body.emplace_back("content-length", "2000");
  EXPECT_EQ(http2.answer(http2.request(long_body, std::string(2'000, 'x'))).status, 413);
  auto two_hosts = request_for("/hello");
  two_hosts.emplace_back("host", "b");
  EXPECT_EQ(http2.answer(http2.request(two_hosts)).status, 400);
}

TEST_F(WorkerHttp2Test, ADeadlineEndsTheStreamAlone) {
  options_.timeouts.request = std::chrono::milliseconds(50);
  start();
  Http2Client http2 = client();
  EXPECT_EQ(http2.get("/spin").status, 504);
  EXPECT_EQ(http2.get("/hello").body, "hello");
}

TEST_F(WorkerHttp2Test, WhoSaysNothingIsSentAway) {
  options_.timeouts.idle = std::chrono::milliseconds(30);
  start();
  Http2Client http2 = client();
  http2.receive_all();
  EXPECT_EQ(http2.goaway(), NGHTTP2_NO_ERROR);
}

TEST_F(WorkerHttp2Test, AHeadThatNeverEndsIsNotWaitedFor) {
  options_.timeouts.head = std::chrono::milliseconds(30);
  start();
  Http2Client http2 = client();
  EXPECT_EQ(http2.get("/hello").body, "hello");  // all that comes first has come
  http2.send({NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 3, http2.compress(request_for("/hello"))});
  http2.receive_all();
  EXPECT_EQ(http2.goaway(), NGHTTP2_NO_ERROR);
}

TEST_F(WorkerHttp2Test, AStopLetsRequestsComeToTheirEnd) {
  hold_machines();
  start();
  Http2Client idle = client();
  EXPECT_TRUE(idle.receive());
  Http2Client http2 = client();
  const std::int32_t id = http2.request(request_for("/hello"));
  ASSERT_TRUE(eventually([this] { return figures_.leased == 1; }));
  std::thread stopping([this] { stop(); });
  idle.receive_all();
  EXPECT_EQ(idle.goaway(), NGHTTP2_NO_ERROR);
  while (http2.goaway() != NGHTTP2_NO_ERROR) ASSERT_TRUE(http2.receive());
  held_ = false;
  EXPECT_EQ(http2.answer(id).body, "hello");
  http2.receive_all();
  EXPECT_EQ(http2.last_served(), id);
  http2.connection().close();
  idle.connection().close();
  stopping.join();
}

TEST_F(WorkerHttp2Test, WhatIsOnItsWayIsServedBeforeOthersTakeOver) {
  start();
  Http2Client http2 = client();
  EXPECT_EQ(http2.get("/hello").body, "hello");
  retire();
  const std::int32_t id = http2.request(request_for("/hello"));  // before the notice is read
  EXPECT_EQ(http2.answer(id).body, "hello");
  http2.receive_all();
  EXPECT_EQ(http2.last_served(), id);
  http2.connection().close();
  join();
}

TEST_F(WorkerHttp2Test, ComesByTlsToo) {
  const Certificate certificate;
  options_.tls = std::make_shared<TlsContext>(TlsFiles{certificate.file(), certificate.key()},
                                              std::vector<std::string_view>{"h2", "http/1.1"});
  start("tls:127.0.0.1:0");
  TestClient tls(address());
  tls.start_tls(certificate.file(), "h2");
  Http2Client http2(std::move(tls));
  const std::string head = http2.get("/head").body;
  EXPECT_NE(head.find("X-Forwarded-Proto: https\r\n"), std::string::npos) << head;
  EXPECT_TRUE(http2.get("/large").body == std::string(1'000'000, 'x'));
}

TEST_F(WorkerHttp2Test, ThePrefaceMayComeInPieces) {
  start();
  TestClient pieces(address());
  for (const char byte : kHttp2Preface) pieces.send(std::string_view(&byte, 1));
  pieces.send(std::string("\0\0\0\4\0\0\0\0\0", 9));
  EXPECT_EQ(pieces.take(9).substr(3, 1), std::string(1, NGHTTP2_SETTINGS));
}

TEST_F(WorkerHttp2Test, WhatIsAlmostThePrefaceIsARequestOfHttp1) {
  start();
  TestClient almost(address());
  almost.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  EXPECT_EQ(almost.receive().status, 505);
}

TEST_F(WorkerHttp2Test, IsNotSpokenWhereMachinesAreForConnections) {
  options_.isolation = Isolation::connection;
  start();
  TestClient plain(address());
  plain.send(kHttp2Preface);
  EXPECT_EQ(plain.receive().status, 505);
}

}  // namespace
}  // namespace mayfly::http
