// Programs that attack the guest kernel, ring 0 and the host: none gets anywhere, none leaves a trace behind a reset.
#include "machine_fixture.h"

namespace mayfly::machine {
namespace {

struct Attack {
  const char* name;
  const char* outcome;  ///< part of the answer or of how the machine ends
};

void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.name;
}

class AttackTest : public MachineTest, public ::testing::WithParamInterface<Attack> {};

TEST_P(AttackTest, FailsAndLeavesNoTrace) {
  auto machine = make();
  for (int round = 0; round < 3; ++round) {
    std::string answer = ask(*machine, std::string("attack ") + GetParam().name);
    EXPECT_NE(answer.find(GetParam().outcome), std::string::npos) << answer;
    expect_as_frozen(*machine);
  }
}

constexpr const char* kSegmentationFault = "ended by signal 11 (SIGSEGV)";

INSTANTIATE_TEST_SUITE_P(Instructions, AttackTest,
                         ::testing::Values(Attack{"wrmsr", kSegmentationFault}, Attack{"rdmsr", kSegmentationFault},
                                           Attack{"cli", kSegmentationFault}, Attack{"hlt", kSegmentationFault},
                                           Attack{"swapgs", kSegmentationFault}, Attack{"lidt", kSegmentationFault},
                                           Attack{"mov-cr3", kSegmentationFault}, Attack{"mov-dr7", kSegmentationFault},
                                           Attack{"xsetbv", kSegmentationFault}, Attack{"out", kSegmentationFault}));

INSTANTIATE_TEST_SUITE_P(Memory, AttackTest,
                         ::testing::Values(Attack{"write-kernel-text", kSegmentationFault},
                                           Attack{"write-image-header", kSegmentationFault},
                                           Attack{"write-gdt", kSegmentationFault},
                                           Attack{"write-ring0-stack", kSegmentationFault},
                                           Attack{"read-idt", kSegmentationFault}));

INSTANTIATE_TEST_SUITE_P(Entries, AttackTest,
                         ::testing::Values(Attack{"any-stack", "survived"}, Attack{"enter-without-syscall", "survived"},
                                           Attack{"jump-to-trap-stubs", "exception in the guest kernel"}));

TEST_F(MachineTest, TheTablesOfSparseMappingsHaveALimit) {
  auto machine = make();
  std::string answer = ask(*machine, "attack map-sparsely");
  EXPECT_NE(answer.find("the page tables are full"), std::string::npos) << answer;
  EXPECT_EQ(machine->ending().kind, Ending::Kind::out_of_memory);
  EXPECT_TRUE(machine->beyond_repair()) << "it has no table left for the next request";
  expect_as_frozen(*machine);
}

/// What becomes of these depends on what the garbage means; only the host and the next request must not care.
class GarbageTest : public MachineTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(GarbageTest, StaysInItsMachine) {
  constexpr unsigned kSlices = 20;
  auto machine = make();
  for (int round = 0; round < 3; ++round) {
    send(*machine, std::string("attack ") + GetParam());
    run_slices(*machine, kSlices);
    if (machine->beyond_repair()) machine = make();
    expect_as_frozen(*machine);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, GarbageTest,
                         ::testing::Values("garble-kernel-with-zeros", "garble-kernel-with-ones",
                                           "garble-kernel-with-text"));
INSTANTIATE_TEST_SUITE_P(HostCalls, GarbageTest, ::testing::Values("call-host", "call-host-small", "in", "out32"));

}  // namespace
}  // namespace mayfly::machine
