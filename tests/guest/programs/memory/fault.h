// Touching memory that may not be touched, and mapping without ceremony.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <csetjmp>
#include <csignal>
#include <initializer_list>

#include "check.h"

inline constexpr size_t kPage = 4096;
inline constexpr int kReadWrite = PROT_READ | PROT_WRITE;
inline constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

inline sigjmp_buf after_fault;
inline siginfo_t last_fault;

inline void on_fault(int, siginfo_t* info, void*) {
  last_fault = *info;
  siglongjmp(after_fault, 1);
}

inline void catch_faults() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGSEGV, &action, nullptr) == 0 && sigaction(SIGBUS, &action, nullptr) == 0);
}

/// What touching a byte comes to: 0 nothing, else the signal; its code is in last_fault.
inline int touch(char* address, bool write) {
  if (sigsetjmp(after_fault, 1) != 0) {
    CHECK(last_fault.si_addr == address);
    return last_fault.si_signo;
  }
  auto* byte = const_cast<volatile char*>(address);
  if (write) {
    *byte = 1;
  } else {
    (void)*byte;
  }
  return 0;
}

inline bool not_mapped(char* address) {
  return touch(address, false) == SIGSEGV && last_fault.si_code == SEGV_MAPERR;
}
inline bool may_not(char* address, bool write) {
  return touch(address, write) == SIGSEGV && last_fault.si_code == SEGV_ACCERR;
}
inline bool behind_file(char* address) {
  return touch(address, false) == SIGBUS && last_fault.si_code == BUS_ADRERR;
}

inline char* map(size_t size, int protection = kReadWrite, int flags = kAnonymous, int fd = -1, off_t offset = 0,
                 void* address = nullptr) {
  void* memory = mmap(address, size, protection, flags, fd, offset);
  CHECK(memory != MAP_FAILED);
  return static_cast<char*>(memory);
}

/// mmap that must fail. @return errno
inline int map_error(void* address, size_t size, int protection, int flags, int fd = -1, off_t offset = 0) {
  errno = 0;
  CHECK(mmap(address, size, protection, flags, fd, offset) == MAP_FAILED);
  return errno;
}

/// True if a call failed with `error`.
inline bool failed(long result, int error) {
  return result == -1 && errno == error;
}

/// An open file in /tmp without a name, with `size` bytes of 'f'.
inline int temporary_file(size_t size) {
  char path[] = "/tmp/mayfly-memory-XXXXXX";
  int fd = mkstemp(path);
  CHECK(fd >= 0 && unlink(path) == 0);
  for (size_t i = 0; i < size; ++i) CHECK(pwrite(fd, "f", 1, static_cast<off_t>(i)) == 1);
  return fd;
}
