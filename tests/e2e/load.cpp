#include "load.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mayfly::e2e {
namespace {

class Load {
 public:
  Load(const Server& server, const std::string& path, const std::string& expected, unsigned pipelined)
      : server_(server),
        request_("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n"),
        expected_(expected),
        pipelined_(pipelined) {}

  void connection(unsigned requests) {
    try {
      TestClient client = server_.client();
      for (unsigned left = requests; left > 0;) {
        const unsigned batch = std::min(left, pipelined_);
        std::string text;
        for (unsigned i = 0; i < batch; ++i) text += request_;
        client.send(text);
        for (unsigned i = 0; i < batch; ++i) judge(client.receive());
        left -= batch;
      }
    } catch (const std::exception& error) {
      note_odd(error.what());
    }
  }
  [[nodiscard]] LoadResult result() const { return result_; }

 private:
  void judge(const Response& response) {
    if (response.status != 200 || response.body != expected_) return note_odd(response.head + response.body);
    const std::lock_guard lock(mutex_);
    ++result_.answered;
  }
  void note_odd(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (result_.first_odd.empty()) result_.first_odd = what;
  }

  const Server& server_;
  const std::string request_;
  const std::string& expected_;
  const unsigned pipelined_;
  std::mutex mutex_;
  LoadResult result_;
};

}  // namespace

LoadResult load(const Server& server, const std::string& path, const std::string& expected, unsigned requests,
                unsigned connections, unsigned pipelined) {
  Load load(server, path, expected, pipelined);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < connections; ++i) {
    const unsigned share = requests / connections + (i < requests % connections ? 1 : 0);
    threads.emplace_back([&load, share] { load.connection(share); });
  }
  for (std::thread& thread : threads) thread.join();
  return load.result();
}

SteadyLoad::SteadyLoad(const Server& server, std::string path, std::string expected)
    : clients_([this, &server, path = std::move(path), expected = std::move(expected)] {
        do {
          constexpr unsigned kBatch = 400, kConnections = 8;
          const LoadResult part = load(server, path, expected, kBatch, kConnections);
          asked_ += kBatch;
          result_.answered += part.answered;
          if (result_.first_odd.empty()) result_.first_odd = part.first_odd;
        } while (!enough_);
      }) {}

void SteadyLoad::stop() {
  enough_ = true;
  if (clients_.joinable()) clients_.join();
}

}  // namespace mayfly::e2e
