#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "commands.h"
#include "vector_state.h"

namespace {

constexpr unsigned long kPage = 4096;
sigjmp_buf fault_return;
std::atomic<unsigned long> signals_seen{0};

void on_fault(int) {
  siglongjmp(fault_return, 1);
}

void on_signal(int) {
  ++signals_seen;
}

void map_and_fault() {
  auto* bytes = static_cast<volatile unsigned char*>(
      mmap(nullptr, 16 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (unsigned page = 0; page < 16; page += 2) bytes[page * kPage] = 1;
  mprotect(const_cast<unsigned char*>(bytes), 4 * kPage, PROT_READ);
  if (sigsetjmp(fault_return, 1) == 0) bytes[0] = 2;
  if (sigsetjmp(fault_return, 1) == 0) asm volatile("ud2");
  munmap(const_cast<unsigned char*>(bytes), 16 * kPage);
}

/// Long enough in vector registers that a slice may well end there.
double compute() {
  double values[64];
  for (int i = 0; i < 64; ++i) values[i] = i;
  for (int round = 0; round < 200; ++round) {
    for (double& value : values) value = value * 1.0001 + 0.5;
  }
  return values[63];
}

void pipes_and_signals() {
  int ends[2];
  char text[64] = "mayfly";
  if (pipe(ends) != 0) return;
  if (write(ends[1], text, sizeof text) > 0 && read(ends[0], text, sizeof text) > 0) raise(SIGUSR1);
  close(ends[0]);
  close(ends[1]);
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(number, &action, nullptr);
}

}  // namespace

std::string two_spinning_threads(const std::string&) {
  std::atomic<unsigned long> theirs{0};
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop.load(std::memory_order_relaxed)) theirs.fetch_add(1, std::memory_order_relaxed);
  });
  unsigned long mine = 0;
  // Ends only if the other thread gets the processor again and again, though neither of them ever calls the kernel.
  for (unsigned long turns = 0, seen = 0; turns < 5; ++mine) {
    unsigned long now = theirs.load(std::memory_order_relaxed);
    if (now != seen) ++turns;
    seen = now;
  }
  stop = true;
  other.join();
  return mine > 0 && theirs > 0 ? "shared" : "not shared";
}

std::string churn(const std::string&) {
  install(SIGSEGV, on_fault);
  install(SIGILL, on_fault);
  install(SIGUSR1, on_signal);
  double sum = 0;
  for (;;) {
    map_and_fault();
    sum += compute();
    pipes_and_signals();
    std::thread([&sum] { sum += compute(); }).join();
    if (getppid() == 12345) return std::to_string(sum);  // never, but the compiler does not know
  }
}

std::string spin_with_scribbled_vectors(const std::string&) {
  scribble_vector_state();
  for (;;) asm volatile("");
}
