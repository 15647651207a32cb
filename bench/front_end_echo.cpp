// The front end alone: whoever asks gets an answer from a program that is no program, in no machine.
// Usage: front_end_echo HOST:PORT    until SIGTERM or SIGINT. Says when it listens.
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/listener.h"
#include "http/stop_signal.h"
#include "http/worker.h"

namespace mayfly {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n";
constexpr std::size_t kChannelBytes = 64 * 1024;

/// Answers each head that comes; requests have no bodies here.
class Echo final : public http::Upstream {
 public:
  explicit Echo(int& leased) : leased_(leased) { ++leased_; }
  ~Echo() override { --leased_; }

  std::size_t send(std::span<const std::byte> bytes) override {
    if (in_.size() + bytes.size() > kChannelBytes) return 0;
    in_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return bytes.size();
  }
  void send_eof() override {}
  http::Progress run() override {
    for (std::size_t end; (end = in_.find("\r\n\r\n")) != std::string::npos; in_.erase(0, end + 4)) out_ += kAnswer;
    return http::Progress::waiting;
  }
  std::span<const std::byte> received() override { return std::as_bytes(std::span(out_)); }
  void consume(std::size_t bytes) override { out_.erase(0, bytes); }
  [[nodiscard]] bool peer_closed() const override { return false; }
  [[nodiscard]] std::optional<loop::Clock::time_point> wake_at() const override { return std::nullopt; }
  [[nodiscard]] bool waits_for_outside() const override { return false; }
  void set_on_ready(std::function<void()> /*on_ready*/) override {}
  void keep() override {}
  [[nodiscard]] std::string_view failure() const override { return {}; }
  void finish(const http::Outcome& /*outcome*/) override {}

 private:
  int& leased_;
  std::string in_, out_;
};

class EchoPool final : public http::UpstreamPool {
 public:
  std::unique_ptr<http::Upstream> try_acquire(const http::RequestInfo& /*request*/) override {
    return std::make_unique<Echo>(leased_);
  }
  void set_on_free(std::function<void()> /*on_free*/) override {}

 private:
  int leased_ = 0;
};

http::StopSignal stop;

int serve(const std::string& endpoint) {
  http::Options options;
  options.limits.connections = 100'000;
  http::Listener listener(http::Endpoint::parse(endpoint), 1);
  http::Stats stats;
  EchoPool pool;
  loop::EventLoop loop(stats.client_syscalls, options.spin);
  spdlog::logger log("echo", std::make_shared<spdlog::sinks::null_sink_mt>());
  std::atomic<std::uint64_t> ids{1};
  http::Worker worker(options, http::WorkerParts{loop, pool, stats, log, ids}, listener.take());
  std::signal(SIGTERM, [](int) { stop.request(); });
  std::signal(SIGINT, [](int) { stop.request(); });
  std::fprintf(stderr, "echo serving on http://%s:\n", listener.address().c_str());
  worker.run(stop, http::StopSignal());
  return 0;
}

}  // namespace
}  // namespace mayfly

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: front_end_echo HOST:PORT\n");
    return 2;
  }
  return mayfly::serve(argv[1]);
}
