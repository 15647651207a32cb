#include "cli/doctor/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/doctor/probe.h"

namespace mayfly::cli {
namespace {

constexpr int kWarmUpRounds = 20;  // the first ones copy each page for the first time
constexpr int kRounds = 200;

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

Measurement summary(std::string name, std::vector<double> samples) {
  auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return {std::move(name), *std::min_element(samples.begin(), samples.end()), *middle, "us"};
}

struct Samples {
  std::vector<double> run, reset;
};

Samples sample(const vm::Kvm& kvm, u64 pages) {
  Probe probe(kvm);  // its own machine: what one has dirtied once is copied at each reset from then on
  Samples samples;
  for (int round = 0; round < kWarmUpRounds + kRounds; ++round) {
    auto start = Clock::now();
    probe.run(pages);
    double run = microseconds_since(start);
    start = Clock::now();
    probe.reset();
    double reset = microseconds_since(start);
    if (round < kWarmUpRounds) continue;
    samples.run.push_back(run);
    samples.reset.push_back(reset);
  }
  return samples;
}

}  // namespace

std::vector<Measurement> measure_costs() {
  vm::Kvm kvm;
  std::vector<Measurement> costs;
  for (u64 pages : {u64{0}, u64{100}, Probe::kPages}) {
    Samples samples = sample(kvm, pages);
    if (pages == 0) costs.push_back(summary("entry and exit", std::move(samples.run)));
    costs.push_back(summary(fmt::format("reset after {} pages", pages), std::move(samples.reset)));
  }
  return costs;
}

}  // namespace mayfly::cli
