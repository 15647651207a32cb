#include "admin/routes.h"

#include <fmt/format.h>

#include <utility>

namespace mayfly::admin {

void Routes::add(std::string_view method, std::string_view path, Handler handler) {
  routes_.push_back({std::string(method), std::string(path), std::move(handler)});
}

Response Routes::answer(std::string_view method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  std::string allowed;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    const bool gets = route.method == "GET";
    if (route.method == method || (gets && method == "HEAD")) return route.handler();
    allowed += (allowed.empty() ? "" : ", ") + route.method + (gets ? ", HEAD" : "");
  }
  if (allowed.empty()) return {.status = 404, .body = "there is nothing here\n"};
  return {.status = 405, .body = fmt::format("only {} works here\n", allowed), .allow = allowed};
}

}  // namespace mayfly::admin
