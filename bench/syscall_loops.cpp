// Times common system calls and prints nanoseconds per round as JSON. Runs natively and in a machine; syscall_costs
// compares.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::size_t kPage = 4096;
constexpr int kBatches = 15;

/// A result that no call may have: the loops measure calls that succeed.
void need(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

double now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

int pipe_ends[2], pair[2], event, ready_set, idle_set, overlay_file, host_file, zero_file;
std::uint32_t futex_word;
char buffer[kPage];
char* page;
const char* overlay_path = "/tmp/mayfly-syscall-loops";

/// Nothing that could be patched stands before the `syscall`.
long unpatched(long number) {
  long result = number;
  asm volatile("nop\n nop\n nop\n nop\n nop\n syscall" : "+a"(result) : : "rcx", "r11", "memory");
  return result;
}

void set_up(const char* program) {
  need(::pipe(pipe_ends) == 0, "pipe");
  need(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  event = ::eventfd(0, 0);
  const int always_ready = ::eventfd(1, 0);
  ready_set = ::epoll_create1(0);
  idle_set = ::epoll_create1(0);
  epoll_event wanted{.events = EPOLLIN, .data = {.fd = always_ready}};
  need(::epoll_ctl(ready_set, EPOLL_CTL_ADD, always_ready, &wanted) == 0, "epoll_ctl");
  need(::epoll_ctl(idle_set, EPOLL_CTL_ADD, event, &wanted) == 0, "epoll_ctl");
  overlay_file = ::open(overlay_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  host_file = ::open(program, O_RDONLY);
  zero_file = ::open("/dev/zero", O_RDONLY);
  need(overlay_file >= 0 && host_file >= 0 && zero_file >= 0, "open");
  void* memory = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(memory != MAP_FAILED, "mmap");
  page = static_cast<char*>(memory);
  *page = 1;
}

void map_and_unmap(bool touch) {
  void* memory = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(memory != MAP_FAILED, "mmap");
  if (touch) *static_cast<volatile char*>(memory) = 1;
  ::munmap(memory, kPage);
}

void wait_once(int set, int ready) {
  epoll_event got{};
  need(::epoll_wait(set, &got, 1, 0) == ready, "epoll_wait");
}

struct Case {
  const char* name;
  int rounds;  ///< of a batch
  void (*round)();
};

constexpr int kMany = 500;
constexpr int kFew = 50;

const Case kCases[] = {
    {"getpid", kMany, [] { ::getpid(); }},
    {"getpid, site not patched", kMany, [] { unpatched(SYS_getpid); }},
    {"clock_gettime (vDSO)", kMany, [] { now_ns(); }},
    {"gettimeofday (vDSO)", kMany,
     [] {
       timeval time{};
       ::gettimeofday(&time, nullptr);
     }},
    {"clock_gettime of the processor's time", kMany,
     [] {
       timespec time{};
       ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
     }},
    {"sched_yield", kMany, [] { ::sched_yield(); }},
    {"uname", kMany,
     [] {
       utsname name{};
       ::uname(&name);
     }},
    {"rt_sigprocmask", kMany,
     [] {
       sigset_t set;
       ::sigprocmask(SIG_BLOCK, nullptr, &set);
     }},
    {"getrandom of 16 bytes", kMany, [] { need(::getrandom(buffer, 16, 0) == 16, "getrandom"); }},
    {"futex wake, nobody waits", kMany,
     [] { ::syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }},
    {"nanosleep of 0", kFew,
     [] {
       const timespec nothing{};
       ::nanosleep(&nothing, nullptr);
     }},
    {"pipe: write and read 1 byte", kMany,
     [] { need(::write(pipe_ends[1], buffer, 1) == 1 && ::read(pipe_ends[0], buffer, 1) == 1, "pipe"); }},
    {"eventfd: write and read", kMany,
     [] {
       std::uint64_t value = 1;
       need(::write(event, &value, sizeof value) == 8 && ::read(event, &value, sizeof value) == 8, "eventfd");
     }},
    {"socketpair: send and recv 64 bytes", kMany,
     [] { need(::send(pair[0], buffer, 64, 0) == 64 && ::recv(pair[1], buffer, 64, 0) == 64, "socketpair"); }},
    {"epoll_wait, one ready", kMany, [] { wait_once(ready_set, 1); }},
    {"epoll_wait, none ready", kMany, [] { wait_once(idle_set, 0); }},
    {"poll, one ready", kMany,
     [] {
       pollfd polled{pipe_ends[1], POLLOUT, 0};
       need(::poll(&polled, 1, -1) == 1, "poll");
     }},
    {"fstat of a host file", kMany,
     [] {
       struct stat status {};
       need(::fstat(host_file, &status) == 0, "fstat");
     }},
    {"lseek and read 4 KiB of a host file", kFew,
     [] { need(::lseek(host_file, 0, SEEK_SET) == 0 && ::read(host_file, buffer, kPage) == kPage, "read"); }},
    {"read 4 KiB of /dev/zero", kMany, [] { need(::read(zero_file, buffer, kPage) == kPage, "read"); }},
    {"open and close of an overlay file", kMany, [] { ::close(::open(overlay_path, O_RDWR | O_CLOEXEC)); }},
    {"pwrite 4 KiB to an overlay file", kMany,
     [] { need(::pwrite(overlay_file, buffer, kPage, 0) == kPage, "pwrite"); }},
    {"mmap and munmap of a page", kFew, [] { map_and_unmap(false); }},
    {"mmap, touch and munmap of a page", kFew, [] { map_and_unmap(true); }},
    {"mprotect to read-only and back", kFew,
     [] {
       need(::mprotect(page, kPage, PROT_READ) == 0 && ::mprotect(page, kPage, PROT_READ | PROT_WRITE) == 0,
            "mprotect");
     }},
    {"madvise DONTNEED and touch", kFew,
     [] {
       need(::madvise(page, kPage, MADV_DONTNEED) == 0, "madvise");
       *static_cast<volatile char*>(page) = 1;
     }},
};

/// The median of some batches.
double measure(const Case& measured) {
  std::array<double, kBatches> batches{};
  for (int i = 0; i < measured.rounds; ++i) measured.round();
  for (double& batch : batches) {
    const double begin = now_ns();
    for (int i = 0; i < measured.rounds; ++i) measured.round();
    batch = (now_ns() - begin) / measured.rounds;
  }
  std::nth_element(batches.begin(), batches.begin() + kBatches / 2, batches.end());
  return batches[kBatches / 2];
}

}  // namespace

int main(int, char** argv) {
  set_up(argv[0]);
  const char* separator = "{";
  for (const Case& measured : kCases) {
    std::printf("%s\"%s\": %.1f", separator, measured.name, measure(measured));
    separator = ",\n";
  }
  std::puts("}");
  ::unlink(overlay_path);
}
