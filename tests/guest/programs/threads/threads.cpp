// POSIX threads: creation, mutexes, conditions, barriers, thread-local storage.
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "check.h"

namespace {

constexpr int kThreads = 64;

void many_threads() {
  long counter = 0;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        std::lock_guard lock(mutex);
        ++counter;
        if (round % 100 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%d threads counted to %ld\n", kThreads, counter);
}

void producer_and_consumers() {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> queue;
  bool done = false;
  std::atomic<long> sum = 0;
  auto consume = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !queue.empty() || done; });
      if (queue.empty()) return;
      sum += queue.front();
      queue.pop_front();
    }
  };
  std::thread consumers[] = {std::thread(consume), std::thread(consume), std::thread(consume)};
  for (int i = 1; i <= 1000; ++i) {
    std::lock_guard lock(mutex);
    queue.push_back(i);
    changed.notify_one();
  }
  {
    std::lock_guard lock(mutex);
    done = true;
  }
  changed.notify_all();
  for (std::thread& consumer : consumers) consumer.join();
  std::printf("consumed %ld\n", sum.load());
}

void barrier() {
  constexpr unsigned kParties = 8;
  pthread_barrier_t barrier;
  CHECK(pthread_barrier_init(&barrier, nullptr, kParties) == 0);
  std::atomic<int> arrived = 0;
  std::atomic<int> serial = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kParties; ++i) {
    threads.emplace_back([&] {
      for (int round = 1; round <= 20; ++round) {
        ++arrived;
        if (pthread_barrier_wait(&barrier) != 0) ++serial;  // PTHREAD_BARRIER_SERIAL_THREAD
        CHECK(arrived >= static_cast<int>(kParties) * round);
        pthread_barrier_wait(&barrier);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(pthread_barrier_destroy(&barrier) == 0);
  std::printf("barrier: %d arrivals, %d serial\n", arrived.load(), serial.load());
}

thread_local int local_value = 7;
thread_local std::vector<int> local_vector;

void thread_local_storage() {
  std::atomic<int> destroyed = 0;
  pthread_key_t key;
  CHECK(pthread_key_create(&key, [](void* value) { ++*static_cast<std::atomic<int>*>(value); }) == 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      CHECK(local_value == 7);
      local_value = i;
      CHECK(pthread_setspecific(key, &destroyed) == 0);
      for (int round = 0; round < 50; ++round) {
        local_vector.push_back(i);
        std::this_thread::yield();
        CHECK(local_value == i);
      }
      for (int value : local_vector) CHECK(value == i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(local_value == 7 && local_vector.empty());
  std::printf("thread-local storage, %d destructors\n", destroyed.load());
}

void readers_and_writers() {
  std::shared_mutex mutex;
  long value = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::unique_lock lock(mutex);
        value += 2;
      }
    });
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::shared_lock lock(mutex);
        CHECK(value % 2 == 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("readers and writers: %ld\n", value);
}

void semaphore_ping_pong() {
  sem_t ping;
  sem_t pong;
  CHECK(sem_init(&ping, 0, 0) == 0 && sem_init(&pong, 0, 0) == 0);
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      CHECK(sem_wait(&ping) == 0);
      CHECK(sem_post(&pong) == 0);
    }
  });
  for (int i = 0; i < 1000; ++i) {
    CHECK(sem_post(&ping) == 0);
    CHECK(sem_wait(&pong) == 0);
  }
  other.join();
  passed("semaphores");
}

void robust_mutex() {
  pthread_mutexattr_t attributes;
  pthread_mutex_t mutex;
  CHECK(pthread_mutexattr_init(&attributes) == 0);
  CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
  std::thread([&] { CHECK(pthread_mutex_lock(&mutex) == 0); }).join();
  CHECK(pthread_mutex_lock(&mutex) == EOWNERDEAD);
  CHECK(pthread_mutex_consistent(&mutex) == 0);
  CHECK(pthread_mutex_unlock(&mutex) == 0);
  passed("robust mutex");
}

void names_and_ids() {
  CHECK(gettid() == getpid());
  std::thread([] {
    CHECK(gettid() != getpid());
    CHECK(pthread_setname_np(pthread_self(), "worker") == 0);
    char name[16] = {};
    CHECK(pthread_getname_np(pthread_self(), name, sizeof name) == 0);
    std::printf("thread name %s\n", name);
  }).join();
}

void detached_threads_come_and_go() {
  std::atomic<int> finished = 0;
  constexpr int kRounds = 400;
  for (int i = 0; i < kRounds; ++i) {
    std::thread([&] { ++finished; }).detach();
    while (finished.load() < i - 20) std::this_thread::yield();
  }
  while (finished.load() < kRounds) std::this_thread::yield();
  std::printf("%d detached threads\n", finished.load());
}

}  // namespace

int main() {
  many_threads();
  producer_and_consumers();
  barrier();
  thread_local_storage();
  readers_and_writers();
  semaphore_ping_pong();
  robust_mutex();
  names_and_ids();
  detached_threads_come_and_go();
}
