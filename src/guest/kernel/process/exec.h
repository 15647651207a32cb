// Starting the program.
#pragma once

namespace mayfly::kernel {

class Kernel;

/// Loads the program that abi::BootPage names: executable, interpreter, vDSO, stack, standard streams. Makes its first
/// thread the scheduler's current one, with the registers for its first instruction in frame() (selectors excepted).
/// If the program cannot be started, says why on its standard error and ends the machine as a shell would: status 127
/// for what is not there, 126 for what cannot be run.
void exec_boot(Kernel& kernel);

}  // namespace mayfly::kernel
