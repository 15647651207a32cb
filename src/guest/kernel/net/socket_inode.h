// The file that a bound unix socket makes at its path.
#pragma once

#include "guest/kernel/file/overlay_attributes.h"

namespace mayfly::kernel {

class Socket;

class SocketInode final : public Inode {
 public:
  SocketInode(Kernel& kernel, Socket& bound);
  void destroy() override;
  /// @return `inode` as one of these, or null
  [[nodiscard]] static SocketInode* from(Inode& inode);

  /// The socket, or null: the file outlives it.
  [[nodiscard]] Socket* socket() const { return socket_; }
  void socket_closed() { socket_ = nullptr; }

  long stat(abi::FileStat& result) override;
  long open(u32, Ref<File>&) override { return -ENXIO; }
  long change(const AttributeChange& change) override;
  void count_link(int change) override { attributes_.links += static_cast<u32>(change); }
  [[nodiscard]] const void* kind() const override { return &kKind; }

 private:
  static constexpr char kKind = 0;
  Socket* socket_;
  OverlayAttributes attributes_;
};

}  // namespace mayfly::kernel
