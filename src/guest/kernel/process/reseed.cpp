#include "guest/kernel/process/reseed.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

static_assert(sizeof(abi::ResetPage::seed) == Random::kSeedBytes);

void reseed(Kernel& kernel) {
  abi::ResetPage& reset = shared().reset;
  Process& process = kernel.process;
  reset.fresh = 0;
  kernel.random.mix(reset.seed);
  std::memset(reset.seed, 0, sizeof reset.seed);
  if (reset.process_id != 0) process.id = reset.process_id;
  u8 bytes[Process::kRandomBytes];
  kernel.random.fill(bytes, sizeof bytes);
  // A program may have unmapped its first stack; then nobody reads these bytes.
  if (process.random_bytes != 0 && !copy_to_user(process.random_bytes, bytes, sizeof bytes)) process.random_bytes = 0;
  process.memory.wipe_on_reset();
}

void seed_at_boot(Kernel& kernel) {
  u8 seed[Random::kSeedBytes];
  if (host_call(abi::Call::entropy, sizeof seed) != static_cast<long>(sizeof seed)) {
    panic("the host has no random bytes");
  }
  std::memcpy(seed, shared().io, sizeof seed);
  kernel.random.mix(seed);
}

}  // namespace mayfly::kernel
