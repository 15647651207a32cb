// Pipes with a name in the file tree.
#pragma once

#include "guest/kernel/file/overlay_attributes.h"
#include "guest/kernel/file/pipe.h"

namespace mayfly::kernel {

class FifoInode final : public Inode {
 public:
  /// @param permissions of the new file
  FifoInode(Kernel& kernel, u32 permissions)
      : Inode(kernel, Type::other), attributes_(kernel, kModeFifo | permissions) {}
  void destroy() override;

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long change(const AttributeChange& change) override;
  void count_link(int change) override { attributes_.links += static_cast<u32>(change); }

 private:
  OverlayAttributes attributes_;
  Ref<Pipe> pipe_;  // made when it is first opened
};

}  // namespace mayfly::kernel
