#include "cli/doctor/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mayfly::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "good";
    case Verdict::poor:
      return "poor";
    case Verdict::missing:
      return "missing";
  }
  return "";
}

}  // namespace

bool Diagnosis::ready() const {
  return std::none_of(checks.begin(), checks.end(), [](const Check& c) { return c.verdict == Verdict::missing; });
}

std::string diagnosis_text(const Diagnosis& diagnosis) {
  std::string text;
  for (const Check& check : diagnosis.checks) {
    text += fmt::format("{:<8} {:<34} {}\n", verdict_name(check.verdict), check.name, check.found);
    if (!check.remedy.empty()) text += fmt::format("{:<8} -> {}\n", "", check.remedy);
  }
  if (!diagnosis.measurements.empty()) text += fmt::format("\n{:<43} {:>10} {:>10}\n", "cost", "min", "median");
  for (const Measurement& cost : diagnosis.measurements) {
    text += fmt::format("{:<43} {:>10.1f} {:>10.1f} {}\n", cost.name, cost.min, cost.median, cost.unit);
  }
  return text + (diagnosis.ready() ? "\nMayfly can run here.\n" : "\nMayfly cannot run here: something is missing.\n");
}

std::string diagnosis_json(const Diagnosis& diagnosis) {
  Json checks = Json::array();
  for (const Check& check : diagnosis.checks) {
    Json json = {{"name", check.name}, {"verdict", verdict_name(check.verdict)}, {"found", check.found}};
    if (!check.remedy.empty()) json["remedy"] = check.remedy;
    checks.push_back(std::move(json));
  }
  Json measurements = Json::array();
  for (const Measurement& cost : diagnosis.measurements) {
    measurements.push_back({{"name", cost.name}, {"min", cost.min}, {"median", cost.median}, {"unit", cost.unit}});
  }
  Json report = {
      {"ready", diagnosis.ready()}, {"checks", std::move(checks)}, {"measurements", std::move(measurements)}};
  return report.dump(2) + "\n";
}

}  // namespace mayfly::cli
