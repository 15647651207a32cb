#include "http/testing/wire_cases.h"

#include <gtest/gtest.h>

#include <set>

#include "http/testing/wire_reader.h"

namespace mayfly::http {
namespace {

using testing::Pieces;
using testing::WireCase;

const std::vector<WireCase>& requests() {
  static const std::vector<WireCase> cases = testing::read_cases(MAYFLY_HTTP_CASES "/requests");
  return cases;
}

const std::vector<WireCase>& responses() {
  static const std::vector<WireCase> cases = testing::read_cases(MAYFLY_HTTP_CASES "/responses");
  return cases;
}

/// Feeds the bytes of each case whole, one by one, and cut once at each position.
template <typename Read>
void expect_outcomes(const std::vector<WireCase>& cases, Read&& read) {
  for (const WireCase& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(read(testing::whole(one.bytes), one), one.expected) << testing::escaped(one.bytes);
    EXPECT_EQ(read(testing::in_pieces(one.bytes, 1), one), one.expected) << "byte by byte";
    for (std::size_t cut = 1; cut < one.bytes.size() && !::testing::Test::HasFailure(); ++cut) {
      EXPECT_EQ(read(testing::cut_at(one.bytes, cut), one), one.expected) << "cut at " << cut;
    }
  }
}

/// The same bytes in the same setting twice would be one case counted twice.
void expect_distinct(const std::vector<WireCase>& cases) {
  std::set<std::string> names;
  std::set<std::string> inputs;
  for (const WireCase& one : cases) {
    EXPECT_TRUE(names.insert(one.name.substr(one.name.find(": "))).second) << one.name << ": the name is used twice";
    const Limits& limits = one.limits;
    std::string input = one.bytes;
    for (const std::uint64_t value :
         {std::uint64_t{limits.request_line_bytes}, std::uint64_t{limits.header_bytes},
          std::uint64_t{limits.header_fields}, std::uint64_t{limits.trailer_bytes}, limits.body_bytes,
          std::uint64_t{one.setting.to_head}, std::uint64_t{one.setting.closes}}) {
      input += '/' + std::to_string(value);
    }
    EXPECT_TRUE(inputs.insert(input).second) << one.name << ": the bytes are those of another case";
    EXPECT_FALSE(one.bytes.empty() || one.expected.empty()) << one.name;
  }
}

TEST(WireCases, AreManyAndDistinct) {
  EXPECT_GE(requests().size(), 300u);
  EXPECT_GE(responses().size(), 80u);
  expect_distinct(requests());
  expect_distinct(responses());
}

TEST(WireCases, RequestsHaveTheirExactOutcome) {
  expect_outcomes(requests(),
                  [](const Pieces& pieces, const WireCase& one) { return testing::read_requests(pieces, one.limits); });
}

TEST(WireCases, ResponsesHaveTheirExactOutcome) {
  expect_outcomes(responses(), [](const Pieces& pieces, const WireCase& one) {
    return testing::read_response(pieces, one.setting, one.limits);
  });
}

}  // namespace
}  // namespace mayfly::http
