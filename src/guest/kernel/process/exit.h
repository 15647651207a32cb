// The end of a thread, and of the program.
#pragma once

namespace mayfly::kernel {

class Thread;

/// Ends the running thread: settles its robust futexes, tells those who wait for it (clear_child_tid), and gives the
/// processor away. The last thread ends the program with `status`.
[[noreturn]] void exit_thread(Thread& thread, int status);

/// Ends the program and the machine. @param status as exit_group(2): its low 8 bits count
[[noreturn]] void exit_program(int status);

}  // namespace mayfly::kernel
