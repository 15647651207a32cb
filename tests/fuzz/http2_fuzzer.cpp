// A connection of HTTP/2 from first to last: whatever a client sends, the program gets requests that are good HTTP/1.1,
// and every machine comes back.
#include <nghttp2/nghttp2.h>
#include <spdlog/logger.h>
#include <sys/epoll.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/invariants.h"
#include "http/http2_connection.h"
#include "http/http2_preface.h"
#include "http/testing/fake_upstream.h"

namespace mayfly::fuzz {
namespace {

using http::ClientTransport;
using http::HeadParser;
using http::testing::FakePool;
using http::testing::FakePoolFigures;
using http::testing::Script;
using http::testing::Wire;

/// What a fuzzer's input is used up for. All of it means something.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const std::uint8_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  std::string text(std::size_t size) {
    const auto taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  std::span<const std::uint8_t> left_;
};

/// A client in memory, which reads as much as it is told to.
class MemoryTransport final : public ClientTransport {
 public:
  /// @param closed becomes true when the front end has closed it
  explicit MemoryTransport(bool& closed) : closed_(closed) {}

  void arrive(std::string_view bytes) {
    pending_ += bytes;
    readable_ = true;
  }
  void end() {
    ended_ = true;
    readable_ = true;
  }
  void take(std::size_t bytes) { room_ += bytes; }

  void set_handler(loop::EventHandler& /*handler*/) override {}
  void note_events(std::uint32_t /*events*/) noexcept override {}
  [[nodiscard]] std::string_view agreed_protocol() const noexcept override { return http::kHttp2Protocol; }
  [[nodiscard]] Read fill() override {
    if (pending_.empty()) {
      readable_ = false;
      return ended_ ? Read::end : Read::later;
    }
    input_.append(std::exchange(pending_, {}));
    return Read::data;
  }
  bool flush() override {
    const std::size_t taken = std::min(room_, output_.size());
    output_.consume(taken);
    room_ -= taken;
    sent_bytes_ += taken;
    return taken > 0;
  }
  void shut_sending() noexcept override {}
  void close() noexcept override { closed_ = true; }
  void abort() noexcept override { closed_ = true; }

 private:
  bool& closed_;
  std::string pending_;
  std::size_t room_ = 0;
  bool ended_ = false;
};

/// What the program does with its requests, which have to be good ones.
Script careful_program(Wire& wire) {
  const http::Limits wide{.header_bytes = 1 << 20, .header_fields = 10'000};
  for (;;) {
    http::RequestParser parser(wide);
    while (parser.parse(wire.in) == HeadParser::Result::incomplete) co_yield http::Progress::waiting;
    require(parser.parse(wire.in) == HeadParser::Result::complete, "the program gets good requests");
    require_plain_lines(std::string_view(wire.in).substr(0, parser.head_bytes()));
    const http::FieldList& fields = *parser.head().fields;
    require(count(fields, "host") == 1, "a request has one Host");
    require(count(fields, "content-length") + count(fields, "transfer-encoding") <= 1, "it says once where it ends");
    const bool slow = parser.head().target.ends_with("s");
    const bool long_answer = parser.head().target.ends_with("l");
    const bool to_head = parser.head().method == "HEAD";
    http::BodyDecoder body;
    body.start(parser.head().framing, parser.head().content_length, wide.trailer_bytes);
    wire.in.erase(0, parser.head_bytes());
    if (slow) co_yield http::Progress::yielded;
    while (!body.complete()) {
      while (wire.in.empty()) co_yield http::Progress::waiting;
      const auto piece = body.next(std::as_bytes(std::span(std::string_view(wire.in))));
      require(body.error().empty(), "the program gets good bodies");
      require(piece.consumed > 0, "a decoder takes what is there");
      wire.in.erase(0, piece.consumed);
    }
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    if (!to_head) answer += "hello";
    if (long_answer && !to_head) {
      answer =
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" +
          std::string(0x10000, 'x') + "\r\n0\r\nX-Sum: 1\r\n\r\n";
    }
    for (std::string_view rest = answer; !wire.write(rest);) co_yield http::Progress::waiting;
    co_yield http::Progress::waiting;
  }
}

/// Makes frames of an input.
class Frames {
 public:
  Frames() {
    nghttp2_hd_deflater* deflater = nullptr;
    require(nghttp2_hd_deflate_new(&deflater, 4096) == 0, "there is memory");
    deflater_.reset(deflater);
  }

  std::string next(Input& input) {
    const std::uint8_t kind = input.byte();
    const std::uint32_t id = kind & 0x80U ? 0 : (input.byte() & 0x1fU);
    switch (kind & 0x0fU) {
      case 0:
      case 1:
      case 2:
        return head(input, id);
      case 3:
      case 4:
        return frame(NGHTTP2_DATA, input.byte() & NGHTTP2_FLAG_END_STREAM, id, input.text(input.byte()));
      case 5:
        return frame(NGHTTP2_RST_STREAM, 0, id, std::string("\0\0\0\x08", 4));
      case 6:
        return frame(NGHTTP2_WINDOW_UPDATE, 0, id, std::string("\0\0", 2) + input.text(2));
      case 7:
        return frame(NGHTTP2_SETTINGS, 0, 0, std::string(1, '\0') + input.text(5));
      case 8:
        return frame(NGHTTP2_PING, input.byte() & NGHTTP2_FLAG_ACK, 0, "12345678");
      case 9:
        return frame(input.byte(), input.byte(), id, input.text(input.byte()));
      case 10:
        return frame(NGHTTP2_CONTINUATION, input.byte(), id, input.text(input.byte()));
      case 11:
        return frame(NGHTTP2_GOAWAY, 0, 0, std::string(8, '\0'));
      default:
        return input.text(input.byte());
    }
  }

 private:
  struct Free {
    void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
  };

  static std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, const std::string& payload) {
    std::string bytes;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(payload.size() >> shift);
    bytes += static_cast<char>(type);
    bytes += static_cast<char>(flags);
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(id >> shift);
    return bytes + payload;
  }

  std::string head(Input& input, std::uint32_t id) {
    static const std::vector<std::string> names = {":method", ":path",          ":authority", ":scheme", "host",
                                                   "cookie",  "content-length", "te",         "expect",  "a"};
    static const std::vector<std::string> values = {"GET", "POST", "HEAD", "/", "/s",       "/l",
                                                    "a",   "http", "5",    "0", "trailers", "100-continue"};
    std::vector<std::pair<std::string, std::string>> fields;
    const std::uint8_t shape = input.byte();
    if ((shape & 1U) == 0) {
      fields = {{":method", values[(shape >> 1) % 3U]},
                {":scheme", "http"},
                {":path", values[3 + (shape >> 3) % 3U]},
                {":authority", "a"}};
    }
    for (unsigned i = shape >> 6; i > 0; --i) {
      const std::uint8_t name = input.byte();
      const std::uint8_t value = input.byte();
      fields.emplace_back(name < 200 ? names[name % names.size()] : input.text(name % 16U),
                          value < 200 ? values[value % values.size()] : input.text(value % 32U));
    }
    std::vector<nghttp2_nv> block;
    for (auto& [name, value] : fields) {
      block.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                       name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    std::string out(nghttp2_hd_deflate_bound(deflater_.get(), block.data(), block.size()), '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_.get(), reinterpret_cast<std::uint8_t*>(out.data()), out.size(),
                                               block.data(), block.size());
    require(size >= 0, "fields can be compressed");
    out.resize(static_cast<std::size_t>(size));
    const std::uint8_t end = (shape & 0x20U) != 0 ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
    return frame(NGHTTP2_HEADERS, static_cast<std::uint8_t>(end | NGHTTP2_FLAG_END_HEADERS), id, out);
  }

  std::unique_ptr<nghttp2_hd_deflater, Free> deflater_;
};

/// All that a connection needs, and what is asked of it at the end.
class World {
 public:
  World()
      : options_(small_options()),
        loop_(stats_.client_syscalls),
        pool_(careful_program, 3, figures_),
        ids_(options_, stats_.client_syscalls),
        queue_(loop_, pool_, stats_, 10),
        services_{.loop = loop_,
                  .options = options_,
                  .queue = queue_,
                  .stats = stats_,
                  .log = log_,
                  .next_request_id = next_id_,
                  .request_ids = ids_,
                  .date = date_,
                  .on_closed = [this](http::Connection& /*connection*/) { ++closed_connections_; }} {
    auto transport = std::make_unique<MemoryTransport>(closed_);
    client_ = transport.get();
    client_->arrive(http::kHttp2Preface);
    client_->arrive(std::string("\0\0\0\4\0\0\0\0\0", 9));
    connection_ = std::make_unique<http::Http2Connection>(services_, std::move(transport), http::RequestInfo{});
  }

  void serve(Input input) {
    Frames frames;
    settle();
    while (!input.empty() && !closed_) {
      client_->arrive(frames.next(input));
      const std::uint8_t more = input.byte();
      if ((more & 1U) != 0) client_->take(std::size_t{more} * 64);
      if ((more & 6U) == 6) connection_->retire();
      connection_->on_events(EPOLLIN | EPOLLOUT);
      if ((more & 8U) != 0) settle();
    }
    if (!closed_) {
      client_->end();
      connection_->on_events(EPOLLIN);
    }
    settle();
    require(closed_, "a connection whose client is gone is closed");
    require(closed_connections_ == 1, "its owner is told once");
    require(figures_.leased == 0, "all machines come back");
    require(stats_.waiting.get() == 0, "nobody waits any more");
    connection_.reset();
  }

 private:
  static http::Options small_options() {
    http::Options options;
    options.limits = small_limits();
    options.limits.queue = 10;
    return options;
  }

  /// Lets everything happen that is due.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      bool reached = false;
      loop::Task marker([&reached] { reached = true; });
      loop_.post(marker);
      while (!reached) loop_.turn();
    }
  }

  http::Options options_;
  http::Stats stats_;
  loop::EventLoop loop_;
  FakePoolFigures figures_;
  FakePool pool_;
  spdlog::logger log_{"fuzz"};
  std::atomic<std::uint64_t> next_id_{1};
  http::RequestIds ids_;
  http::DateCache date_;
  http::LeaseQueue queue_;
  bool closed_ = false;
  int closed_connections_ = 0;
  http::ConnectionServices services_;
  MemoryTransport* client_ = nullptr;
  std::unique_ptr<http::Http2Connection> connection_;
};

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mayfly::fuzz::World().serve(mayfly::fuzz::Input(data, size));
  return 0;
}
