// Descriptors that stand for a process: the one there is.
#include <asm/siginfo.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

/// Becomes readable when the process has ended, which nobody in it lives to see.
class ProcessFile final : public File {
 public:
  ProcessFile(Kernel& owner, u32 flags) : File(owner, flags) {}
  void destroy() override { kernel().heap.destroy(this); }
  [[nodiscard]] u32 poll() override { return 0; }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  static bool is(const Ref<File>& file) { return file->kind() == &kKind; }

 private:
  static constexpr char kKind = 0;
};

bool names_process(const Process& process, u64 id) {
  return id == process.id || id == process.leader_id;
}

/// The process's folder in /proc may stand for it where a signal is sent (pidfd_send_signal(2)).
bool is_folder_of(const Process& process, const File& file) {
  constexpr char kPrefix[] = "/proc/";
  const char* path = file.path();
  if (path == nullptr || std::strncmp(path, kPrefix, sizeof kPrefix - 1) != 0) return false;
  u64 id = 0;
  const char* digit = path + sizeof kPrefix - 1;
  for (; *digit >= '0' && *digit <= '9' && id < 100'000'000; ++digit) id = id * 10 + static_cast<u64>(*digit - '0');
  return *digit == '\0' && names_process(process, id);
}

}  // namespace

MAYFLY_SYSCALL(pidfd_open) {
  Process& process = thread.process;
  auto id = static_cast<i32>(args[0]);
  if ((args[1] & ~u64{O_NONBLOCK}) != 0 || id <= 0) return -EINVAL;
  if (!names_process(process, static_cast<u64>(id)))
    return process.find_thread(static_cast<u32>(id)) == nullptr ? -ESRCH : -EINVAL;
  Ref<File> file = thread.kernel.heap.make<ProcessFile>(thread.kernel, O_RDWR | static_cast<u32>(args[1]));
  if (!file) return -ENOMEM;
  return process.files.add(std::move(file), true);
}

MAYFLY_SYSCALL(pidfd_send_signal) {
  Process& process = thread.process;
  if (args[3] != 0) return -EINVAL;
  Ref<File> file = process.files.get(args.fd());
  if (!file || (!ProcessFile::is(file) && !is_folder_of(process, *file))) return -EBADF;
  auto signal = static_cast<u32>(args[1]);
  SignalInfo info;
  if (args[2] != 0) {
    if (!read_user(args[2], info)) return -EFAULT;
    if (static_cast<u32>(info.number) != signal || signal > kSignals) return -EINVAL;
    // Only to itself may a thread send what looks like the kernel's or kill's.
    if (thread.id != process.leader_id && (info.code >= 0 || info.code == SI_TKILL)) return -EPERM;
  } else {
    if (signal > kSignals) return -EINVAL;
    info.number = static_cast<int>(signal);
    info.code = SI_USER;
    info.sender = {static_cast<i32>(process.id), process.credentials.real_user, 0};
  }
  return signal == 0 ? 0 : process.send_signal(info);
}

MAYFLY_SYSCALL(pidfd_getfd) {
  FdTable& files = thread.process.files;
  if (args[2] != 0) return -EINVAL;
  Ref<File> process_file = files.get(args.fd());
  if (!process_file || !ProcessFile::is(process_file)) return -EBADF;
  Ref<File> wanted = files.get(static_cast<int>(args[1]));
  if (!wanted) return -EBADF;
  return files.add(std::move(wanted), true);
}

}  // namespace mayfly::kernel
