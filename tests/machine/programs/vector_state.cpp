#include "vector_state.h"

#include <cpuid.h>
#include <sys/syscall.h>

#include <cstring>

namespace {

constexpr unsigned kAreaBytes = 4096;
constexpr unsigned long kWanted = 0xe7;  // x87, SSE, AVX, AVX-512
struct alignas(64) Area {
  unsigned char bytes[kAreaBytes];
};

/// A piece of the XSAVE area in its standard form (Intel SDM 1, 13.4).
struct Piece {
  const char* name;
  unsigned component, offset, size;
};

unsigned long components() {
  unsigned low = 0;
  unsigned high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<unsigned long>(high) << 32 | low) & kWanted;
}

template <typename Visit>
void for_each_piece(Visit visit) {
  constexpr unsigned kRegister = 16;  // an x87 register takes ten of them
  for (unsigned i = 0; i < 8; ++i) visit(Piece{"x87", 0, 32 + i * kRegister, 10});
  visit(Piece{"MXCSR", 1, 24, 4});
  visit(Piece{"XMM", 1, 160, 256});
  const char* names[] = {"", "", "YMM", "", "", "k", "ZMM", "ZMM16-31"};
  for (unsigned component : {2u, 5u, 6u, 7u}) {
    unsigned size = 0;
    unsigned offset = 0;
    unsigned flags = 0;
    unsigned unused = 0;
    __cpuid_count(0xd, component, size, offset, flags, unused);
    if ((components() >> component & 1) != 0) visit(Piece{names[component], component, offset, size});
  }
}

void fill(Area& area, unsigned char seed) {
  constexpr unsigned short kControl = 0x37f;
  constexpr unsigned kMxcsr = 0x1f80;
  std::memset(&area, 0, sizeof area);
  for_each_piece([&](const Piece& piece) {
    for (unsigned i = 0; i < piece.size; ++i) {
      area.bytes[piece.offset + i] = static_cast<unsigned char>((piece.offset + i) * 7 + seed);
    }
  });
  std::memcpy(area.bytes, &kControl, sizeof kControl);
  area.bytes[4] = 0xff;  // all x87 registers are in use
  std::memcpy(area.bytes + 24, &kMxcsr, sizeof kMxcsr);
  unsigned long used = components();
  std::memcpy(area.bytes + 512, &used, sizeof used);
}

}  // namespace

long read_with_vector_state(int fd, void* buffer, unsigned long size, std::string& changed) {
  static Area before;
  static Area after;
  fill(before, 3);
  std::memset(&after, 0, sizeof after);
  long result = 0;
  auto mask = static_cast<unsigned>(components());
  asm volatile(
      "xor %%edx, %%edx\n\t"
      "mov %[mask], %%eax\n\t"
      "xrstor64 %[before]\n\t"
      "mov %[size], %%rdx\n\t"
      "mov %[number], %%eax\n\t"
      "syscall\n\t"
      "mov %%rax, %%rbx\n\t"
      "xor %%edx, %%edx\n\t"
      "mov %[mask], %%eax\n\t"
      "xsave64 %[after]\n\t"
      "fninit"
      : "=&b"(result), [after] "+m"(after)
      : [before] "m"(before), [mask] "r"(mask), [size] "r"(size), [number] "i"(SYS_read), "D"(fd), "S"(buffer)
      : "rax", "rdx", "rcx", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
        "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  changed.clear();
  for_each_piece([&](const Piece& piece) {
    if (std::memcmp(before.bytes + piece.offset, after.bytes + piece.offset, piece.size) != 0) {
      changed += std::string(" ") + piece.name;
    }
  });
  return result;
}

void scribble_vector_state() {
  static Area area;
  fill(area, 0x5c);
  asm volatile("xrstor64 %0" : : "m"(area), "a"(static_cast<unsigned>(components())), "d"(0) : "memory");
}
