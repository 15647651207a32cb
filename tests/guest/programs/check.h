// What all guest programs use: they print what they have shown and stop at the first thing that is not as it should be.
#pragma once

#include <cerrno>
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

/// Says that a part of the program has come to its end as it should.
inline void passed(const char* what) {
  std::printf("%s\n", what);
}
