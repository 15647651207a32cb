// Figures as Prometheus reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loop/histogram.h"

namespace mayfly::admin {

/// Writes the text format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats). Not thread-safe.
class MetricsText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  enum class Type { counter, gauge, histogram };

  /// Begins a family; what follows is of it, until the next.
  /// @param name with its unit, and "_total" if it is a counter @param help a sentence of one line without backslashes
  void family(std::string_view name, Type type, std::string_view help);
  /// @param labels as in `state="idle",kind="x"`, whose values need no escaping; empty: none
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::string_view labels, double value);
  /// Of a family that is a histogram of seconds.
  void sample(std::string_view labels, const loop::HistogramFigures& figures);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  void line(std::string_view suffix, std::string_view labels, std::string_view value);

  std::string name_;
  std::string text_;
};

}  // namespace mayfly::admin
