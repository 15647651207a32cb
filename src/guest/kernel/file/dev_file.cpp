#include "guest/kernel/file/dev_file.h"

namespace mayfly::kernel {

long DeviceInode::stat(abi::FileStat& result) {
  result = {};
  result.inode = number_;
  result.device = 5;
  result.mode = kModeCharacter | device_.mode;
  result.links = 1;
  result.rdev = device_.number;
  return 0;
}

long DeviceInode::open(u32 flags, Ref<File>& file) {
  if (device_.open_error != 0) return device_.open_error;
  return open_file<DeviceFile>(kernel(), *this, flags, file);
}

}  // namespace mayfly::kernel
