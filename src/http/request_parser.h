// Strict parser of HTTP/1 request heads (RFC 9112 sections 3, 6 and 7; RFC 9110 sections 7.2 and 10.1.1).
#pragma once

#include <cstdint>
#include <string_view>

#include "http/head_parser.h"

namespace mayfly::http {

/// A request's head as far as the front end acts on it. The views point into the buffer it was parsed from.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< origin-form, or "*"; an absolute-form is cut to its path and query
  std::string_view host;  ///< from an absolute-form target, else from Host; empty if that is, or HTTP/1.0 sent neither
  int minor_version = 1;  ///< 0 for HTTP/1.0, else 1
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  const FieldList* fields = nullptr;  ///< all of them, as they came
};

/// See HeadParser. Whatever two implementations could understand differently is refused.
class RequestParser final : public HeadParser {
 public:
  /// @param limits must outlive the parser
  explicit RequestParser(const Limits& limits) : HeadParser(limits) {}

  /// After `Result::complete`.
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  void reset() override;

 private:
  bool take_start_line(std::string_view line, std::size_t offset) override;
  bool finish(std::string_view buffered) override;
  bool skips_leading_empty_lines() const noexcept override { return true; }

  bool take_version(std::string_view version);
  bool take_target(std::string_view target);
  bool take_fields();
  bool take_framing();

  RequestHead head_;
  LengthField length_;
  CodingField coding_;
  bool has_host_ = false;
  std::size_t method_offset_ = 0;
  std::size_t method_size_ = 0;
  std::size_t target_size_ = 0;
};

}  // namespace mayfly::http
