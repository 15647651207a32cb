#include "admin.h"

#include <stdexcept>

#include "patience.h"

namespace mayfly::e2e {
namespace {

std::string admin_address(Child& server) {
  const std::string before = "the admin interface is on ";
  const std::string line = server.wait_for_line(before);
  return line.substr(line.find(before) + before.size());
}

}  // namespace

Admin::Admin(Child& server) : address_(admin_address(server)) {}

http::testing::Response Admin::ask(const std::string& method, const std::string& path) const {
  http::testing::TestClient client(address_, kPatience);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.receive(method == "HEAD");
}

Samples Admin::metrics() const {
  return parse_prometheus(ask("GET", "/-/metrics").body);
}

void Admin::wait_for(const std::string& sample, double value) const {
  double last = 0;
  if (wait_until([&] { return (last = metrics().at(sample)) == value; })) return;
  throw std::runtime_error(sample + " is " + std::to_string(last) + ", not " + std::to_string(value));
}

}  // namespace mayfly::e2e
