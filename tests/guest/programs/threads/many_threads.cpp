// Six hundred threads that are alive at once, each with its own id, stack and thread-local storage.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <vector>

#include "check.h"

namespace {

constexpr int kThreads = 600;
thread_local int local = 0;

struct Shared {
  pthread_barrier_t all_there;
  std::atomic<int> sum = 0;
  std::atomic<pid_t> ids[kThreads] = {};
  std::atomic<int> next = 0;
} shared;

void* body(void*) {
  int index = shared.next++;
  local = index;
  shared.ids[index] = gettid();
  pthread_barrier_wait(&shared.all_there);
  CHECK(local == index);
  shared.sum += local;
  return nullptr;
}

}  // namespace

int main() {
  CHECK(pthread_barrier_init(&shared.all_there, nullptr, kThreads + 1) == 0);
  pthread_attr_t attributes;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, 64 * 1024) == 0);
  std::vector<pthread_t> threads(kThreads);
  for (pthread_t& thread : threads) CHECK(pthread_create(&thread, &attributes, body, nullptr) == 0);
  pthread_barrier_wait(&shared.all_there);
  for (pthread_t thread : threads) CHECK(pthread_join(thread, nullptr) == 0);
  CHECK(shared.sum == kThreads * (kThreads - 1) / 2);
  std::set<pid_t> ids;
  for (const auto& id : shared.ids) ids.insert(id);
  CHECK(ids.size() == kThreads && ids.count(getpid()) == 0);
  std::printf("%d threads at once\n", kThreads);
}
