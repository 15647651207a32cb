#include "admin/metrics_text.h"

#include <gtest/gtest.h>

namespace mayfly::admin {
namespace {

using namespace std::chrono_literals;

TEST(MetricsText, AFamilyHasItsHelpItsTypeAndItsSamples) {
  MetricsText text;
  text.family("app_things", MetricsText::Type::gauge, "Things there are.");
  text.sample("state=\"new\"", std::uint64_t{18'446'744'073'709'551'615u});
  text.sample("", 0.25);
  EXPECT_EQ(text.text(),
            "# HELP app_things Things there are.\n"
            "# TYPE app_things gauge\n"
            "app_things{state=\"new\"} 18446744073709551615\n"
            "app_things 0.25\n");
}

TEST(MetricsText, AHistogramIsCumulativeAndEndsInInfinity) {
  loop::Histogram histogram;
  histogram.add(7us);
  histogram.add(3s);
  histogram.add(1min);
  MetricsText text;
  text.family("app_seconds", MetricsText::Type::histogram, "How long.");
  text.sample("phase=\"a\"", histogram.figures());
  for (const char* line :
       {"app_seconds_bucket{phase=\"a\",le=\"5e-06\"} 0\n", "app_seconds_bucket{phase=\"a\",le=\"1e-05\"} 1\n",
        "app_seconds_bucket{phase=\"a\",le=\"2.5\"} 1\n", "app_seconds_bucket{phase=\"a\",le=\"5\"} 2\n",
        "app_seconds_bucket{phase=\"a\",le=\"30\"} 2\n", "app_seconds_bucket{phase=\"a\",le=\"+Inf\"} 3\n",
        "app_seconds_sum{phase=\"a\"} 63.000007\n", "app_seconds_count{phase=\"a\"} 3\n"}) {
    EXPECT_NE(text.text().find(line), std::string::npos) << line << "in\n" << text.text();
  }
}

TEST(MetricsText, AHistogramMayHaveNoLabels) {
  MetricsText text;
  text.family("app_seconds", MetricsText::Type::histogram, "How long.");
  text.sample("", loop::HistogramFigures());
  EXPECT_NE(text.text().find("\napp_seconds_bucket{le=\"+Inf\"} 0\napp_seconds_sum 0\napp_seconds_count 0\n"),
            std::string::npos)
      << text.text();
}

}  // namespace
}  // namespace mayfly::admin
