// Test fixture with a natively running guest kernel: one process, a first thread, system calls with native pointers.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "base/mapping.h"
#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/native/host.h"
#include "guest/kernel/process/syscall.h"

#include <sys/mman.h>

namespace mayfly::kernel {

namespace native {
extern void (*thread_body)(Thread& thread);
}

class KernelTest : public ::testing::Test {
 protected:
  static constexpr u64 kHeapBytes = 64u << 20;

  KernelTest()
      : heap_(kHeapBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE),
        shared_reset_(
            (std::memset(static_cast<void*>(&shared()), 0, sizeof(abi::SharedArea)), native::set_host(&host), 0)),
        kernel_(std::make_unique<Kernel>(reinterpret_cast<u64>(heap_.data()), kHeapBytes)),
        kernel(*kernel_),
        thread(*kernel.process.create_thread(kernel.process.id)) {
    kernel.scheduler.adopt(thread);
    native::thread_body = [](Thread& started) {
      auto body = bodies()[started.id];
      body(started);
    };
  }
  ~KernelTest() override { bodies().clear(); }

  /// One system call by the first thread; pointers are passed as they are.
  template <typename... Args>
  long call(u64 number, Args... args) {
    return call_as(thread, number, args...);
  }
  template <typename... Args>
  long call_as(Thread& caller, u64 number, Args... args) {
    SyscallArgs packed{{to_word(args)...}};
    return dispatch(caller, number, packed);
  }

  /// Starts another kernel thread that runs `body` when the scheduler comes to it.
  Thread& start(std::function<void(Thread&)> body) {
    Thread& started = *kernel.process.create_thread(kernel.next_thread_id());
    bodies()[started.id] = std::move(body);
    arch::prepare_user_entry(started);
    kernel.scheduler.enqueue(started);
    return started;
  }

  native::Host host;

 private:
  template <typename T>
  static u64 to_word(T value) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<u64>(value);
    } else if constexpr (std::is_null_pointer_v<T>) {
      return 0;
    } else {
      return static_cast<u64>(static_cast<i64>(value));
    }
  }
  struct Bodies {
    std::function<void(Thread&)>& operator[](u32 id) {
      if (list.size() <= id) list.resize(id + 1);
      return list[id];
    }
    void clear() { list.clear(); }
    std::vector<std::function<void(Thread&)>> list;
  };
  static Bodies& bodies() {
    static Bodies all;
    return all;
  }

  Mapping heap_;
  int shared_reset_;
  std::unique_ptr<Kernel> kernel_;

 protected:
  Kernel& kernel;
  Thread& thread;
};

}  // namespace mayfly::kernel
