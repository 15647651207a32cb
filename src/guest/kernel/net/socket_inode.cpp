#include "guest/kernel/net/socket_inode.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"

namespace mayfly::kernel {

SocketInode::SocketInode(Kernel& owner, Socket& bound)
    : Inode(owner, Type::other), socket_(&bound), attributes_(owner, kModeSocket | (0777 & ~owner.process.umask)) {}

void SocketInode::destroy() {
  kernel().heap.destroy(this);
}

SocketInode* SocketInode::from(Inode& inode) {
  return inode.kind() == &kKind ? static_cast<SocketInode*>(&inode) : nullptr;
}

long SocketInode::stat(abi::FileStat& result) {
  attributes_.stat(0, 0, result);
  return 0;
}

long SocketInode::change(const AttributeChange& change) {
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
}

}  // namespace mayfly::kernel
