// Names of unix sockets: paths in the file tree, and abstract ones in a table.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/net/address.h"
#include "guest/kernel/net/socket_inode.h"

namespace mayfly::kernel {

class Process;
class Socket;

/// A bound socket's claim to a name; a member of that socket.
struct UnixBinding : ListNode<> {
  explicit UnixBinding(Socket& owner) : socket(owner) {}
  ~UnixBinding() {
    if (inode) inode->socket_closed();
  }
  Socket& socket;
  Ref<UnixName> name;      ///< null while unbound
  Ref<SocketInode> inode;  ///< of a path
};

class UnixNames {
 public:
  explicit UnixNames(Kernel& kernel) : kernel_(kernel) {}
  /// Gives `binding` the name in `address`, or a free abstract one if there is only a family in it.
  /// @return 0, -EADDRINUSE, -EINVAL, -ENOMEM, or what making a file at the path gives
  long bind(Process& process, UnixBinding& binding, const Address& address);
  /// @param type of the socket that looks for another one
  /// @return 0 and the socket of that name, -ECONNREFUSED, -EPROTOTYPE, -EINVAL, or what looking for the path gives
  long find(Process& process, const Address& address, u16 type, Ref<Socket>& found);

 private:
  /// Each type of socket has abstract names of its own.
  [[nodiscard]] UnixBinding* find_abstract(const UnixName& name, u16 type);
  long bind_path(Process& process, UnixBinding& binding, const UnixName& name);
  long find_path(Process& process, const UnixName& name, Ref<Socket>& found);

  Kernel& kernel_;
  List<UnixBinding> abstract_;
  u32 next_automatic_ = 0;
};

}  // namespace mayfly::kernel
