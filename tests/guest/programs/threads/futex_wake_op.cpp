// FUTEX_WAKE_OP: what it does to the second word, how it compares, whom it wakes.
#include "threads/futex.h"

namespace {

unsigned changed(unsigned old, unsigned code) {
  Word first = 0;
  Word second = old;
  CHECK(futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, code) == 0);
  return second;
}

void operations() {
  CHECK(changed(5, FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_EQ, 0)) == 9);
  CHECK(changed(5, FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 0)) == 12);
  CHECK(changed(5, FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_EQ, 0)) == 13);
  CHECK(changed(15, FUTEX_OP(FUTEX_OP_ANDN, 6, FUTEX_OP_CMP_EQ, 0)) == 9);
  CHECK(changed(15, FUTEX_OP(FUTEX_OP_XOR, 5, FUTEX_OP_CMP_EQ, 0)) == 10);
  CHECK(changed(0, FUTEX_OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 20, FUTEX_OP_CMP_EQ, 0)) == 1U << 20);
  passed("operations");
}

void operands_are_signed() {
  CHECK(changed(5, FUTEX_OP(FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_EQ, 0)) == 4);
  CHECK(changed(5, FUTEX_OP(FUTEX_OP_SET, 0x800, FUTEX_OP_CMP_EQ, 0)) == 0xfffff800);
  passed("operands are signed");
}

/// Whether a sleeper at the second word is woken when its old value was `old`.
bool matches(unsigned old, unsigned comparison, unsigned compared) {
  Word first = 0;
  Word second = old;
  std::atomic<bool> done = false;
  std::thread sleeper([&] {
    while (second.load() == old) futex(&second, FUTEX_WAIT_PRIVATE, old);
    done = true;
  });
  // It sleeps once a requeueing onto itself has found it.
  while (futex_two(&second, FUTEX_REQUEUE_PRIVATE, 0, 1, &second) == 0) std::this_thread::yield();
  long woken = futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, FUTEX_OP(FUTEX_OP_ADD, 0, comparison, compared));
  CHECK(woken == 0 || woken == 1);
  second = old + 1;
  futex(&second, FUTEX_WAKE_PRIVATE, 1);
  sleeper.join();
  CHECK(done);
  return woken == 1;
}

void comparisons() {
  constexpr unsigned kMinusOne = ~0U;
  CHECK(matches(5, FUTEX_OP_CMP_EQ, 5) && !matches(5, FUTEX_OP_CMP_EQ, 6));
  CHECK(matches(5, FUTEX_OP_CMP_NE, 6) && !matches(5, FUTEX_OP_CMP_NE, 5));
  CHECK(matches(kMinusOne, FUTEX_OP_CMP_LT, 0) && !matches(1, FUTEX_OP_CMP_LT, 0));
  CHECK(matches(5, FUTEX_OP_CMP_LE, 5) && !matches(6, FUTEX_OP_CMP_LE, 5));
  CHECK(matches(6, FUTEX_OP_CMP_GT, 5) && !matches(kMinusOne, FUTEX_OP_CMP_GT, 5));
  CHECK(matches(5, FUTEX_OP_CMP_GE, 0xfff) && matches(kMinusOne, FUTEX_OP_CMP_EQ, 0xfff));
  passed("comparisons");
}

void errors() {
  Word first = 0;
  Word second = 3;
  CHECK(futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, FUTEX_OP(5, 1, 0, 0)) == -1 && errno == ENOSYS);
  CHECK(futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, &second, FUTEX_OP(FUTEX_OP_SET, 1, 9, 0)) == -1 &&
        errno == ENOSYS);
  CHECK(futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, reinterpret_cast<Word*>(64), 0) == -1 && errno == EFAULT);
  CHECK(futex_two(&first, FUTEX_WAKE_OP_PRIVATE, 1, 1, reinterpret_cast<Word*>(65), 0) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  operations();
  operands_are_signed();
  comparisons();
  errors();
}
