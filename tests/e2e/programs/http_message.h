// Just enough HTTP for the test server: requests that are well-formed, as its clients' are.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace test_server {

struct Message {
  std::string method, target;
  std::string head;  ///< all of it, as it came
  std::string body;  ///< without chunking
};

/// Takes the first request out of what has been received. @return nothing until it is complete
std::optional<Message> take_message(std::string& input);

/// 200 with a Content-Length; without the body if the request is a HEAD.
std::string response(const Message& request, const std::string& body);
std::string response_in_chunks(const std::vector<std::string>& pieces);
std::string response_without_body(const std::string& status);

}  // namespace test_server
