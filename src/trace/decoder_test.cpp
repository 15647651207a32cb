// Expectations are what strace prints for the same calls, but for blanks before " = ".
#include "trace/decoder.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "trace/testing.h"

namespace mayfly::trace {
namespace {

constexpr u64 kBadAddress = 0x10;

template <typename... Arguments>
std::string begun(u64 number, Arguments... arguments) {
  OwnMemory memory;
  return beginning_text(record_of(number, 0, arguments...), memory);
}

/// A whole call: what is shown before and after it.
template <typename... Arguments>
std::string shown(u64 number, i64 result, Arguments... arguments) {
  OwnMemory memory;
  abi::TraceRecord record = record_of(number, result, arguments...);
  std::string text = beginning_text(record, memory);
  record.phase = abi::TracePhase::leave;
  return text + end_text(record, memory);
}

TEST(DecoderTest, BytesAreShownOnceTheyAreThere) {
  const char buffer[] = "GET /\r\n\x01\x7f";
  EXPECT_EQ(begun(__NR_read, 3, buffer, 100), "read(3, ");
  EXPECT_EQ(shown(__NR_read, 9, 3, buffer, 100), R"(read(3, "GET /\r\n\1\177", 100) = 9)");
  EXPECT_EQ(begun(__NR_write, 3, buffer, 5), R"(write(3, "GET /", 5)");
  const std::string large(100, 'x');
  EXPECT_EQ(begun(__NR_write, 1, large.data(), 100), "write(1, \"" + std::string(32, 'x') + "\"..., 100");
}

TEST(DecoderTest, WhatCannotBeReadIsAnAddress) {
  EXPECT_EQ(shown(__NR_write, -EFAULT, 1, kBadAddress, 5), "write(1, 0x10, 5) = -1 EFAULT (Bad address)");
  EXPECT_EQ(shown(__NR_read, -EAGAIN, 8, 0x7f00, 10),
            "read(8, 0x7f00, 10) = -1 EAGAIN (Resource temporarily unavailable)");
  EXPECT_EQ(begun(__NR_chdir, kBadAddress), "chdir(0x10");
  EXPECT_EQ(begun(__NR_chdir, nullptr), "chdir(NULL");
  EXPECT_EQ(begun(__NR_writev, 1, kBadAddress, 2), "writev(1, [0x10], 2");
}

TEST(DecoderTest, EscapedDigitsStayApart) {
  EXPECT_EQ(begun(__NR_write, 1,
                  "\x01"
                  "2\x02z",
                  4),
            R"(write(1, "\0012\2z", 4)");
}

TEST(DecoderTest, Open) {
  EXPECT_EQ(begun(__NR_openat, AT_FDCWD, "/etc/hosts", O_RDONLY | O_CLOEXEC),
            R"(openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC)");
  EXPECT_EQ(begun(__NR_openat, 7, "x", O_RDWR | O_CREAT | O_TRUNC, 0644),
            R"(openat(7, "x", O_RDWR|O_CREAT|O_TRUNC, 0644)");
  const std::string endless(2 * PATH_MAX, 'a');
  EXPECT_TRUE(begun(__NR_open, endless.c_str(), O_RDONLY).ends_with("aaa\"..., O_RDONLY"));
}

TEST(DecoderTest, Memory) {
  EXPECT_EQ(shown(__NR_mmap, 0x7f0000000000, nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000");
  EXPECT_EQ(begun(__NR_mmap, nullptr, 4096, PROT_NONE, MAP_PRIVATE | 0x800, 3, 0x1000),
            "mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_DENYWRITE, 3, 0x1000");
  EXPECT_EQ(begun(__NR_mmap, nullptr, 4096, 0x80, MAP_PRIVATE | 0x40000000, 3, 0),
            "mmap(NULL, 4096, 0x80, MAP_PRIVATE|0x40000000, 3, 0");
  EXPECT_EQ(begun(__NR_madvise, 0x1000, 4096, MADV_DONTNEED), "madvise(0x1000, 4096, MADV_DONTNEED");
  EXPECT_EQ(begun(__NR_mremap, 0x1000, 1, 2, MREMAP_MAYMOVE, 0x5000), "mremap(0x1000, 1, 2, MREMAP_MAYMOVE");
}

TEST(DecoderTest, SocketAddresses) {
  const sockaddr_in ip4{
      .sin_family = AF_INET, .sin_port = htons(8080), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  EXPECT_EQ(begun(__NR_bind, 6, &ip4, sizeof ip4),
            R"(bind(6, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16)");
  const sockaddr_in6 ip6{.sin6_family = AF_INET6,
                         .sin6_port = htons(1),
                         .sin6_flowinfo = 0,
                         .sin6_addr = in6addr_loopback,
                         .sin6_scope_id = 0};
  EXPECT_EQ(begun(__NR_connect, 6, &ip6, sizeof ip6),
            R"(connect(6, {sa_family=AF_INET6, sin6_port=htons(1), sin6_addr="::1"}, 28)");
  sockaddr_un local{.sun_family = AF_UNIX, .sun_path = "/run/s"};
  EXPECT_EQ(begun(__NR_bind, 6, &local, sizeof local), R"(bind(6, {sa_family=AF_UNIX, sun_path="/run/s"}, 110)");
  std::memcpy(local.sun_path, "\0ab", 3);
  EXPECT_EQ(begun(__NR_bind, 6, &local, 5), R"(bind(6, {sa_family=AF_UNIX, sun_path=@"ab"}, 5)");
  EXPECT_EQ(begun(__NR_bind, 6, &ip4, 1), fmt::format("bind(6, {:#x}, 1", reinterpret_cast<u64>(&ip4)));
  socklen_t size = sizeof ip4;
  EXPECT_EQ(
      shown(__NR_accept4, 7, 6, &ip4, &size, SOCK_CLOEXEC),
      R"(accept4(6, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = 7)");
}

TEST(DecoderTest, Messages) {
  char first[] = "abc";
  char second[] = "defg";
  iovec parts[] = {{first, 3}, {second, 4}};
  EXPECT_EQ(shown(__NR_writev, 7, 3, parts, 2),
            R"(writev(3, [{iov_base="abc", iov_len=3}, {iov_base="defg", iov_len=4}], 2) = 7)");
  EXPECT_EQ(shown(__NR_readv, 4, 3, parts, 2),
            R"(readv(3, [{iov_base="abc", iov_len=3}, {iov_base="d", iov_len=4}], 2) = 4)");
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  EXPECT_EQ(
      begun(__NR_sendmsg, 3, &message, MSG_NOSIGNAL),
      R"(sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="abc", iov_len=3}, {iov_base="defg", iov_len=4}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, MSG_NOSIGNAL)");
  const int one = 1;
  EXPECT_EQ(begun(__NR_setsockopt, 6, SOL_SOCKET, SO_REUSEADDR, &one, 4),
            "setsockopt(6, SOL_SOCKET, SO_REUSEADDR, [1], 4");
}

TEST(DecoderTest, Events) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = 5}};
  EXPECT_EQ(begun(__NR_epoll_ctl, 5, EPOLL_CTL_ADD, 4, &event),
            "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, data=0x5}");
  EXPECT_EQ(begun(__NR_epoll_wait, 5, &event, 1024, -1), "epoll_wait(5, ");
  EXPECT_EQ(shown(__NR_epoll_wait, 1, 5, &event, 1024, -1),
            "epoll_wait(5, [{events=EPOLLIN|EPOLLET, data=0x5}], 1024, -1) = 1");
  pollfd polled{.fd = 4, .events = POLLIN, .revents = POLLIN};
  EXPECT_EQ(shown(__NR_poll, 1, &polled, 1, 10), "poll([{fd=4, events=POLLIN}], 1, 10) = 1 ([{fd=4, revents=POLLIN}])");
  EXPECT_EQ(shown(__NR_poll, 0, &polled, 1, 10), "poll([{fd=4, events=POLLIN}], 1, 10) = 0 (Timeout)");
}

TEST(DecoderTest, Futexes) {
  const timespec time{1, 2};
  EXPECT_EQ(begun(__NR_futex, 0x1000, FUTEX_WAIT_PRIVATE, 3, &time, 0, 0),
            "futex(0x1000, FUTEX_WAIT_PRIVATE, 3, {tv_sec=1, tv_nsec=2}");
  EXPECT_EQ(begun(__NR_futex, 0x1000, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0), "futex(0x1000, FUTEX_WAKE_PRIVATE, 1");
  EXPECT_EQ(begun(__NR_futex, 0x1000, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 3, nullptr, nullptr, -1),
            "futex(0x1000, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 3, NULL, FUTEX_BITSET_MATCH_ANY");
}

TEST(DecoderTest, Signals) {
  const u64 action[] = {0x5000, SA_RESTART | 0x04000000, 0x6000, 0x2};
  EXPECT_EQ(
      shown(__NR_rt_sigaction, 0, SIGUSR1, action, nullptr, 8),
      "rt_sigaction(SIGUSR1, {sa_handler=0x5000, sa_mask=[INT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x6000}, "
      "NULL, 8) = 0");
  const u64 mask = (u64{1} << (SIGINT - 1)) | (u64{1} << (SIGTERM - 1));
  const u64 all = ~u64{0};
  EXPECT_EQ(shown(__NR_rt_sigprocmask, 0, SIG_BLOCK, &all, &mask, 8),
            "rt_sigprocmask(SIG_BLOCK, ~[], [INT TERM], 8) = 0");
  EXPECT_EQ(begun(__NR_tgkill, 2, 3, 34), "tgkill(2, 3, SIGRT_2");
  OwnMemory memory;
  EXPECT_EQ(signal_text(record_of(SIGSEGV, 0, 1, 0x10), memory),
            "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---");
  EXPECT_EQ(signal_text(record_of(SIGUSR1, 0, SI_TKILL, 2), memory),
            "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=2, si_uid=0} ---");
}

TEST(DecoderTest, FilesAndLimits) {
  struct stat status {};
  status.st_mode = S_IFREG | 0644;
  status.st_size = 12;
  EXPECT_EQ(shown(__NR_fstat, 0, 7, &status), "fstat(7, {st_mode=S_IFREG|0644, st_size=12, ...}) = 0");
  EXPECT_EQ(shown(__NR_fcntl, O_RDWR, 7, F_GETFL, 9), "fcntl(7, F_GETFL) = 2 (flags O_RDWR)");
  EXPECT_EQ(shown(__NR_fcntl, 0, 7, F_SETFD, FD_CLOEXEC), "fcntl(7, F_SETFD, FD_CLOEXEC) = 0");
  const rlimit limit{1024, RLIM_INFINITY};
  EXPECT_EQ(shown(__NR_prlimit64, 0, 0, RLIMIT_NOFILE, nullptr, &limit),
            "prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=RLIM64_INFINITY}) = 0");
  const int pair[] = {3, 4};
  EXPECT_EQ(shown(__NR_pipe2, 0, pair, O_NONBLOCK), "pipe2([3, 4], O_NONBLOCK) = 0");
}

TEST(DecoderTest, Results) {
  EXPECT_EQ(shown(__NR_pause, -514), "pause() = ? ERESTARTNOHAND (To be restarted if no handler)");
  EXPECT_EQ(shown(__NR_getpid, 2), "getpid() = 2");
  EXPECT_EQ(shown(__NR_umask, 022, 077), "umask(077) = 022");
  EXPECT_EQ(shown(500, -ENOSYS, 1, 2, 3),
            "syscall_0x1f4(0x1, 0x2, 0x3, 0, 0, 0) = -1 ENOSYS (Function not implemented)");
  EXPECT_EQ(shown(__NR_lseek, -4000, 1, 2, 0), "lseek(1, 2, SEEK_SET) = -4000");
}

/// A guest may say anything: no argument makes the decoder read without bounds or fail.
TEST(DecoderTest, AnyArgumentsOfAnyCall) {
  std::vector<char> large(1 << 20, '\xff');
  for (u64 number = 0; number < 520; ++number) {
    for (u64 value : {u64{0}, u64{1}, reinterpret_cast<u64>(large.data()), ~u64{0} - 64, u64{0x8000'0000'0000'0000}}) {
      for (i64 result : {i64{0}, i64{1000}, i64{-1}, INT64_MAX, INT64_MIN}) {
        // Addresses beyond the buffer must be refused by the memory, as a machine does.
        struct Bounded final : Memory {
          explicit Bounded(const std::vector<char>& bytes) : all(bytes) {}
          std::size_t read(u64 address, std::span<std::byte> destination) override {
            u64 offset = address - reinterpret_cast<u64>(all.data());
            if (offset >= all.size()) return 0;
            std::size_t size = std::min<std::size_t>(destination.size(), all.size() - offset);
            std::memcpy(destination.data(), all.data() + offset, size);
            return size;
          }
          const std::vector<char>& all;
        } memory(large);
        abi::TraceRecord record = record_of(number, result, value, value, value, value, value, value);
        std::string text = beginning_text(record, memory);
        record.phase = abi::TracePhase::leave;
        text += end_text(record, memory);
        EXPECT_LT(text.size(), 100'000u) << number;
        for (char c : text) ASSERT_TRUE(c >= ' ' && c < 0x7f) << number;
      }
    }
  }
}

}  // namespace
}  // namespace mayfly::trace
