// Stacks that grow at a touch, as far as the limit lets them, and what lies below.
#include <pthread.h>
#include <sys/resource.h>

#include "fault.h"

namespace {

size_t stack_size() {
  FILE* list = std::fopen("/proc/self/maps", "r");
  CHECK(list != nullptr);
  char line[512];
  size_t size = 0;
  while (std::fgets(line, sizeof line, list) != nullptr) {
    size_t begin = 0;
    size_t end = 0;
    if (std::strstr(line, "[stack]") != nullptr && std::sscanf(line, "%zx-%zx", &begin, &end) == 2) size = end - begin;
  }
  CHECK(std::fclose(list) == 0);
  return size;
}

/// Uses `kilobytes` of stack. @return something that depends on all of it
__attribute__((noinline)) int recurse(int kilobytes) {
  volatile char buffer[1024];
  buffer[0] = static_cast<char>(kilobytes);
  return kilobytes == 0 ? 0 : recurse(kilobytes - 1) + buffer[0];
}

void first_stack() {
  CHECK(stack_size() < size_t{1} << 20);
  recurse(4000);
  CHECK(stack_size() >= size_t{4000} << 10 && stack_size() <= size_t{8} << 20);
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  limit.rlim_cur = size_t{24} << 20;
  CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
  recurse(15000);
  CHECK(stack_size() >= size_t{15000} << 10);
  passed("the first thread's stack");
}

void areas_that_grow() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  limit.rlim_cur = size_t{1} << 20;
  constexpr size_t kRoom = size_t{4} << 20;
  char* room = map(kRoom, PROT_NONE);
  CHECK(munmap(room, kRoom) == 0);
  char* top = room + kRoom;
  char* stack = map(kPage, kReadWrite, kAnonymous | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0, top - kPage);
  stack[0] = 'g';
  stack[-100] = 'h';
  CHECK(stack[0] == 'g' && stack[-100] == 'h' && stack[-1] == 0);
  for (size_t depth = 0; depth < size_t{512} << 10; depth += kPage) *(stack - depth) = 'i';
  CHECK(*(stack - 64 * kPage) == 'i');
  CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
  CHECK(touch(top - (size_t{1} << 20), false) == 0);
  CHECK(not_mapped(top - (size_t{1} << 20) - 1) && not_mapped(top - (size_t{3} << 20)));
  CHECK(mprotect(top - kPage, kPage, PROT_READ | PROT_GROWSDOWN) == 0 && may_not(stack, true));
  CHECK(may_not(stack - 64 * kPage, true));
  passed("MAP_GROWSDOWN");
  CHECK(map_error(nullptr, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN) == EINVAL);
}

void distance_to_what_lies_below() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  limit.rlim_cur = size_t{16} << 20;
  CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
  constexpr size_t kRoom = size_t{4} << 20;
  char* room = map(kRoom);
  CHECK(munmap(room + kPage, kRoom - kPage) == 0);
  char* stack = map(kPage, kReadWrite, kAnonymous | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0, room + kRoom - kPage);
  CHECK(touch(stack - (size_t{2} << 20), true) == 0);
  CHECK(not_mapped(room + 2 * kPage) && not_mapped(room + (size_t{1} << 20) - kPage));
  room[0] = 'r';
  passed("a megabyte of distance");
}

void bounds() {
  pthread_attr_t attributes;
  void* low = nullptr;
  size_t size = 0;
  CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  CHECK(pthread_attr_getstack(&attributes, &low, &size) == 0);
  char here = 0;
  CHECK(&here > low && &here < static_cast<char*>(low) + size && size > size_t{4} << 20);
  passed("what libc says of them");
}

}  // namespace

int main() {
  catch_faults();
  bounds();
  first_stack();
  areas_that_grow();
  distance_to_what_lies_below();
}
