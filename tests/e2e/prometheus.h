// A strict reader of Prometheus's text format.
#pragma once

#include <map>
#include <string>

namespace mayfly::e2e {

/// Samples by name and labels as they stand: `app_things{state="new"}`.
using Samples = std::map<std::string, double>;

/// Throws std::runtime_error, with the line, unless all of the text is as the format says: each family once, with its
/// help, its type and then its samples; counters end in _total; histograms are cumulative, to +Inf, which is their
/// count; no sample comes twice.
[[nodiscard]] Samples parse_prometheus(const std::string& text);

}  // namespace mayfly::e2e
