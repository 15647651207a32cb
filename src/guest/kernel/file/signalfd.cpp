#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/signalfd.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

/// Signals of a set as something to read; the program blocks them so that they stay pending.
class SignalFile final : public File {
 public:
  SignalFile(Kernel& owner, u32 flags, SignalSet wanted) : File(owner, flags), wanted_(wanted), forwarder_(*this) {
    owner.process.signal_watchers.add(forwarder_);
  }
  void destroy() override { kernel().heap.destroy(this); }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] static SignalFile* from(File& file) {
    return file.kind() == &kKind ? static_cast<SignalFile*>(&file) : nullptr;
  }

  void set_wanted(SignalSet wanted) {
    wanted_ = wanted;
    if (poll() != 0) waiters.wake(EPOLLIN);
  }

  long read(Thread& thread, UserIo& io) override {
    if (io.remaining() < sizeof(signalfd_siginfo)) return -EINVAL;
    long total = 0;
    while (io.remaining() >= sizeof(signalfd_siginfo)) {
      signalfd_siginfo info{};
      if (take(thread, info)) {
        long copied = io.copy_out(&info, sizeof info);
        if (copied < 0) return total > 0 ? total : copied;
        total += copied;
        continue;
      }
      if (total > 0) break;
      if (nonblocking()) return -EAGAIN;
      long result = thread.wait(waiters);
      if (result != 0) return result;
    }
    return total;
  }

  /// As on Linux, the answer depends on who asks: a thread sees its own signals and those of the process.
  [[nodiscard]] u32 poll() override {
    Thread& thread = *kernel().scheduler.current();
    SignalSet pending = thread.pending_signals.pending() | thread.process.pending_signals.pending();
    return (pending & wanted_).empty() ? 0u : EPOLLIN;
  }

 private:
  struct Forwarder final : Waiter {
    explicit Forwarder(SignalFile& owner) : file(owner) {}
    bool wake(u32) override {
      file.waiters.wake(EPOLLIN);
      return false;
    }
    SignalFile& file;
  };

  bool take(Thread& thread, signalfd_siginfo& result) {
    SignalInfo info;
    if (take_signal(thread, wanted_, info) == 0) return false;
    result.ssi_signo = static_cast<u32>(info.number);
    result.ssi_errno = info.error;
    result.ssi_code = info.code;
    if (info.code == SI_TIMER) {
      result.ssi_tid = static_cast<u32>(info.timer.id);
      result.ssi_overrun = static_cast<u32>(info.timer.overrun);
      result.ssi_int = static_cast<i32>(info.timer.value);
      result.ssi_ptr = info.timer.value;
      return true;
    }
    result.ssi_pid = static_cast<u32>(info.sender.process);
    result.ssi_uid = info.sender.user;
    result.ssi_int = static_cast<i32>(info.sender.value);
    result.ssi_ptr = info.sender.value;
    return true;
  }

  static constexpr char kKind = 0;
  SignalSet wanted_;
  Forwarder forwarder_;
};

long make_signalfd(Thread& thread, const SyscallArgs& args, u32 flags) {
  u64 bits = 0;
  if (args[2] != sizeof bits || (flags & ~u32{SFD_CLOEXEC | SFD_NONBLOCK}) != 0) return -EINVAL;
  if (!read_user(args[1], bits)) return -EFAULT;
  SignalSet wanted(bits);
  wanted.remove(SIGKILL);
  wanted.remove(SIGSTOP);
  FdTable& files = thread.process.files;
  if (args.fd() != -1) {
    Ref<File> file = files.get(args.fd());
    if (!file) return -EBADF;
    SignalFile* existing = SignalFile::from(*file);
    if (existing == nullptr) return -EINVAL;
    existing->set_wanted(wanted);
    return args.fd();
  }
  Ref<File> file = thread.kernel.heap.make<SignalFile>(thread.kernel, O_RDWR | (flags & SFD_NONBLOCK), wanted);
  if (!file) return -ENOMEM;
  return files.add(std::move(file), (flags & SFD_CLOEXEC) != 0);
}

}  // namespace

MAYFLY_SYSCALL(signalfd) {
  return make_signalfd(thread, args, 0);
}
MAYFLY_SYSCALL(signalfd4) {
  return make_signalfd(thread, args, static_cast<u32>(args[3]));
}

}  // namespace mayfly::kernel
