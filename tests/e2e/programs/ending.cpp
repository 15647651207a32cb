// Does not come to listen, in the way its argument says: exit, crash, sleep, loop or wait.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int, char** argv) {
  const std::string_view how = argv[1];
  std::fputs("last words\n", stderr);
  if (how == "exit") return 9;
  if (how == "crash") {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
  if (how == "sleep") {
    for (;;) ::poll(nullptr, 0, 1000);
  }
  if (how == "loop") {
    for (;;) std::atomic_signal_fence(std::memory_order_seq_cst);  // an effect, without which a loop may be left out
  }
  ::pause();
}
