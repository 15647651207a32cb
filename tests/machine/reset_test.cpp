// What a reset brings back, and what it leaves fresh, with a real program in the machine.
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "machine_fixture.h"

namespace mayfly::machine {
namespace {

TEST_F(MachineTest, EachRequestFindsTheFrozenState) {
  auto machine = make();
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(ask(*machine, "check"), "as frozen");
    reset(*machine);
  }
  EXPECT_EQ(ask(*machine, "check"), "as frozen");
  EXPECT_NE(ask(*machine, "check"), "as frozen") << "without a reset the check must fail, or it proves nothing";
}

TEST_F(MachineTest, ResetMayHitAnyInstruction) {
  constexpr int kRounds = 300;
  std::minstd_rand random(20260101);  // NOLINT: the same each time
  auto machine = make();
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    send(*machine, "churn");
    run_slices(*machine, 1 + static_cast<unsigned>(random() % 6));
    reset(*machine);
    ASSERT_EQ(ask(*machine, "check"), "as frozen") << "round " << round;
    reset(*machine);
  }
  EXPECT_GE(machine->stats().kicks, static_cast<u64>(kRounds));
}

TEST_F(MachineTest, VectorRegistersComeBack) {
  auto machine = make();
  for (int round = 0; round < 10; ++round) {
    send(*machine, "scribble");
    run_slices(*machine, 2);
    expect_as_frozen(*machine);
  }
}

TEST_F(MachineTest, SpinningThreadsShareTheProcessor) {
  auto machine = make();
  EXPECT_EQ(ask(*machine, "spin"), "shared");
  expect_as_frozen(*machine);
}

TEST_F(MachineTest, ChangedMappingsOfTheSnapshotComeBack) {
  auto machine = make();
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(ask(*machine, "unmap"), "done");
    expect_as_frozen(*machine);
  }
}

TEST_F(MachineTest, MappingsOfEarlierRequestsShowNoByte) {
  auto machine = make();
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(ask(*machine, "fresh"), "all zero");
    reset(*machine);
  }
  u64 bound = machine->stats().frames_bound;
  EXPECT_EQ(ask(*machine, "fresh"), "all zero");
  EXPECT_EQ(machine->stats().frames_bound, bound) << "mappings are kept, so that none is made anew";
}

TEST_F(MachineTest, ARequestMayChangeAllItsMappings) {
  auto machine = make();
  constexpr u64 kCoveredPages =
      1;  // of a shared mapping of the snapshot: they get a frame anew, one that was used before
  u64 bound = 0;
  for (int round = 0; round < 6; ++round) {
    EXPECT_EQ(ask(*machine, "mappings"), "as on Linux") << "round " << round;
    reset(*machine);
    u64 now = machine->stats().frames_bound;
    if (round > 1) {
      EXPECT_EQ(now - bound, kCoveredPages) << "round " << round;
    }
    bound = now;
  }
  EXPECT_EQ(ask(*machine, "check"), "as frozen");
}

TEST_F(MachineTest, TimeStandsStillWhileFrozen) {
  auto clocks = [](const std::string& answer) {
    std::istringstream words(answer);
    std::pair<u64, u64> times;
    words >> times.first >> times.second;
    return times;
  };
  auto realtime_ns = [] {
    return static_cast<u64>(std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
  };
  constexpr u64 kToleranceNs = 1'000'000;
  auto machine = make();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // frozen
  u64 real_before = realtime_ns();
  auto before = HostClock::now();
  machine->reset();
  auto [monotonic, realtime] = clocks(ask(*machine, "clocks"));
  auto awake = static_cast<u64>((HostClock::now() - before).count());
  EXPECT_GE(monotonic, frozen_->monotonic_ns);
  EXPECT_LE(monotonic, frozen_->monotonic_ns + awake + kToleranceNs);
  EXPECT_GE(realtime + kToleranceNs, real_before);
  EXPECT_LE(realtime, realtime_ns() + kToleranceNs);
}

TEST_F(MachineTest, EntropyIsFreshAfterEachReset) {
  constexpr int kRounds = 30;
  std::set<std::string> seen;
  std::set<std::string> process_ids;
  auto first = make();
  auto second = make();
  for (int round = 0; round < kRounds; ++round) {
    for (Machine* machine : {first.get(), second.get()}) {
      std::string answer = ask(*machine, "entropy");
      process_ids.insert(answer.substr(answer.rfind(' ')));
      EXPECT_TRUE(seen.insert(answer.substr(0, answer.rfind(' '))).second) << answer << " came twice";
      machine->reset();
    }
  }
  EXPECT_GT(process_ids.size(), std::size_t{kRounds}) << "libraries tell copies by it";
}

TEST_F(MachineTest, MemoryLimitEndsTheRequest) {
  auto machine = make();
  EXPECT_FALSE(machine->beyond_repair());
  std::string answer = ask(*machine, "grow 100");
  EXPECT_NE(answer.find("the memory limit is reached"), std::string::npos) << answer;
  EXPECT_EQ(machine->ending().kind, Ending::Kind::out_of_memory);
  EXPECT_TRUE(machine->beyond_repair()) << "what it has bound would be missing for later requests";
  expect_as_frozen(*machine);
}

}  // namespace
}  // namespace mayfly::machine
