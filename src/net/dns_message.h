// DNS messages, as far as a stub resolver needs them: one question in, addresses out. RFC 1035, RFC 6891.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"

namespace mayfly::net {

/// RFC 1035 4.1.1, RFC 6891 9.
enum class Rcode : u16 {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3,  ///< NXDOMAIN
  not_implemented = 4,
  refused = 5,
  bad_version = 16,
};

enum RecordType : u16 { kTypeA = 1, kTypeAaaa = 28 };

/// A query, or what could be made out of one that is to be answered with an error.
struct Query {
  u16 id = 0;
  u8 opcode = 0;
  bool recursion_desired = false, checking_disabled = false;
  std::vector<std::byte> question;  ///< as it came, without compression, for the answer; empty if it is malformed
  std::optional<std::string> name;  ///< normal; nothing if it is no host name
  u16 type = 0;
  bool edns = false, dnssec_ok = false;
  std::size_t answer_bytes = 0;    ///< the most that an answer may have
  std::optional<Rcode> failure{};  ///< the answer that a query deserves which cannot be heeded
};

inline constexpr std::size_t kPlainAnswerBytes = 512;
inline constexpr std::size_t kEdnsAnswerBytes = 1232;  ///< fits the least MTU of IPv6

/// @param message any bytes
/// @return nothing if no answer may be given: for what has no header, or is itself an answer
[[nodiscard]] std::optional<Query> parse_query(std::span<const std::byte> message);

/// An answer; of Query::answer_bytes at most, where addresses that do not fit are left out.
/// @param addresses those of the question's type are taken; none of them is NODATA
[[nodiscard]] std::vector<std::byte> compose_answer(const Query& query, Rcode rcode,
                                                    std::span<const IpBytes> addresses = {});

}  // namespace mayfly::net
