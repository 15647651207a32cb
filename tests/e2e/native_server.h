// A server without Mayfly, to compare with.
#pragma once

#include <string>

#include "child.h"
#include "http/testing/test_client.h"

namespace mayfly::e2e {

/// Listens on a loopback port of the test's choice, which it is told as $PORT, from construction to destruction.
/// Throws std::runtime_error with what it said if it does not come to that.
class NativeServer {
 public:
  explicit NativeServer(Strings command);
  [[nodiscard]] http::testing::TestClient client() const { return http::testing::TestClient(address_, kPatience); }

 private:
  NativeServer(Strings command, const std::string& port);
  void wait_until_it_accepts() const;

  std::string address_;
  Child child_;
};

}  // namespace mayfly::e2e
