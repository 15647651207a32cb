// Character devices.
#pragma once

#include "guest/kernel/file/inode_file.h"

namespace mayfly::kernel {

/// One kind of device; all are constants.
struct Device {
  const char* name;
  u64 number;  ///< st_rdev
  u32 mode;    ///< permission bits
  long open_error;
  long (*read)(Kernel& kernel, UserIo& io);
  long (*write)(Kernel& kernel, UserIo& io);
  bool pollable = false;
};

inline constexpr u64 kZeroDevice = 0x105;

class DeviceInode final : public Inode {
 public:
  DeviceInode(Kernel& kernel, const Device& device)
      : Inode(kernel, Type::other), device_(device), number_(kernel.vfs.next_inode_number()) {}
  void destroy() override { kernel().heap.destroy(this); }
  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long change(const AttributeChange&) override { return 0; }
  [[nodiscard]] const Device& device() const { return device_; }

 private:
  const Device& device_;
  u64 number_;
};

class DeviceFile final : public InodeFile {
 public:
  DeviceFile(Kernel& kernel, DeviceInode& inode, u32 flags)
      : InodeFile(kernel, inode, flags), device_(inode.device()) {}
  void destroy() override { kernel().heap.destroy(this); }
  long read(Thread&, UserIo& io) override { return device_.read(kernel(), io); }
  long write(Thread&, UserIo& io) override { return device_.write(kernel(), io); }
  long pread(Thread&, UserIo& io, u64) override { return device_.read(kernel(), io); }
  long pwrite(Thread&, UserIo& io, u64) override { return device_.write(kernel(), io); }
  long seek(Thread&, i64, int) override { return 0; }
  [[nodiscard]] bool pollable() const override { return device_.pollable; }
  [[nodiscard]] bool maps_zeros() const override { return device_.number == kZeroDevice; }

 private:
  const Device& device_;
};

}  // namespace mayfly::kernel
