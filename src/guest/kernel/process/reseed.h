// What must differ between two machines of one snapshot.
#pragma once

namespace mayfly::kernel {

class Kernel;

/// Makes this machine a different one from its siblings, after a reset: new random numbers, new bytes at AT_RANDOM (for
/// those who read them from now on; what libc has taken from them at start-up, its stack canary, stays), a new process
/// id for libraries that detect a fork by it, and zeroes in the areas marked MADV_WIPEONFORK. Call it when
/// shared().reset.fresh is set; clears it.
void reseed(Kernel& kernel);

/// Asks the host for the first seed, at boot.
void seed_at_boot(Kernel& kernel);

}  // namespace mayfly::kernel
