// What the operator can ask for, by method and path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::admin {

struct Response {
  int status = 200;
  std::string body{};  ///< text
  std::string content_type = "text/plain; charset=utf-8";
  std::string allow{};  ///< value of the Allow field; empty: none
};

/// Built by one thread, then only read.
class Routes {
 public:
  /// Called on the thread that answers admin requests, so it must not block. What it throws is answered with 500.
  using Handler = std::function<Response()>;

  /// @param method in capital letters
  /// @param path starts with a slash; one method at one path is added once
  void add(std::string_view method, std::string_view path, Handler handler);

  /// HEAD is answered as GET is. 404 for a path that is not there, 405 for a method that it does not have (RFC 9110
  /// section 15.5.6).
  /// @param target of a request; its query is left aside
  [[nodiscard]] Response answer(std::string_view method, std::string_view target) const;

 private:
  struct Route {
    std::string method, path;
    Handler handler;
  };

  std::vector<Route> routes_;
};

}  // namespace mayfly::admin
