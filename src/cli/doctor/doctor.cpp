#include <cstdio>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/doctor/host_checks.h"
#include "cli/doctor/kvm_checks.h"
#include "cli/doctor/measure.h"
#include "cli/doctor/report.h"

namespace mayfly::cli {
namespace {

/// Runs a machine: what all checks promise may still not work.
void try_machine(Diagnosis& diagnosis) {
  try {
    diagnosis.measurements = measure_costs();
    diagnosis.checks.push_back({"run and reset", Verdict::good, "works", ""});
  } catch (const Error& error) {
    diagnosis.checks.push_back(
        {"run and reset", Verdict::missing, error.what(), "See what the kernel says (dmesg | tail) and report it"});
  }
}

}  // namespace

int doctor(const Config& config) {
  Diagnosis diagnosis{judge_kvm(gather_kvm_facts()), {}};
  for (Check& check : judge_host(gather_host_facts())) diagnosis.checks.push_back(std::move(check));
  if (diagnosis.ready()) try_machine(diagnosis);
  std::string report = config.json ? diagnosis_json(diagnosis) : diagnosis_text(diagnosis);
  std::fputs(report.c_str(), stdout);
  return diagnosis.ready() ? 0 : 1;
}

}  // namespace mayfly::cli
