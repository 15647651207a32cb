// Parser of what the program answers (RFC 9112 sections 4 and 6.3).
#pragma once

#include <cstdint>
#include <string_view>

#include "http/head_parser.h"

namespace mayfly::http {

/// A response's head as far as the front end acts on it. The views point into the buffer it was parsed from.
struct ResponseHead {
  int status = 0;
  std::string_view reason;
  Framing framing = Framing::none;
  bool has_content_length = false;  ///< also where there is no body, as in the answer to HEAD
  std::uint64_t content_length = 0;
  bool keep_alive = true;  ///< the program's connection outlives this response
  const FieldList* fields = nullptr;
};

/// See HeadParser. As strict as the request parser: the program is trusted no more than a client. The status of a
/// refusal means nothing here; all of them are 502 to the client.
class ResponseParser final : public HeadParser {
 public:
  /// @param limits must outlive the parser
  explicit ResponseParser(const Limits& limits) : HeadParser(limits) {}

  /// Makes ready for an answer.
  /// @param to_head whether the request was HEAD: then there is no body whatever the fields say
  void expect(bool to_head) {
    to_head_ = to_head;
    reset();
  }
  /// After `Result::complete`.
  [[nodiscard]] const ResponseHead& head() const noexcept { return head_; }
  void reset() override;

 private:
  bool take_start_line(std::string_view line, std::size_t offset) override;
  bool finish(std::string_view buffered) override;
  bool skips_leading_empty_lines() const noexcept override { return false; }
  bool take_framing(const LengthField& length, const CodingField& coding);

  ResponseHead head_;
  std::size_t reason_offset_ = 0;
  std::size_t reason_size_ = 0;
  int minor_version_ = 1;
  bool to_head_ = false;
};

}  // namespace mayfly::http
