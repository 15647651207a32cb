#include <cstdio>

#include "cli/commands.h"
#include "cli/doctor/host_checks.h"
#include "cli/doctor/kvm_checks.h"
#include "cli/doctor/measure.h"
#include "cli/doctor/report.h"

namespace mayfly::cli {

int doctor(const Config& config) {
  Diagnosis diagnosis{judge_kvm(gather_kvm_facts()), {}};
  for (Check& check : judge_host(gather_host_facts())) diagnosis.checks.push_back(std::move(check));
  if (diagnosis.ready()) diagnosis.measurements = measure_costs();
  std::string report = config.json ? diagnosis_json(diagnosis) : diagnosis_text(diagnosis);
  std::fputs(report.c_str(), stdout);
  return diagnosis.ready() ? 0 : 1;
}

}  // namespace mayfly::cli
