#include "stress.h"

#include <pthread.h>
#include <unistd.h>
#include <csignal>

#include <vector>

namespace stress {
namespace {

constexpr int kSecondsWithoutProgress = 30;

void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  HOLDS(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
}

}  // namespace

bool Worker::go_on() {
  rounds_.fetch_add(1, std::memory_order_relaxed);
  return !stress_.time_is_up();
}

bool Worker::time_is_up() const {
  return stress_.time_is_up();
}

void Worker::finish_up() {
  if (go_on()) return;
  constexpr auto kGrace = std::chrono::seconds(kSecondsWithoutProgress);
  bool is_late = std::chrono::steady_clock::now() > stress_.end_ + kGrace;
  if (is_late) std::fprintf(stderr, "%s waits in vain after %lu rounds\n", name_.c_str(), rounds_.load());
  HOLDS(!is_late);
}

Stress::Stress(int argc, char** argv) {
  int seconds = argc > 1 ? std::atoi(argv[1]) : 2;
  HOLDS(seconds > 0);
  end_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
}

void Stress::start(const char* name, int count, const std::function<void(Worker&)>& body) {
  for (int i = 0; i < count; ++i) {
    Worker& worker = workers_.emplace_back(*this, std::string(name) + ' ' + std::to_string(i), workers_.size() + 1);
    worker.thread_ = std::thread([&worker, body] {
      body(worker);
      worker.ended_ = true;
    });
  }
}

void Stress::watch() {
  block_all_signals();
  std::vector<std::uint64_t> seen(workers_.size());
  std::vector<int> still(workers_.size());
  while (!done_) {
    usleep(200'000);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      Worker& worker = workers_[i];
      std::uint64_t rounds = worker.rounds_;
      still[i] = worker.ended_ || rounds != seen[i] ? 0 : still[i] + 1;
      seen[i] = rounds;
      if (still[i] < kSecondsWithoutProgress * 5) continue;
      std::fprintf(stderr, "%s stands still after %lu rounds\n", worker.name_.c_str(), rounds);
      std::_Exit(3);
    }
  }
}

int Stress::finish(const char* what) {
  watchdog_ = std::thread([this] { watch(); });
  for (Worker& worker : workers_) {
    worker.thread_.join();
    std::fprintf(stderr, "%s: %lu rounds\n", worker.name_.c_str(), worker.rounds_.load());
    HOLDS(worker.rounds_ > 0);
  }
  done_ = true;
  watchdog_.join();
  std::printf("%s: all held\n", what);
  return 0;
}

}  // namespace stress
