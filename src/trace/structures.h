// Structures that more than one family shows.
#pragma once

#include "trace/signature.h"

namespace mayfly::trace {

void add_timespec(Printer& out, u64 at);                            ///< {tv_sec=1, tv_nsec=0}
void add_signal(Printer& out, u64 number);                          ///< SIGTERM
void add_signal_set(Printer& out, u64 mask);                        ///< [INT TERM]
void add_vector(Printer& out, u64 at, u64 count);                   ///< of iovec whose bytes are known
void add_filled_vector(Printer& out, u64 at, u64 count, u64 size);  ///< of iovec that hold `size` bytes

void print_timespec(Printer& out, unsigned index, const Argument& argument);
void print_timespec_pair(Printer& out, unsigned index, const Argument& argument);
void print_timer_setting(Printer& out, unsigned index, const Argument& argument);   ///< itimerspec
void print_interval_timer(Printer& out, unsigned index, const Argument& argument);  ///< itimerval
void print_timeval(Printer& out, unsigned index, const Argument& argument);
void print_timeval_pair(Printer& out, unsigned index, const Argument& argument);
void print_signal(Printer& out, unsigned index, const Argument& argument);
void print_signal_set(Printer& out, unsigned index, const Argument& argument);
void print_vector(Printer& out, unsigned index, const Argument& argument);         ///< count in the next argument
void print_result_vector(Printer& out, unsigned index, const Argument& argument);  ///< the same, filled by the call
/// sockaddr, its size in argument `other`; in a result that is a pointer to the size.
void print_socket_address(Printer& out, unsigned index, const Argument& argument);
void print_socket_address_result(Printer& out, unsigned index, const Argument& argument);
void add_socket_address(Printer& out, u64 at, u64 size);

inline constexpr Argument kTimespec{print_timespec};
inline constexpr Argument kTimespecResult{.format = print_timespec, .is_result = true};
inline constexpr Argument kTimeval{print_timeval};
inline constexpr Argument kTimevalResult{.format = print_timeval, .is_result = true};
inline constexpr Argument kSignal{print_signal};
inline constexpr Argument kSignalSet{print_signal_set};
inline constexpr Argument kSignalSetResult{.format = print_signal_set, .is_result = true};
inline constexpr Argument kVector{print_vector};
inline constexpr Argument kVectorResult{.format = print_result_vector, .is_result = true};

}  // namespace mayfly::trace
