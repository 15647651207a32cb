// Descriptors 0, 1 and 2: the console of the machine.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class ConsoleFile final : public File {
 public:
  enum Stream : u32 { kInput = 0, kOutput = 1, kError = 2 };

  ConsoleFile(Kernel& kernel, Stream stream);
  void destroy() override;

  long read(Thread& thread, UserIo& io) override;
  long write(Thread& thread, UserIo& io) override;
  long ioctl(Thread& thread, u32 command, u64 argument) override;
  long seek(Thread&, i64, int) override { return -ESPIPE; }
  long stat(struct stat& result) override;
  [[nodiscard]] const char* path() const override;
  [[nodiscard]] bool can_signal() const override { return true; }

 private:
  Stream stream_;
  bool terminal_;
};

}  // namespace mayfly::kernel
