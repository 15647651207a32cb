#include "net/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <gtest/gtest.h>
#include <resolv.h>

#include <random>

#include "net/testing.h"

namespace mayfly::net {
namespace {

using Bytes = std::vector<std::byte>;

/// glibc's view of an answer, which checks that it is well-formed.
struct Parsed {
  int rcode = -1;
  unsigned id = 0;
  bool recursion_desired = false, recursion_available = false, truncated = false;
  int questions = 0, additional = 0;
  std::vector<std::string> addresses;
  unsigned opt_ttl = 0, opt_class = 0;
};

Parsed parse(const Bytes& answer) {
  Parsed result;
  ns_msg handle;
  if (::ns_initparse(reinterpret_cast<const u_char*>(answer.data()), static_cast<int>(answer.size()), &handle) != 0) {
    ADD_FAILURE() << "the answer is malformed";
    return result;
  }
  EXPECT_TRUE(ns_msg_getflag(handle, ns_f_qr));
  result.rcode = ns_msg_getflag(handle, ns_f_rcode);
  result.id = ns_msg_id(handle);
  result.recursion_desired = ns_msg_getflag(handle, ns_f_rd) != 0;
  result.recursion_available = ns_msg_getflag(handle, ns_f_ra) != 0;
  result.truncated = ns_msg_getflag(handle, ns_f_tc) != 0;
  result.questions = ns_msg_count(handle, ns_s_qd);
  result.additional = ns_msg_count(handle, ns_s_ar);
  for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
    ns_rr record;
    EXPECT_EQ(::ns_parserr(&handle, ns_s_an, i, &record), 0);
    char text[INET6_ADDRSTRLEN] = {};
    bool four = ns_rr_type(record) == ns_t_a;
    EXPECT_EQ(ns_rr_rdlen(record), four ? 4 : 16);
    ::inet_ntop(four ? AF_INET : AF_INET6, ns_rr_rdata(record), text, sizeof(text));
    result.addresses.emplace_back(text);
  }
  ns_rr record;
  if (result.additional == 1 && ::ns_parserr(&handle, ns_s_ar, 0, &record) == 0) {
    EXPECT_EQ(ns_rr_type(record), ns_t_opt);
    result.opt_ttl = ns_rr_ttl(record);
    result.opt_class = ns_rr_class(record);
  }
  return result;
}

Rcode failure_of(const Bytes& message) {
  auto query = parse_query(message);
  return query ? query->failure.value_or(Rcode::no_error) : Rcode::server_failure;
}

std::vector<IpBytes> ips(std::initializer_list<const char*> texts) {
  std::vector<IpBytes> result;
  for (const char* text : texts) result.push_back(*parse_ip(text));
  return result;
}

TEST(DnsMessage, ReadsWhatGlibcAsks) {
  u_char buffer[512];
  int size =
      ::res_mkquery(ns_o_query, "API.Example.com", ns_c_in, ns_t_aaaa, nullptr, 0, nullptr, buffer, sizeof(buffer));
  ASSERT_GT(size, 0);
  auto query = parse_query(std::as_bytes(std::span(buffer, static_cast<std::size_t>(size))));
  ASSERT_TRUE(query);
  EXPECT_FALSE(query->failure);
  EXPECT_EQ(query->name, "api.example.com");
  EXPECT_EQ(query->type, kTypeAaaa);
  EXPECT_TRUE(query->recursion_desired);
  EXPECT_FALSE(query->edns);
}

TEST(DnsMessage, AnswersWithTheQuestionAsItCame) {
  Bytes message = dns_query("API.Example.com", kTypeA);
  auto query = parse_query(message);
  Bytes answer = compose_answer(*query, Rcode::no_error, ips({"10.0.0.5", "2001:db8::5", "10.0.0.6"}));
  Parsed parsed = parse(answer);
  EXPECT_EQ(parsed.rcode, ns_r_noerror);
  EXPECT_EQ(parsed.id, kQueryId);
  EXPECT_EQ(parsed.addresses, (std::vector<std::string>{"10.0.0.5", "10.0.0.6"}));
  EXPECT_EQ(parsed.additional, 0);
  EXPECT_TRUE(parsed.recursion_desired);
  EXPECT_TRUE(parsed.recursion_available);
  EXPECT_TRUE(std::equal(message.begin() + 12, message.end(), answer.begin() + 12))
      << "also in the case of its letters";

  auto six = parse_query(dns_query("api.example.com", kTypeAaaa));
  parsed = parse(compose_answer(*six, Rcode::no_error, ips({"10.0.0.5", "2001:db8::5"})));
  EXPECT_EQ(parsed.addresses, std::vector<std::string>{"2001:db8::5"});
}

TEST(DnsMessage, ErrorsHaveNoAddresses) {
  auto query = parse_query(dns_query("a.example.com", kTypeA));
  for (Rcode rcode : {Rcode::format_error, Rcode::server_failure, Rcode::no_such_name, Rcode::refused}) {
    Parsed parsed = parse(compose_answer(*query, rcode, ips({"10.0.0.5"})));
    EXPECT_EQ(parsed.rcode, static_cast<int>(rcode));
    EXPECT_EQ(parsed.questions, 1);
    EXPECT_TRUE(parsed.addresses.empty());
  }
  EXPECT_TRUE(parse(compose_answer(*query, Rcode::no_error)).addresses.empty()) << "NODATA";
}

TEST(DnsMessage, LeavesOutWhatDoesNotFit) {
  std::vector<IpBytes> many(200, *parse_ip("2001:db8::5"));
  for (std::size_t size : {0u, 100u, 512u, 600u, 1232u, 4096u, 65535u}) {
    Bytes message = dns_query("a.example.com", kTypeAaaa);
    if (size != 0) add_opt(message, static_cast<u16>(size));
    std::size_t limit = size == 0 ? 512 : std::clamp<std::size_t>(size, 512, 1232);
    Bytes answer = compose_answer(*parse_query(message), Rcode::no_error, many);
    EXPECT_LE(answer.size(), limit);
    EXPECT_GT(answer.size() + 28, limit) << "one more would have fitted";
    EXPECT_FALSE(parse(answer).truncated);
  }
}

TEST(DnsMessage, EchoesEdns) {
  Bytes message = dns_query("a.example.com", kTypeA);
  add_opt(message, 1400, 0x8000);
  auto query = parse_query(message);
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->edns);
  Parsed parsed = parse(compose_answer(*query, Rcode::no_error, ips({"10.0.0.5"})));
  EXPECT_EQ(parsed.additional, 1);
  EXPECT_EQ(parsed.opt_class, kEdnsAnswerBytes);
  EXPECT_EQ(parsed.opt_ttl, 0x8000u) << "version 0, DO";
  EXPECT_EQ(parsed.addresses.size(), 1u);

  Bytes newer = dns_query("a.example.com", kTypeA);
  add_opt(newer, 1400, 1 << 16);
  EXPECT_EQ(failure_of(newer), Rcode::bad_version);
  parsed = parse(compose_answer(*parse_query(newer), Rcode::bad_version));
  EXPECT_EQ(parsed.rcode, 0);
  EXPECT_EQ(parsed.opt_ttl, 1u << 24) << "the upper part of the code";

  Bytes two = dns_query("a.example.com", kTypeA);
  add_opt(two, 1400);
  add_opt(two, 1400);
  EXPECT_EQ(failure_of(two), Rcode::format_error);
}

TEST(DnsMessage, DropsWhatIsNoQuery) {
  Bytes message = dns_query("a.example.com", kTypeA);
  for (std::size_t size = 0; size < 12; ++size) EXPECT_FALSE(parse_query(std::span(message).first(size)));
  message[2] |= std::byte{0x80};
  EXPECT_FALSE(parse_query(message)) << "an answer, which might come back for ever";
}

TEST(DnsMessage, EveryTruncationIsAFormatError) {
  Bytes message = dns_query("a.example.com", kTypeA);
  add_opt(message, 1232);
  ASSERT_EQ(failure_of(message), Rcode::no_error);
  for (std::size_t size = 12; size < message.size(); ++size) {
    auto query = parse_query(std::span(message).first(size));
    ASSERT_TRUE(query) << size;
    EXPECT_EQ(query->failure, Rcode::format_error) << size;
    EXPECT_EQ(parse(compose_answer(*query, *query->failure)).rcode, ns_r_formerr) << size;
  }
  message.push_back(std::byte{0});
  EXPECT_EQ(failure_of(message), Rcode::format_error) << "more than its counts say";
}

TEST(DnsMessage, WrongCountsAreFormatErrors) {
  for (std::size_t at : {4u, 6u, 8u, 10u}) {
    for (unsigned count : {0u, 1u, 2u, 255u, 65535u}) {
      Bytes message = dns_query("a.example.com", kTypeA);
      if ((at == 4 && count == 1) || (at != 4 && count == 0)) continue;
      message[at] = static_cast<std::byte>(count >> 8);
      message[at + 1] = static_cast<std::byte>(count & 0xff);
      EXPECT_EQ(failure_of(message), Rcode::format_error) << at << " " << count;
    }
  }
}

TEST(DnsMessage, TwoQuestionsAreAFormatError) {
  Bytes message = dns_query("a.example.com", kTypeA);
  Bytes other = dns_query("b.example.com", kTypeA);
  message.insert(message.end(), other.begin() + 12, other.end());
  message[5] = std::byte{2};
  EXPECT_EQ(failure_of(message), Rcode::format_error);
}

TEST(DnsMessage, CompressionInTheQuestionIsAFormatError) {
  // To itself, forward, to the header, behind a label, beyond the end; and the two label types that do not exist.
  for (auto name : {std::initializer_list<int>{0xc0, 12},
                    {0xc0, 14},
                    {0xc0, 0},
                    {1, 'a', 0xc0, 12},
                    {0xff, 0xff},
                    {0x40, 1, 0},
                    {0x80, 1, 0},
                    {63, 'a'}}) {
    Bytes message = dns_query("a", kTypeA);
    message.resize(12);
    for (int byte : name) message.push_back(static_cast<std::byte>(byte));
    for (int byte : {0, 1, 0, 1}) message.push_back(static_cast<std::byte>(byte));
    EXPECT_EQ(failure_of(message), Rcode::format_error) << *name.begin();
  }
}

TEST(DnsMessage, CompressionLoopBehindTheQuestionIsAFormatErrorOrHarmless) {
  Bytes message = dns_query("a.example.com", kTypeA);
  auto at = static_cast<unsigned>(message.size());
  for (unsigned byte : {0xc0u, at, 0u, 41u, 4u, 0xd0u, 0u, 0u, 0u, 0u, 0u, 0u})
    message.push_back(static_cast<std::byte>(byte));
  message[11] = std::byte{1};
  EXPECT_EQ(failure_of(message), Rcode::format_error);
}

TEST(DnsMessage, LongNames) {
  std::string name;
  while (name.size() < 252) name += "a.";
  EXPECT_EQ(parse_query(dns_query(name + "a", kTypeA))->name, name + "a");
  EXPECT_EQ(failure_of(dns_query(name + "aa", kTypeA)), Rcode::format_error);
}

TEST(DnsMessage, WhatIsNoHostNameHasNone) {
  Bytes message = dns_query("a.example.com", kTypeA);
  message[13] = std::byte{'.'};  // a label that consists of a dot
  EXPECT_FALSE(parse_query(message)->failure);
  EXPECT_FALSE(parse_query(message)->name);
  message[13] = std::byte{0};
  EXPECT_FALSE(parse_query(message)->name);
  EXPECT_FALSE(parse_query(dns_query("", kTypeA))->name) << "the root";
  EXPECT_FALSE(parse_query(dns_query("127.0.0.1", kTypeA))->name);
}

TEST(DnsMessage, OtherClassesAndOperationsAreNotImplemented) {
  Bytes message = dns_query("version.bind", 16);
  message.back() = std::byte{3};
  EXPECT_EQ(failure_of(message), Rcode::not_implemented);
  Bytes update = dns_query("a.example.com", kTypeA);
  update[2] = std::byte{5 << 3};
  EXPECT_EQ(failure_of(update), Rcode::not_implemented);
  EXPECT_EQ(parse(compose_answer(*parse_query(update), Rcode::not_implemented)).rcode, ns_r_notimpl);
}

/// Whatever comes in, what goes out is well-formed and within its bounds.
TEST(DnsMessage, SurvivesChangedBytes) {
  std::mt19937 random(1);
  std::vector<IpBytes> addresses(100, *parse_ip("10.0.0.5"));
  Bytes good = dns_query("a.example.com", kTypeA);
  add_opt(good, 1232);
  std::size_t understood = 0;
  for (int round = 0; round < 50'000; ++round) {
    Bytes message = good;
    for (unsigned changes = random() % 4 + 1; changes > 0; --changes) {
      message[random() % message.size()] = static_cast<std::byte>(random() & 0xff);
    }
    message.resize(message.size() - random() % 3);
    auto query = parse_query(message);
    if (!query) continue;
    Bytes answer = compose_answer(*query, query->failure.value_or(Rcode::no_error), addresses);
    EXPECT_LE(answer.size(), query->edns ? kEdnsAnswerBytes : kPlainAnswerBytes);
    Parsed parsed = parse(answer);
    if (!query->failure) ++understood;
    EXPECT_TRUE(!query->failure || parsed.addresses.empty());
  }
  EXPECT_GT(understood, 1000u) << "the changes left nothing to test";
}

}  // namespace
}  // namespace mayfly::net
