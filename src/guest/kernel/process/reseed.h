// A reset machine must not repeat the random numbers of another one.
#pragma once

namespace mayfly::kernel {

class Kernel;

/// Takes the host's fresh seed from shared().reset: new entropy, new AT_RANDOM bytes, a new pid, MADV_WIPEONFORK wiped.
void reseed(Kernel& kernel);

}  // namespace mayfly::kernel
