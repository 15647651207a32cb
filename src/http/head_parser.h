// What the heads of requests and responses have in common: lines, fields, limits (RFC 9112 sections 2 and 5).
#pragma once

#include <cstddef>
#include <string_view>

#include "http/header.h"
#include "http/options.h"

namespace mayfly::http {

/// Why a message is refused: the status that answers a request of this kind, and a sentence.
struct Refusal {
  int status = 0;
  std::string_view sentence;  ///< a literal
};

/// How a message's body ends.
enum class Framing { none, length, chunked, until_close };

/// Incremental parser of one head: it is shown all bytes buffered so far and goes on where it stopped. How the bytes
/// are cut into calls makes no difference to the result.
class HeadParser {
 public:
  enum class Result { incomplete, complete, invalid };

  virtual ~HeadParser() = default;
  HeadParser(const HeadParser&) = delete;
  HeadParser& operator=(const HeadParser&) = delete;

  /// @param buffered everything received since the head's first byte, perhaps more than the head; the same bytes as in
  ///        the last call, at the same or another address, with more behind them
  [[nodiscard]] Result parse(std::string_view buffered);
  /// Length of the complete head with its empty line.
  [[nodiscard]] std::size_t head_bytes() const noexcept { return line_start_; }
  /// After `invalid`.
  [[nodiscard]] const Refusal& refusal() const noexcept { return refusal_; }
  /// Makes ready for the next head.
  virtual void reset();

 protected:
  explicit HeadParser(const Limits& limits) : limits_(limits) {}

  /// Takes the first line, without its CRLF, at `offset` in the buffer. @return false after `refuse`
  virtual bool take_start_line(std::string_view line, std::size_t offset) = 0;
  /// All lines are there: draws the conclusions. `buffered` starts with the head. @return false after `refuse`
  virtual bool finish(std::string_view buffered) = 0;
  /// The fate of an empty line before the first line. @return true to skip it
  virtual bool skips_leading_empty_lines() const noexcept = 0;

  /// @return false, so that the caller can return it
  bool refuse(int status, std::string_view sentence) noexcept;
  /// Refuses Connection fields that are no lists of names, or that name fields which are never of one connection only
  /// (RFC 9110 section 7.6.1). @return false after `refuse`
  bool check_connection_fields() noexcept;
  [[nodiscard]] const FieldList& fields() const noexcept { return fields_; }
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }

 private:
  [[nodiscard]] bool within_limits(std::size_t line_bytes, std::size_t total_bytes) noexcept;
  bool take_line(std::string_view line, std::size_t offset, std::string_view buffered);
  bool take_field(std::string_view line, std::size_t offset);

  const Limits& limits_;
  FieldList fields_;
  Refusal refusal_;
  std::size_t line_start_ = 0;
  std::size_t scanned_ = 0;
  bool has_start_line_ = false;
  bool complete_ = false;
};

/// Takes Content-Length: one field with one decimal number. The RFC lets a recipient make one of several that are equal
/// (RFC 9110 section 8.6), but no client needs that.
struct LengthField {
  bool present = false;
  bool valid = true;
  std::uint64_t value = 0;

  void add(std::string_view field_value) noexcept;
};

/// Combines Transfer-Encoding fields (RFC 9112 section 6.1).
struct CodingField {
  bool present = false;
  bool malformed = false;  ///< something that is no name of a coding, or an empty element of the list
  bool chunked_last = false;
  bool chunked_early = false;  ///< chunked more than once, or before another coding
  bool others = false;         ///< any coding but chunked

  void add(std::string_view field_value) noexcept;
};

}  // namespace mayfly::http
