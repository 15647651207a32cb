// inotify(7): files change only by what the program itself does, of which it is not told. Watches can be made, and stay
// silent.
#include <linux/inotify.h>

#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

class InotifyFile final : public File {
 public:
  using File::File;
  void destroy() override { kernel().heap.destroy(this); }

  long read(Thread& thread, UserIo&) override {
    if (nonblocking()) return -EAGAIN;
    while (true) {
      if (long error = thread.wait(waiters); error != 0) return error;
    }
  }
  [[nodiscard]] u32 poll() override { return 0; }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] const char* path() const override { return "anon_inode:inotify"; }

  static InotifyFile* from(File* file) {
    return file != nullptr && file->kind() == &kKind ? static_cast<InotifyFile*>(file) : nullptr;
  }
  long add_watch() { return ++last_watch_; }
  [[nodiscard]] bool has(long watch) const { return watch > 0 && watch <= last_watch_; }

 private:
  static constexpr char kKind = 0;
  i32 last_watch_ = 0;
};

long create(Thread& thread, u64 flags) {
  if ((flags & ~u64{IN_CLOEXEC | IN_NONBLOCK}) != 0) return -EINVAL;
  Kernel& kernel = thread.kernel;
  Ref<File> file(kernel.heap.make<InotifyFile>(kernel, static_cast<u32>(flags & IN_NONBLOCK)));
  return file ? thread.process.files.add(std::move(file), (flags & IN_CLOEXEC) != 0) : -ENOMEM;
}

}  // namespace

MAYFLY_SYSCALL(inotify_init) {
  return create(thread, 0);
}
MAYFLY_SYSCALL(inotify_init1) {
  return create(thread, args[0]);
}

MAYFLY_SYSCALL(inotify_add_watch) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  InotifyFile* inotify = InotifyFile::from(file.get());
  if (inotify == nullptr) return -EINVAL;
  Lookup lookup;
  bool follow = (args[2] & IN_DONT_FOLLOW) == 0;
  if (long error = look_up_at(thread, AT_FDCWD, args[1], 0, follow, lookup); error != 0) return error;
  return inotify->add_watch();
}

MAYFLY_SYSCALL(inotify_rm_watch) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  InotifyFile* inotify = InotifyFile::from(file.get());
  return inotify != nullptr && inotify->has(static_cast<i32>(args[1])) ? 0 : -EINVAL;
}

}  // namespace mayfly::kernel
