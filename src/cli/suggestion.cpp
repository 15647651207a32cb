#include "cli/suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace mayfly::cli {
namespace {

constexpr std::size_t kMostErrors = 2;

/// Edit distance in which swapping two neighbours counts as one error, as "memroy" for "memory" does.
std::size_t typing_errors(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      bool same = from[i - 1] == to[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[to.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t least = kMostErrors + 1;
  for (const std::string& candidate : candidates) {
    std::size_t errors = typing_errors(name, candidate);
    // A short name with two errors in it has nothing left in common.
    if (errors >= least || errors * 2 >= candidate.size()) continue;
    least = errors;
    best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  std::optional<std::string> best = nearest_name(name, candidates);
  return best ? fmt::format("; did you mean {}?", *best) : std::string();
}

}  // namespace mayfly::cli
