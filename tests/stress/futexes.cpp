// Threads that wait for each other in every way that futexes carry, under a storm of signals and time-outs. Nothing may
// be lost, doubled or forgotten.
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include <array>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#include "stress.h"

namespace {

// ---- a bounded queue
struct Queue {
  std::mutex mutex;
  std::condition_variable not_empty, not_full;
  std::deque<std::uint64_t> items;
  int producers = 0;
  std::uint64_t put = 0, taken = 0, put_sum = 0, taken_sum = 0;
} queue;

void produce(stress::Worker& worker) {
  do {
    std::unique_lock lock(queue.mutex);
    auto has_room = [] { return queue.items.size() < 8; };
    if (!queue.not_full.wait_for(lock, std::chrono::microseconds(worker.random.below(2000)), has_room)) continue;
    std::uint64_t item = worker.random.below(1000);
    queue.items.push_back(item);
    ++queue.put;
    queue.put_sum += item;
    queue.not_empty.notify_one();
  } while (worker.go_on());
  std::lock_guard lock(queue.mutex);
  --queue.producers;
  queue.not_empty.notify_all();
}

void consume(stress::Worker& worker) {
  for (;;) {
    std::unique_lock lock(queue.mutex);
    queue.not_empty.wait(lock, [] { return !queue.items.empty() || queue.producers == 0; });
    if (queue.items.empty()) return;
    ++queue.taken;
    queue.taken_sum += queue.items.front();
    queue.items.pop_front();
    queue.not_full.notify_one();
    lock.unlock();
    worker.finish_up();
  }
}

// ---- tokens: as many waiters return as wake-ups were counted
struct Tokens {
  std::atomic<std::uint32_t> word{0};
  std::atomic<long> given{0}, got{0};
  std::atomic<int> waiters{0};
} tokens;

long futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value, const timespec* timeout) {
  return syscall(SYS_futex, word, operation, value, timeout, nullptr, 0);
}

void take_tokens(stress::Worker& worker) {
  do {
    timespec timeout{0, static_cast<long>(worker.random.below(400'000))};
    bool has_timeout = !worker.random.chance(3);
    if (!has_timeout) timeout.tv_nsec = 50'000'000;
    if (futex(&tokens.word, FUTEX_WAIT_PRIVATE, 0, &timeout) == 0) {
      ++tokens.got;
    } else {
      HOLDS(errno == ETIMEDOUT || errno == EINTR || errno == EAGAIN);
    }
  } while (worker.go_on());
  --tokens.waiters;
}

void give_tokens(stress::Worker& worker) {
  do {
    tokens.given +=
        futex(&tokens.word, FUTEX_WAKE_PRIVATE, static_cast<std::uint32_t>(1 + worker.random.below(3)), nullptr);
    if (worker.random.chance(4)) usleep(static_cast<unsigned>(worker.random.below(300)));
    worker.finish_up();
  } while (tokens.waiters != 0);
}

// ---- locks around counters
struct Counters {
  std::shared_mutex shared;
  std::uint64_t left = 0, right = 0;
  pthread_barrier_t barrier{};
  std::atomic<bool> last_round{false};
} counters;
constexpr unsigned kParties = 4;

void read_and_write(stress::Worker& worker) {
  do {
    if (worker.random.chance(4)) {
      std::unique_lock lock(counters.shared);
      ++counters.left;
      if (worker.random.chance(16)) std::this_thread::yield();
      ++counters.right;
    } else {
      std::shared_lock lock(counters.shared);
      HOLDS(counters.left == counters.right);
    }
    // On one processor a thread that gave way only while it held the lock would find it free again each time: the
    // others would never get it.
    if (worker.random.chance(16)) std::this_thread::yield();
  } while (worker.go_on());
}

void meet(stress::Worker& worker) {
  static std::atomic<std::uint64_t> arrivals{0};
  for (std::uint64_t round = 1;; ++round) {
    ++arrivals;
    // One party decides, between two meetings, whether this round is the last.
    const int passed_as = pthread_barrier_wait(&counters.barrier);
    if (passed_as == PTHREAD_BARRIER_SERIAL_THREAD) {
      HOLDS(arrivals == round * kParties);
      counters.last_round = worker.time_is_up();
    }
    pthread_barrier_wait(&counters.barrier);
    worker.finish_up();
    if (counters.last_round) return;
  }
}

// ---- threads that come and go, robust mutexes they leave locked
void come_and_go(stress::Worker& worker) {
  pthread_mutexattr_t attributes;
  HOLDS(pthread_mutexattr_init(&attributes) == 0);
  HOLDS(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  pthread_mutex_t mutex;
  HOLDS(pthread_mutex_init(&mutex, &attributes) == 0);
  do {
    std::atomic<int> owners{0};
    std::array<std::thread, 3> threads;
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        int result = pthread_mutex_lock(&mutex);
        if (result == EOWNERDEAD) HOLDS(pthread_mutex_consistent(&mutex) == 0);
        HOLDS(result == 0 || result == EOWNERDEAD);
        ++owners;
      });
    }
    for (std::thread& thread : threads) thread.join();
    HOLDS(owners == 3);
    HOLDS(pthread_mutex_lock(&mutex) == EOWNERDEAD);
    HOLDS(pthread_mutex_consistent(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
  } while (worker.go_on());
}

std::atomic<std::uint64_t> interruptions{0};

void storm(stress::Worker& worker) {
  do {
    HOLDS(kill(getpid(), SIGUSR1) == 0);
    usleep(static_cast<unsigned>(worker.random.below(500)));
  } while (worker.go_on());
}

}  // namespace

int main(int argc, char** argv) {
  struct sigaction action {};
  action.sa_handler = [](int) { ++interruptions; };
  HOLDS(sigaction(SIGUSR1, &action, nullptr) == 0);
  HOLDS(pthread_barrier_init(&counters.barrier, nullptr, kParties) == 0);
  stress::Stress stress(argc, argv);
  queue.producers = 3;
  tokens.waiters = 4;
  stress.start("producer", 3, produce);
  stress.start("consumer", 3, consume);
  stress.start("taker", 4, take_tokens);
  stress.start("giver", 2, give_tokens);
  stress.start("reader", 4, read_and_write);
  stress.start("party", kParties, meet);
  stress.start("parent", 2, come_and_go);
  stress.start("storm", 1, storm);
  int status = stress.finish("futexes");
  HOLDS(queue.put == queue.taken && queue.put_sum == queue.taken_sum && queue.items.empty());
  HOLDS(tokens.given == tokens.got);
  HOLDS(counters.left == counters.right && interruptions > 0);
  return status;
}
