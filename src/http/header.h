// Header fields and the lexical rules they obey (RFC 9110 section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mayfly::http {

[[nodiscard]] bool is_token_character(char c) noexcept;
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// HTAB, SP, VCHAR and obs-text only: no control character, so neither CR, LF nor NUL.
[[nodiscard]] bool is_field_text_character(char c) noexcept;
[[nodiscard]] bool is_field_text(std::string_view text) noexcept;
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// As programs see names that get header fields as variables, as in CGI and WSGI: '_' is '-' there.
[[nodiscard]] bool equals_as_variable(std::string_view a, std::string_view b) noexcept;
/// Without spaces and tabs at either end.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// One or more digits and nothing else, within 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// Cuts the next element off a comma-separated list (RFC 9110 section 5.6.1); empty elements are skipped.
/// @return nothing once the list is used up
[[nodiscard]] std::optional<std::string_view> next_element(std::string_view& list) noexcept;
[[nodiscard]] bool list_contains(std::string_view list, std::string_view element) noexcept;
/// A host with an optional port, as in Host (RFC 3986 section 3.2): a name, an IPv4 address or an IPv6 address in
/// brackets. Narrower than the RFC: a name has letters, digits, '-', '_', '~' and single dots only, and a colon is
/// followed by a port of up to 65535.
[[nodiscard]] bool is_host_and_port(std::string_view text) noexcept;

struct Field {
  std::string_view name;
  std::string_view value;
};

/// The fields of one head, in order, as positions in the buffer that holds it, which may move while the head arrives.
class FieldList {
 public:
  void clear() noexcept { spans_.clear(); }
  /// Says where the head is now.
  void rebase(std::string_view head) noexcept { head_ = head.data(); }
  void add(std::size_t name_offset, std::size_t name_size, std::size_t value_offset, std::size_t value_size);
  [[nodiscard]] std::size_t size() const noexcept { return spans_.size(); }
  [[nodiscard]] Field operator[](std::size_t index) const noexcept;
  /// Value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// Value of the only field of that name; nothing if there are several, of which nobody could say which one counts.
  [[nodiscard]] std::optional<std::string_view> only(std::string_view name) const noexcept;
  /// Whether any field `name`, a comma-separated list, has this element.
  [[nodiscard]] bool names(std::string_view name, std::string_view element) const noexcept;

 private:
  struct Span {
    std::uint32_t name_offset, name_size, value_offset, value_size;
  };

  const char* head_ = nullptr;
  std::vector<Span> spans_;
};

/// Fields that concern one connection, not the message: never passed on (RFC 9110 section 7.6.1). Those that a
/// Connection field names in addition are not known here. Spelt with '_' for '-' they are no better.
[[nodiscard]] bool is_hop_by_hop(std::string_view name) noexcept;

}  // namespace mayfly::http
