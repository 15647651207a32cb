#include "guest/kernel/file/dev_tree.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/dev_file.h"
#include "guest/kernel/file/overlay_directory.h"
#include "guest/kernel/file/overlay_file.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kChunk = 256;

long read_nothing(Kernel&, UserIo&) {
  return 0;
}

long read_zeros(Kernel&, UserIo& io) {
  static constexpr u8 kZeros[abi::kPageSize] = {};
  long total = 0;
  while (!io.done()) {
    long copied = io.copy_out(kZeros, sizeof kZeros);
    if (copied <= 0) return total > 0 ? total : copied;
    total += copied;
  }
  return total;
}

long read_random(Kernel& kernel, UserIo& io) {
  u8 bytes[kChunk];
  long total = 0;
  while (!io.done()) {
    u64 step = io.remaining() < kChunk ? io.remaining() : kChunk;
    kernel.random.fill(bytes, step);
    long copied = io.copy_out(bytes, step);
    if (copied <= 0) return total > 0 ? total : copied;
    total += copied;
  }
  return total;
}

long take_all(Kernel&, UserIo& io) {
  return static_cast<long>(io.remaining());
}
long no_space(Kernel&, UserIo& io) {
  return io.done() ? 0 : -ENOSPC;
}

constexpr u64 device_number(u64 major, u64 minor) {
  return major << 8 | minor;
}

constexpr Device kDevices[] = {
    {"null", device_number(1, 3), 0666, 0, read_nothing, take_all},
    {"zero", device_number(1, 5), 0666, 0, read_zeros, take_all},
    {"full", device_number(1, 7), 0666, 0, read_zeros, no_space},
    {"random", device_number(1, 8), 0666, 0, read_random, take_all, true},
    {"urandom", device_number(1, 9), 0666, 0, read_random, take_all},
    {"tty", device_number(5, 0), 0666, -ENXIO, read_nothing, take_all},  // there is no controlling terminal
};

struct DeviceLink {
  const char* name;
  const char* target;
};
constexpr DeviceLink kLinks[] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
};

Name name_of(const char* text) {
  return {text, static_cast<u32>(std::strlen(text))};
}

Ref<Inode> make_link(Kernel& kernel, const char* target) {
  auto* link = kernel.heap.make<OverlayLink>(kernel, OverlayAttributes(kernel, kModeLink | 0777));
  Ref<Inode> result(link);
  return link != nullptr && link->set_target(target, std::strlen(target)) ? result : Ref<Inode>();
}

void add(Directory& directory, const char* name, const Ref<Inode>& inode) {
  // At boot; without memory for this the program will not get far either.
  if (inode) (void)directory.add(name_of(name), inode);
}

}  // namespace

void mount_dev(Kernel& kernel, Directory& root) {
  Heap& heap = kernel.heap;
  auto* dev = heap.make<OverlayDirectory>(kernel, 0755u);
  Ref<Inode> keep(dev);
  if (dev == nullptr) return;
  add(root, "dev", keep);
  for (const Device& device : kDevices) add(*dev, device.name, Ref<Inode>(heap.make<DeviceInode>(kernel, device)));
  for (const DeviceLink& link : kLinks) add(*dev, link.name, make_link(kernel, link.target));
  add(*dev, "shm", Ref<Inode>(heap.make<OverlayDirectory>(kernel, 01777u)));
}

}  // namespace mayfly::kernel
