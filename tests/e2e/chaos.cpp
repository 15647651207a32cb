#include "chaos.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "holdings.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

using Clock = std::chrono::steady_clock;

/// Requests of the warm-up, plus one: what /count says in a fresh machine.
const std::string kFresh = "6";

std::string get_text(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: chaos\r\n\r\n";
}

class Chaos {
 public:
  /// All kinds of clients at once, each on a thread of its own, for so long.
  void run(std::chrono::seconds duration) {
    stop_at_ = Clock::now() + duration;
    std::vector<std::thread> threads;
    for (Kind& kind : kinds_) {
      threads.emplace_back([this, &kind] { repeat(kind); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(odd_, "");
    for (const Kind& kind : kinds_) EXPECT_GT(kind.rounds, 0U) << kind.name;
    EXPECT_GT(well_answered_, 9 * late_);
  }

  Server& server() { return server_; }

 private:
  struct Kind {
    const char* name;
    void (Chaos::*round)(unsigned number);
    unsigned rounds = 0;
  };

  void repeat(Kind& kind) {
    try {
      while (Clock::now() < stop_at_) (this->*kind.round)(kind.rounds++);
    } catch (const std::exception& error) {
      note(std::string(kind.name) + ": " + error.what());
    }
  }
  void note(const std::string& odd) {
    const std::lock_guard lock(mutex_);
    if (odd_.empty()) odd_ = odd;
  }

  /// Others may hold machines and processors for as long as a request may take: that is said, too, with 408 if it was
  /// this client that had no processor.
  void expect_answer(const Response& response, const std::string& body) {
    if (response.status == 200 && response.body == body) {
      ++well_answered_;
    } else if (response.status == 408 || response.status == 503 || response.status == 504) {
      ++late_;
    } else {
      note("a well-behaved client got " + response.head + response.body.substr(0, 200));
    }
  }

  void keep_alive(unsigned /*number*/) {
    TestClient client = server_.client();
    for (int i = 0; i < 50; ++i) expect_answer(client.get("/count"), kFresh);
  }
  void connect_each_time(unsigned /*number*/) { expect_answer(server_.get("/count"), kFresh); }
  void send_bodies(unsigned number) {
    TestClient client = server_.client();
    const std::string body(1 + number * 977 % 150'000, static_cast<char>('a' + number % 26));
    client.send("POST /echo HTTP/1.1\r\nHost: chaos\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
    expect_answer(client.receive(), body);
  }
  void dribble(unsigned /*number*/) {
    TestClient client = server_.client();
    for (const char c : get_text("/count")) client.send({&c, 1});
    expect_answer(client.receive(), kFresh);
  }
  void pipeline(unsigned /*number*/) {
    constexpr int kRequests = 20;
    TestClient client = server_.client();
    std::string requests;
    for (int i = 0; i < kRequests; ++i) requests += get_text("/count");
    client.send(requests);
    for (int i = 0; i < kRequests; ++i) expect_answer(client.receive(), kFresh);
  }

  void vanish(unsigned number) {
    static const std::array<std::string, 5> kLastWords = {
        "", "GET /count HTT", get_text("/count"),
        "POST /echo HTTP/1.1\r\nHost: chaos\r\nContent-Length: 100000\r\n\r\nhalf", get_text("/big?2000")};
    TestClient client = server_.client();
    client.send(kLastWords[number % kLastWords.size()]);
    if (number % kLastWords.size() == 4) client.take(12);  // the status
  }
  void send_garbage(unsigned number) {
    std::mt19937 random(number);
    std::string bytes(random() % 500, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    TestClient client = server_.client();
    client.send(bytes + "\r\n\r\n");
    client.shut();
    const std::string answer = client.receive_all();
    if (!answer.empty() && !answer.starts_with("HTTP/1.1 4") && !answer.starts_with("HTTP/1.1 5")) {
      note("garbage was answered: " + answer.substr(0, 200));
    }
  }
  void misbehave(unsigned number) {
    struct Fault {
      const char* path;
      int status;
    };
    static constexpr std::array<Fault, 6> kFaults = {Fault{"/crash", 502}, {"/abort", 502}, {"/exit", 502},
                                                     {"/alloc?20", 502},   {"/loop", 504},  {"/sleep?60000", 504}};
    const Fault& fault = kFaults[number % kFaults.size()];
    const int status = server_.get(fault.path).status;
    // On a busy host any of them may run into the time limit first, which is 503 in the queue and 504 in a machine.
    if (status != fault.status && status != 503 && status != 504)
      note(std::string(fault.path) + ": " + std::to_string(status));
  }

  Server server_ = Server::run(
      {"--threads=2", "--vms=8", "--warmup=5", "--audit=50", "--request-timeout=1s", "--request-memory=8m"});
  std::array<Kind, 9> kinds_ = {Kind{"keep alive", &Chaos::keep_alive},
                                {"keep alive, too", &Chaos::keep_alive},
                                {"connect each time", &Chaos::connect_each_time},
                                {"send bodies", &Chaos::send_bodies},
                                {"dribble", &Chaos::dribble},
                                {"pipeline", &Chaos::pipeline},
                                {"vanish", &Chaos::vanish},
                                {"send garbage", &Chaos::send_garbage},
                                {"misbehave", &Chaos::misbehave}};
  Clock::time_point stop_at_;
  std::atomic<unsigned> well_answered_ = 0;
  std::atomic<unsigned> late_ = 0;
  std::mutex mutex_;
  std::string odd_;  ///< the first that should not have been; guarded by `mutex_`
};

}  // namespace

void expect_order_in_chaos(std::chrono::seconds duration) {
  Chaos chaos;
  // Heaps and machines come to the size that they need.
  chaos.run(std::chrono::seconds(5));
  const Holdings before = holdings_of(chaos.server());
  chaos.run(duration);
  expect_no_more(chaos.server(), before, 8'192);
  EXPECT_EQ(chaos.server().get("/count").body, kFresh);
  EXPECT_EQ(chaos.server().stop(), 0) << "every 50th reset was audited";
}

}  // namespace mayfly::e2e
