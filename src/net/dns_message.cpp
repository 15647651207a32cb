#include "net/dns_message.h"

#include <arpa/nameser.h>

#include <algorithm>

#include "net/host_name.h"

namespace mayfly::net {
namespace {

constexpr std::size_t kHeaderBytes = NS_HFIXEDSZ, kMaxNameBytes = NS_MAXCDNAME, kOptBytes = 11;
constexpr unsigned kLabelTypeMask = 0xc0;  // else it is a compression pointer, or of no known type
constexpr u8 kResponse = 0x80, kRecursionDesired = 0x01, kRecursionAvailable = 0x80, kCheckingDisabled = 0x10;
constexpr unsigned kDnssecOk = 0x8000;
/// How long a program may keep an answer: getaddrinfo does not tell. Much less than a policy remembers it.
constexpr unsigned kTtlSeconds = 60;

u8 byte_at(std::span<const std::byte> message, std::size_t at) {
  return std::to_integer<u8>(message[at]);
}
u16 word_at(std::span<const std::byte> message, std::size_t at) {
  return static_cast<u16>(byte_at(message, at) << 8 | byte_at(message, at + 1));
}

/// Reads the question, which stands right behind the header. There is nothing yet that a compressed name could refer
/// to.
/// @return false if it is malformed
bool read_question(std::span<const std::byte> message, Query& query, u16& question_class) {
  std::string name;
  bool has_dot = false;  // inside of a label, where it would be taken for one between labels
  std::size_t at = kHeaderBytes;
  while (true) {
    if (at >= message.size()) return false;
    std::size_t length = byte_at(message, at++);
    if (length == 0) break;
    if ((length & kLabelTypeMask) != 0 || length > message.size() - at) return false;
    if (!name.empty()) name += '.';
    std::string_view label(reinterpret_cast<const char*>(&message[at]), length);
    has_dot = has_dot || label.find('.') != label.npos;
    name += label;
    at += length;
    if (at - kHeaderBytes >= kMaxNameBytes) return false;
  }
  if (message.size() - at < NS_QFIXEDSZ) return false;
  query.type = word_at(message, at);
  question_class = word_at(message, at + 2);
  auto question = message.subspan(kHeaderBytes, at + NS_QFIXEDSZ - kHeaderBytes);
  query.question.assign(question.begin(), question.end());
  if (!has_dot) query.name = normal_host_name(name);
  return true;
}

/// Goes through what follows the question, for the OPT record. @return false if that is malformed
bool read_additional(std::span<const std::byte> message, Query& query) {
  ns_msg handle;
  if (::ns_initparse(reinterpret_cast<const u_char*>(message.data()), static_cast<int>(message.size()), &handle) != 0) {
    return false;
  }
  for (int i = 0; i < ns_msg_count(handle, ns_s_ar); ++i) {
    ns_rr record;
    if (::ns_parserr(&handle, ns_s_ar, i, &record) != 0) return false;
    if (ns_rr_type(record) != ns_t_opt) continue;
    // An OPT record belongs to the root, whose name ns_parserr writes as "" or ".".
    std::string_view owner = ns_rr_name(record);
    if (query.edns || (!owner.empty() && owner != ".")) return false;
    query.edns = true;
    query.dnssec_ok = (ns_rr_ttl(record) & kDnssecOk) != 0;
    query.answer_bytes = std::clamp<std::size_t>(ns_rr_class(record), kPlainAnswerBytes, kEdnsAnswerBytes);
    unsigned version = ns_rr_ttl(record) >> 16 & 0xff;
    if (version != 0) query.failure = Rcode::bad_version;
  }
  return true;
}

class Writer {
 public:
  explicit Writer(std::size_t most_bytes) { bytes_.reserve(most_bytes); }
  void put8(unsigned value) { bytes_.push_back(static_cast<std::byte>(value & 0xff)); }
  void put16(unsigned value) {
    put8(value >> 8);
    put8(value);
  }
  void put32(unsigned value) {
    put16(value >> 16);
    put16(value);
  }
  void put(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// The last bytes of an address that a record of that type has; empty if it has none of it.
std::span<const std::byte> record_data(const IpBytes& ip, u16 type) {
  auto bytes = std::as_bytes(std::span(ip));
  if (type == kTypeA && is_ipv4(ip)) return bytes.subspan(kMappedBits / 8);
  if (type == kTypeAaaa && !is_ipv4(ip)) return bytes;
  return {};
}

/// The addresses that are of the question's type and fit.
std::vector<std::span<const std::byte>> select_records(const Query& query, std::span<const IpBytes> addresses) {
  std::vector<std::span<const std::byte>> records;
  std::size_t used = kHeaderBytes + query.question.size() + (query.edns ? kOptBytes : 0);
  for (const IpBytes& ip : addresses) {
    auto data = record_data(ip, query.type);
    if (data.empty()) continue;
    used += NS_RRFIXEDSZ + 2 + data.size();
    if (used > query.answer_bytes) break;
    records.push_back(data);
  }
  return records;
}

}  // namespace

std::optional<Query> parse_query(std::span<const std::byte> message) {
  if (message.size() < kHeaderBytes || message.size() > NS_MAXMSG) return std::nullopt;
  u8 flags = byte_at(message, 2);
  if ((flags & kResponse) != 0) return std::nullopt;
  Query query;
  query.id = word_at(message, 0);
  query.opcode = static_cast<u8>(flags >> 3 & 0xf);
  query.recursion_desired = (flags & kRecursionDesired) != 0;
  query.checking_disabled = (byte_at(message, 3) & kCheckingDisabled) != 0;
  query.answer_bytes = kPlainAnswerBytes;
  if (query.opcode != ns_o_query) {
    query.failure = Rcode::not_implemented;
    return query;
  }
  bool one_question = word_at(message, 4) == 1 && word_at(message, 6) == 0 && word_at(message, 8) == 0;
  u16 question_class = 0;
  if (!one_question || !read_question(message, query, question_class) || !read_additional(message, query)) {
    query.failure = Rcode::format_error;
  } else if (!query.failure && question_class != ns_c_in) {
    query.failure = Rcode::not_implemented;
  }
  return query;
}

std::vector<std::byte> compose_answer(const Query& query, Rcode rcode, std::span<const IpBytes> addresses) {
  auto records = select_records(query, rcode == Rcode::no_error ? addresses : std::span<const IpBytes>());
  unsigned code = static_cast<unsigned>(rcode);
  Writer out(query.answer_bytes);
  out.put16(query.id);
  out.put8(kResponse | static_cast<unsigned>(query.opcode) << 3 | (query.recursion_desired ? kRecursionDesired : 0u));
  out.put8(kRecursionAvailable | (query.checking_disabled ? kCheckingDisabled : 0u) | (code & 0xf));
  out.put16(query.question.empty() ? 0 : 1);
  out.put16(static_cast<unsigned>(records.size()));
  out.put16(0);
  out.put16(query.edns ? 1 : 0);
  out.put(query.question);
  for (auto data : records) {
    out.put16(kLabelTypeMask << 8 | kHeaderBytes);  // the question's name
    out.put16(query.type);
    out.put16(ns_c_in);
    out.put32(kTtlSeconds);
    out.put16(static_cast<unsigned>(data.size()));
    out.put(data);
  }
  if (query.edns) {
    out.put8(0);
    out.put16(ns_t_opt);
    out.put16(kEdnsAnswerBytes);
    out.put32((code >> 4) << 24 | (query.dnssec_ok ? kDnssecOk : 0u));
    out.put16(0);
  }
  return out.take();
}

}  // namespace mayfly::net
