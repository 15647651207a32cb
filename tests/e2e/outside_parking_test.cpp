// A machine that waits for its backend holds up no other.
#include <gtest/gtest.h>

#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

TEST(OutsideParking, TwoHundredMachinesOfOneThreadWaitTogether) {
  // The backend answers nobody before all have asked: were one machine run to its end, it would wait for ever.
  constexpr unsigned kMachines = 200;
  const HttpBackend backend;
  const Server server = allowed_server(Runtime::cpp, backend.address(),
                                       {"--vms=" + std::to_string(kMachines), "--threads=1", "--audit=50"});
  const std::string path = "/fetch?/meet?" + std::to_string(kMachines);
  const LoadResult result = load(server, path, "met", kMachines, kMachines);
  EXPECT_EQ(result.answered, kMachines) << result.first_odd;
  EXPECT_EQ(backend.accepted(), kMachines);
}

}  // namespace
}  // namespace mayfly::e2e
