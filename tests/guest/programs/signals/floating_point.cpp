// Floating-point exceptions that a program has asked for: which condition it was, and that initial state is Linux's.
#include <cfenv>
#include <csetjmp>
#include <csignal>

#include "check.h"

namespace {

sigjmp_buf jump;
volatile int code = 0;

void note_code(int, siginfo_t* info, void*) {
  code = info->si_code;
  siglongjmp(jump, 1);
}

template <typename T>
int code_of_division(T dividend, T divisor, int exception) {
  volatile T top = dividend;
  volatile T bottom = divisor;
  code = 0;
  if (sigsetjmp(jump, 1) == 0) {
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(exception);
    volatile T result = top / bottom;
    asm volatile("fwait");  // x87 exceptions wait for the next instruction
    (void)result;
  }
  feclearexcept(FE_ALL_EXCEPT);
  fedisableexcept(FE_ALL_EXCEPT);
  return code;
}

template <typename T>
void conditions(T huge, T tiny) {
  CHECK(code_of_division<T>(1, 0, FE_DIVBYZERO) == FPE_FLTDIV);
  CHECK(code_of_division<T>(0, 0, FE_INVALID) == FPE_FLTINV);
  CHECK(code_of_division<T>(huge, tiny, FE_OVERFLOW) == FPE_FLTOVF);
  CHECK(code_of_division<T>(tiny, huge, FE_UNDERFLOW) == FPE_FLTUND);
  CHECK(code_of_division<T>(1, 3, FE_INEXACT) == FPE_FLTRES);
  CHECK(code_of_division<T>(1, 0, 0) == 0);
}

void initial_state() {
  unsigned short control = 0;
  unsigned mxcsr = 0;
  asm volatile("fnstcw %0; stmxcsr %1" : "=m"(control), "=m"(mxcsr));
  std::printf("control word %#x, MXCSR %#x\n", control, mxcsr);
}

}  // namespace

int main() {
  initial_state();
  struct sigaction action {};
  action.sa_sigaction = note_code;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGFPE, &action, nullptr) == 0);
  conditions<double>(1e300, 1e-300);
  passed("SSE");
  conditions<long double>(1e4900L, 1e-4900L);
  passed("x87");
}
