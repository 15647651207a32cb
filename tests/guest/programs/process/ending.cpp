// Ways in which a program ends, by its first argument.
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include <exception>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "check.h"

namespace {

constexpr long kMoreThanAnyStack = 1L << 40;

/// Needs a page of stack for each of `depth` levels.
int use_stack(long depth) {
  volatile char here[4096];
  here[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : use_stack(depth - 1) + here[0];
}

[[noreturn]] void exit_from_thread() {
  std::thread([] { exit(7); }).detach();
  for (;;) pause();
}

/// The first thread ends; the program goes on, and ends with its last one.
[[noreturn]] void outlive_the_first_thread() {
  std::thread([] {
    std::this_thread::yield();
    std::puts("the last thread");
    std::fflush(stdout);
    syscall(SYS_exit_group, 9);
  }).detach();
  pthread_exit(nullptr);
}

void end(std::string_view how) {
  volatile int zero = 0;
  volatile int one = 1;  // compilers know a shorter way for a constant
  if (how == "exit") exit(42);
  if (how == "large-status") exit(0x1234);
  if (how == "quick") _exit(3);
  if (how == "thread") exit_from_thread();
  if (how == "first-thread") outlive_the_first_thread();
  if (how == "abort") abort();
  if (how == "terminate") throw std::runtime_error("nobody catches this");
  if (how == "null") *static_cast<volatile int*>(nullptr) = 1;
  if (how == "stack") use_stack(kMoreThanAnyStack);
  if (how == "trap") __builtin_trap();
  if (how == "kill") kill(getpid(), SIGKILL);
  if (how == "term") raise(SIGTERM);
  if (how == "divide") std::printf("%d\n", one / zero);
}

}  // namespace

int main(int argument_count, char** arguments) {
  CHECK(argument_count == 2);
  std::printf("ending by %s\n", arguments[1]);
  std::fflush(stdout);
  std::atexit([] {
    std::puts("at exit");
    std::fflush(stdout);
  });
  end(arguments[1]);
  CHECK(false);
}
