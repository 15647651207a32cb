// Fixture for tests of descriptors: system calls by their names, strings in place of buffers.
#pragma once

#include <array>
#include <string>

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {

class IoTest : public KernelTest {
 protected:
  /// Read and write end.
  std::array<i32, 2> pipe(int flags = 0) {
    std::array<i32, 2> fds{-1, -1};
    EXPECT_EQ(call(__NR_pipe2, fds.data(), flags), 0);
    return fds;
  }
  long write(i32 fd, const std::string& bytes) { return write_as(thread, fd, bytes); }
  long write_as(Thread& caller, i32 fd, const std::string& bytes) {
    return call_as(caller, __NR_write, fd, bytes.data(), bytes.size());
  }
  /// What a read gives, or "-<errno>".
  std::string read(i32 fd, u64 size = 256) {
    std::string bytes(size, '?');
    long got = call(__NR_read, fd, bytes.data(), size);
    return result(got, std::move(bytes));
  }
  static std::string result(long got, std::string bytes) {
    if (got < 0) return "-" + std::to_string(-got);
    bytes.resize(static_cast<u64>(got));
    return bytes;
  }
  static std::string error(int number) { return "-" + std::to_string(number); }

  /// When every thread waits, time goes on to the next timer; the test fails if there is none.
  void let_time_pass() {
    host.on_wait = [this] {
      ASSERT_NE(shared().wait.deadline_ns, abi::kNever) << "blocked for good";
      host.now_ns = shared().wait.deadline_ns;
    };
  }
  bool sigpipe_pending() { return thread.pending_signals.pending().has(kSigpipe); }
  void clear_sigpipe() { thread.pending_signals.remove(kSigpipe); }

  /// Events of the file now, as poll reports them without waiting.
  u32 poll_now(i32 fd, u32 events = 0xffff) {
    struct {
      i32 fd;
      u16 events, revents;
    } request{fd, static_cast<u16>(events), 0};
    EXPECT_GE(call(__NR_poll, &request, 1, 0), 0);
    return request.revents;
  }

 private:
  static constexpr int kSigpipe = 13;
};

}  // namespace mayfly::kernel
