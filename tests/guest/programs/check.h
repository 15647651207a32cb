// What all guest programs use: they print what they have shown and stop at the first thing that is not as it should be.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

/// Ends the program with status 1 unless `condition` holds. The program's output up to here is kept.
#define CHECK(condition)                                                                                  \
  do {                                                                                                    \
    if (!(condition)) {                                                                                   \
      std::fflush(stdout);                                                                                \
      std::fprintf(stderr, "%s:%d: not true: %s (errno %d: %s)\n", __FILE__, __LINE__, #condition, errno, \
                   std::strerror(errno));                                                                 \
      std::_Exit(1);                                                                                      \
    }                                                                                                     \
  } while (false)

/// The same for a call that must fail with -1 and this errno.
#define CHECK_FAILS(call, error) CHECK((errno = 0, (call)) == -1 && errno == (error))

/// An address that no program has mapped, for calls that must answer EFAULT.
template <typename T = void>
T* bad_address() {
  static volatile std::uintptr_t address = 0x10;  // the compiler is not to know
  return reinterpret_cast<T*>(address);
}

/// Says that a part of the program has come to its end as it should.
inline void passed(const char* what) {
  std::printf("%s\n", what);
}
