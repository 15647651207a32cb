// A database in a Python server: opened and filled before the snapshot, changed in a request, pristine in the next.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/load.h"
#include "started_program.h"

namespace mayfly::servers {
namespace {

/// Where the database is, and its journal.
struct Database {
  std::string name;
  std::string file;
  std::string journal;
};
void PrintTo(const Database& database, std::ostream* out) {
  *out << database.name;
}

class Sqlite : public testing::TestWithParam<Database> {
 protected:
  Sqlite() : program_(sqlite_program(GetParam().file, GetParam().journal)) {}
  const ServerProgram program_;
};

constexpr const char* kFilled = "(1000, 1000, 8889)\n";
constexpr const char* kAdded = "(1001, 1001, 8909)\n";

TEST_P(Sqlite, KeepsWhatIsAddedNatively) {
  const NativeServer native(program_);
  TestClient client = native.client();
  EXPECT_EQ(client.get("/").body, kFilled);
  EXPECT_EQ(client.get("/add").body, kAdded);
  EXPECT_EQ(client.get("/").body, kAdded);
}

TEST_P(Sqlite, IsPristineInEachRequest) {
  MachineServer machine(program_, {"--audit=1"});
  TestClient client = machine.server().client();
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(client.get("/").body, kFilled);
    EXPECT_EQ(client.get("/add").body, kAdded);
  }
  const e2e::LoadResult result = e2e::load(machine.server(), "/add", kAdded, 200, 4);
  EXPECT_EQ(result.answered, 200U) << result.first_odd << machine.server().process().err();
  const std::filesystem::directory_iterator files(machine.folder());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "the database is in the machines alone";
}

INSTANTIATE_TEST_SUITE_P(, Sqlite,
                         testing::Values(Database{"in_memory", ":memory:", "memory"},
                                         Database{"rollback_journal", "notes.db", "delete"},
                                         Database{"write_ahead_log", "notes.db", "wal"}),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace mayfly::servers
