// Loading the program at boot.
#pragma once

namespace mayfly::kernel {

class Kernel;

/// Creates the first thread and loads the program that shared().boot describes; ends the machine with a message if it
/// cannot be loaded. Afterwards the scheduler's current thread has a frame that enters the program.
void exec_boot(Kernel& kernel);

}  // namespace mayfly::kernel
