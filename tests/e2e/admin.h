// The operator's side of a server: --admin.
#pragma once

#include <string>

#include "child.h"
#include "http/testing/test_client.h"
#include "prometheus.h"

namespace mayfly::e2e {

/// The admin interface of a running server, which was told to have one.
class Admin {
 public:
  /// Waits until it is open. @param server outlives this
  explicit Admin(Child& server);

  /// One request over a connection of its own.
  [[nodiscard]] http::testing::Response ask(const std::string& method, const std::string& path) const;
  [[nodiscard]] Samples metrics() const;
  /// Waits until a sample has this value. Throws std::runtime_error, with the last value, when patience is lost.
  void wait_for(const std::string& sample, double value) const;

 private:
  std::string address_;
};

}  // namespace mayfly::e2e
