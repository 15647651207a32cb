// Names of unix sockets. Paths are names in this table too: a bound socket makes no file.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/net/address.h"

namespace mayfly::kernel {

class Socket;

/// A bound socket's claim to a name; a member of that socket.
struct UnixBinding : ListNode<> {
  explicit UnixBinding(Socket& owner) : socket(owner) {}
  Socket& socket;
  Ref<UnixName> name;  ///< null while unbound
};

class UnixNames {
 public:
  explicit UnixNames(Kernel& kernel) : kernel_(kernel) {}
  /// Gives `binding` the name in `address`, or a free abstract one if there is only a family in it.
  /// @return 0, -EADDRINUSE, -EINVAL or -ENOMEM
  long bind(UnixBinding& binding, const Address& address);
  /// @return 0 and the socket of that name, -ECONNREFUSED, -ENOENT or -EINVAL
  long find(const Address& address, Ref<Socket>& found);

 private:
  [[nodiscard]] UnixBinding* find(const UnixName& name);

  Kernel& kernel_;
  List<UnixBinding> bindings_;
  u32 next_automatic_ = 0;
};

}  // namespace mayfly::kernel
