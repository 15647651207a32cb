#include "supervisor/client_hello.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "http/header.h"

namespace mayfly::supervisor {
namespace {

constexpr unsigned kHandshakeRecord = 22, kMajorVersion = 3, kClientHelloMessage = 1;
constexpr std::size_t kMessageHeaderBytes = 4, kMaxRecordBytes = 16 * 1024;
constexpr std::size_t kRandomBytes = 32, kMaxSessionIdBytes = 32;
constexpr unsigned kServerNameExtension = 0, kHostName = 0;
constexpr std::size_t kMaxNameBytes = 253;

/// Takes numbers and pieces off the front of a message; what is not there is nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::optional<std::size_t> number(std::size_t size) {
    const auto text = take(size);
    if (!text) return std::nullopt;
    std::size_t value = 0;
    for (const char c : *text) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  [[nodiscard]] std::optional<std::string_view> take(std::size_t size) {
    if (size > bytes_.size()) return std::nullopt;
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  /// A piece with its length before it, in `length_size` bytes.
  [[nodiscard]] std::optional<std::string_view> vector(std::size_t length_size) {
    const auto size = number(length_size);
    return size ? take(*size) : std::nullopt;
  }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

/// A name as certificates have them: no address (RFC 6066 section 3), no port, no dot at the end.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.ends_with('.')) return false;
  return name.find_first_of(":[]") == std::string_view::npos && http::is_host_and_port(name);
}

}  // namespace

ClientHello::Result ClientHello::parse(std::string_view input) {
  const Result more = input.size() < kMaxClientHelloBytes ? Result::incomplete : Result::invalid;
  std::string message;  // of all records: a hello may be cut anywhere
  Reader records(input.substr(0, kMaxClientHelloBytes));
  for (;;) {
    const auto type = records.number(1);
    if (type && *type != kHandshakeRecord) return Result::invalid;
    const auto major = records.number(1);
    if (major && *major != kMajorVersion) return Result::invalid;
    const auto minor = records.number(1);
    const auto size = records.number(2);
    if (size && (*size == 0 || *size > kMaxRecordBytes)) return Result::invalid;
    if (!minor || !size) return more;
    const auto fragment = records.take(*size);
    if (!fragment) return more;
    message += *fragment;
    Reader reader(message);
    const auto message_type = reader.number(1);
    if (message_type && *message_type != kClientHelloMessage) return Result::invalid;
    const auto message_size = reader.number(3);
    if (!message_size) continue;
    if (*message_size > kMaxClientHelloBytes) return Result::invalid;
    if (message.size() < kMessageHeaderBytes + *message_size) continue;
    if (message.size() > kMessageHeaderBytes + *message_size) return Result::invalid;
    return parse_message(std::string_view(message).substr(kMessageHeaderBytes)) ? Result::complete : Result::invalid;
  }
}

bool ClientHello::parse_message(std::string_view message) {
  server_name_.clear();
  Reader reader(message);
  const auto major = reader.number(1);
  if (!major || *major != kMajorVersion || !reader.number(1) || !reader.take(kRandomBytes)) return false;
  const auto session_id = reader.vector(1);
  if (!session_id || session_id->size() > kMaxSessionIdBytes) return false;
  const auto ciphers = reader.vector(2);
  if (!ciphers || ciphers->empty() || ciphers->size() % 2 != 0) return false;
  const auto compressions = reader.vector(1);
  if (!compressions || compressions->empty()) return false;
  if (reader.empty()) return true;
  const auto extensions = reader.vector(2);
  return extensions && reader.empty() && parse_extensions(*extensions);
}

bool ClientHello::parse_extensions(std::string_view extensions) {
  Reader reader(extensions);
  bool is_named = false;
  while (!reader.empty()) {
    const auto type = reader.number(2);
    const auto contents = reader.vector(2);
    if (!type || !contents) return false;
    if (*type != kServerNameExtension) continue;
    if (is_named || !parse_server_name(*contents)) return false;
    is_named = true;
  }
  return true;
}

/// A list, of which only one kind of name was ever defined, and only one of a kind may be there.
bool ClientHello::parse_server_name(std::string_view extension) {
  Reader reader(extension);
  const auto list = reader.vector(2);
  if (!list || !reader.empty()) return false;
  Reader names(*list);
  const auto type = names.number(1);
  const auto name = names.vector(2);
  if (!type || *type != kHostName || !name || !names.empty() || !is_name(*name)) return false;
  server_name_ = *name;
  std::ranges::transform(server_name_, server_name_.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return true;
}

}  // namespace mayfly::supervisor
