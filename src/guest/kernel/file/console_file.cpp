#include "guest/kernel/file/console_file.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"

namespace mayfly::kernel {
namespace {

struct WindowSize {  // struct winsize
  u16 rows, columns, width_pixels, height_pixels;
};
constexpr WindowSize kWindow{24, 80, 0, 0};
constexpr u64 kTerminalDevice = 136 << 8;  // /dev/pts/0

bool is_terminal(ConsoleFile::Stream stream) {
  const abi::BootPage& boot = shared().boot;
  switch (stream) {
    case ConsoleFile::kInput:
      return boot.stdin_is_terminal != 0;
    case ConsoleFile::kOutput:
      return boot.stdout_is_terminal != 0;
    default:
      return boot.stderr_is_terminal != 0;
  }
}

/// As a fresh Linux terminal has it: line by line, with echo.
termios usual_settings() {
  termios settings{};
  settings.c_iflag = ICRNL | IXON;
  settings.c_oflag = OPOST | ONLCR;
  settings.c_cflag = B38400 | CS8 | CREAD;
  settings.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
  return settings;
}

}  // namespace

ConsoleFile::ConsoleFile(Kernel& kernel, Stream stream)
    : File(kernel, stream == kInput ? O_RDONLY : O_WRONLY), stream_(stream), terminal_(is_terminal(stream)) {
  // A terminal is one description, open for both, behind all three descriptors.
  if (terminal_) set_flags(O_RDWR);
}

void ConsoleFile::destroy() {
  kernel().heap.destroy(this);
}

long ConsoleFile::read(Thread&, UserIo& io) {
  if (io.done()) return 0;
  u64 wanted = io.remaining() < abi::kIoBytes ? io.remaining() : abi::kIoBytes;
  long size = host_call(abi::Call::console_read, wanted);
  return size <= 0 ? size : io.copy_out(shared().io, static_cast<u64>(size));
}

long ConsoleFile::write(Thread&, UserIo& io) {
  long total = 0;
  while (!io.done()) {
    long size = io.copy_in(shared().io, abi::kIoBytes);
    if (size < 0) return total > 0 ? total : size;
    Stream stream = stream_ == kInput ? kOutput : stream_;
    long written = host_call(abi::Call::console_write, stream, static_cast<u64>(size));
    if (written < 0) return total > 0 ? total : written;
    total += size;
  }
  return total;
}

long ConsoleFile::ioctl(Thread& thread, u32 command, u64 argument) {
  if (!terminal_) return -ENOTTY;
  switch (command) {
    case TCGETS:
      return write_user(argument, usual_settings()) ? 0 : -EFAULT;
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
      return 0;
    case TIOCGWINSZ:
      return write_user(argument, kWindow) ? 0 : -EFAULT;
    case TIOCGPGRP:
      return write_user(argument, thread.process.id) ? 0 : -EFAULT;
    default:
      return -ENOTTY;
  }
}

long ConsoleFile::stat(struct stat& result) {
  stat_anonymous(result, terminal_ ? kModeCharacter | 0620 : kModeFifo | 0600);
  result.st_rdev = terminal_ ? kTerminalDevice : 0;
  result.st_uid = kernel().process.user;
  result.st_gid = kernel().process.group;
  return 0;
}

const char* ConsoleFile::path() const {
  return terminal_ ? "/dev/pts/0" : "pipe:[1]";
}

void Vfs::open_standard_streams(Process& process) {
  for (auto stream : {ConsoleFile::kInput, ConsoleFile::kOutput, ConsoleFile::kError}) {
    Ref<File> file(kernel_.heap.make<ConsoleFile>(kernel_, stream));
    if (!file) panic("no memory for the standard streams");
    process.files.set(static_cast<int>(stream), std::move(file), false);
  }
}

}  // namespace mayfly::kernel
