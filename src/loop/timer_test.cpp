#include "loop/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace mayfly::loop {
namespace {

using namespace std::chrono_literals;

TEST(TimerQueue, CallsBackInOrderAndOnce) {
  TimerQueue queue;
  std::vector<int> fired;
  Timer second(queue, [&] { fired.push_back(2); });
  Timer first(queue, [&] { fired.push_back(1); });
  const Clock::time_point start{};
  second.arm(start + 20ms);
  first.arm(start + 10ms);
  EXPECT_EQ(queue.next(), start + 10ms);
  queue.expire(start + 9ms);
  EXPECT_TRUE(fired.empty());
  queue.expire(start + 30ms);
  queue.expire(start + 60ms);
  EXPECT_EQ(fired, (std::vector{1, 2}));
  EXPECT_FALSE(queue.next());
}

TEST(TimerQueue, KeepsToTheLatestTimeOnly) {
  TimerQueue queue;
  int fired = 0;
  Timer timer(queue, [&] { ++fired; });
  const Clock::time_point start{};
  timer.arm(start + 10ms);
  timer.arm(start + 30ms);
  queue.expire(start + 20ms);
  EXPECT_EQ(fired, 0) << "put off";
  timer.arm(start + 25ms);
  queue.expire(start + 25ms);
  EXPECT_EQ(fired, 1) << "brought forward";
  timer.arm(start + 40ms);
  timer.disarm();
  queue.expire(start + 50ms);
  EXPECT_EQ(fired, 1) << "disarmed";
}

TEST(TimerQueue, LetsCallbacksDestroyAndArmTimers) {
  TimerQueue queue;
  int fired = 0;
  const Clock::time_point start{};
  auto victim = std::make_unique<Timer>(queue, [&] { ADD_FAILURE() << "fired after its destruction"; });
  Timer killer(queue, [&] { victim.reset(); });
  Timer repeated(queue, [&] {
    if (++fired == 1) repeated.arm(start + 5ms);
  });
  killer.arm(start + 1ms);
  victim->arm(start + 2ms);
  repeated.arm(start + 3ms);
  queue.expire(start + 4ms);
  EXPECT_EQ(fired, 1);
  queue.expire(start + 5ms);
  EXPECT_EQ(fired, 2);
}

TEST(TimerQueue, AgreesWithASortedList) {
  TimerQueue queue;
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<int> due(200);
  std::vector<int> fired;
  const Clock::time_point start{};
  for (int i = 0; i < 200; ++i) {
    timers.push_back(std::make_unique<Timer>(queue, [&fired, &due, i] { fired.push_back(due[std::size_t(i)]); }));
  }
  for (int step = 0; step < 2000; ++step) {
    const std::size_t i = random() % 200;
    due[i] = static_cast<int>(random() % 1000);
    timers[i]->arm(start + std::chrono::milliseconds(due[i]));
  }
  for (std::size_t i = 0; i < 200; i += 3) timers[i].reset();
  const auto left = static_cast<std::size_t>(
      std::count_if(timers.begin(), timers.end(), [](const auto& timer) { return timer != nullptr; }));
  queue.expire(start + 2s);
  EXPECT_LE(fired.size(), left);
  EXPECT_GT(fired.size(), left * 9 / 10) << "nearly all were armed";
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

}  // namespace
}  // namespace mayfly::loop
