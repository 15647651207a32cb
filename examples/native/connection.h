// One client's connection: requests in, responses out, in order.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace mayfly::examples {

/// A response without its framing. Both views must stay valid until the server ends.
struct Response {
  std::string_view content_type;
  std::string_view body;
};

/// Answers GET and HEAD of `target`, the request's path and query.
using Handler = std::function<Response(std::string_view target)>;

/// Owns a non-blocking socket. Not thread-safe.
class Connection {
 public:
  enum class State { reading, writing, closed };

  explicit Connection(UniqueFd socket) : socket_(std::move(socket)) {}

  /// Reads what is there, answers every complete request and sends until the socket takes no more.
  /// @return what to wait for next; after `closed` the owner destroys the connection
  [[nodiscard]] State advance(const Handler& handler);

 private:
  bool receive();
  bool send_output();
  bool answer_one(const Handler& handler);
  void respond(std::string_view status, const Response& response, bool with_body);
  void refuse(std::string_view status);

  UniqueFd socket_;
  std::string input_;
  std::string output_;
  std::size_t body_left_ = 0;  ///< bytes of a request body still to be dropped
  bool closing_ = false;
};

}  // namespace mayfly::examples
