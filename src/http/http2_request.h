// A request of HTTP/2 in the words of HTTP/1.1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/buffer.h"
#include "http/options.h"

namespace mayfly::http {

/// Collects the fields of one request (RFC 9113 section 8.3.1) and writes them as a head of HTTP/1.1, so that whatever
/// a client speaks, its requests are judged by one parser. What could be read differently in the two versions is
/// refused here: a head that is written is one head, with the fields that were added and no others.
class Http2Request {
 public:
  /// @param limits must outlive this
  explicit Http2Request(const Limits& limits) : limits_(limits) {}

  /// Takes a field or pseudo-field. Fields beyond the limits are not kept, but make the head longer than the parser
  /// accepts.
  /// @return false if it is malformed
  [[nodiscard]] bool add(std::string_view name, std::string_view value);
  /// Appends the head.
  /// @param has_body whether more than the head comes
  /// @return false if it is malformed
  [[nodiscard]] bool write(bool has_body, Buffer& out);

  /// After write(): the body goes in chunks, as its length is not known.
  [[nodiscard]] bool is_chunked() const noexcept { return chunked_; }
  [[nodiscard]] bool is_head() const noexcept { return method_ == "HEAD"; }

 private:
  bool add_pseudo(std::string_view name, std::string_view value);

  const Limits& limits_;
  std::string method_;
  std::string path_;
  std::string authority_;
  std::string fields_;  ///< as lines
  std::string cookies_;
  std::size_t count_ = 0;
  bool has_length_ = false;
  bool chunked_ = false;
};

}  // namespace mayfly::http
