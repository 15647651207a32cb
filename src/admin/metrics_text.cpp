#include "admin/metrics_text.h"

#include <fmt/format.h>

namespace mayfly::admin {
namespace {

std::string_view type_name(MetricsText::Type type) {
  switch (type) {
    case MetricsText::Type::counter:
      return "counter";
    case MetricsText::Type::gauge:
      return "gauge";
    case MetricsText::Type::histogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

void MetricsText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type_name(type));
}

void MetricsText::sample(std::string_view labels, std::uint64_t value) {
  line("", labels, fmt::to_string(value));
}

void MetricsText::sample(std::string_view labels, double value) {
  line("", labels, fmt::to_string(value));
}

void MetricsText::sample(std::string_view labels, const loop::HistogramFigures& figures) {
  constexpr double kNanoseconds = 1e9;
  const std::string_view separator = labels.empty() ? "" : ",";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < figures.counts.size(); ++i) {
    count += figures.counts[i];
    const bool bounded = i < loop::HistogramFigures::kUpperBounds.size();
    const std::string bound =
        bounded ? fmt::to_string(static_cast<double>(loop::HistogramFigures::kUpperBounds[i].count()) / kNanoseconds)
                : "+Inf";
    line("_bucket", fmt::format("{}{}le=\"{}\"", labels, separator, bound), fmt::to_string(count));
  }
  line("_sum", labels, fmt::to_string(static_cast<double>(figures.sum_ns) / kNanoseconds));
  line("_count", labels, fmt::to_string(count));
}

void MetricsText::line(std::string_view suffix, std::string_view labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  if (!labels.empty()) text_ += fmt::format("{{{}}}", labels);
  text_ += fmt::format(" {}\n", value);
}

}  // namespace mayfly::admin
