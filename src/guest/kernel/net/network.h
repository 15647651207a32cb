// Sockets of the machine: its listeners, and the connections that the host opens to them.
#pragma once

#include "guest/kernel/core/list.h"

namespace mayfly::kernel {

class Kernel;

class Network {
 public:
  explicit Network(Kernel& kernel) : kernel_(kernel) {}

  /// Looks at every host connection after a wait: new ones, bytes, room, closes; wakes whom it concerns.
  void host_returned();
  /// Publishes the listeners for the host, before a wait.
  void before_wait();

 private:
  Kernel& kernel_;
};

}  // namespace mayfly::kernel
