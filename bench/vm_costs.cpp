// What the vm layer's steps cost: an exit, a reset beside the memcpy that it cannot do without, a new machine.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "abi/layout.h"
#include "base/error.h"
#include "vm/kick.h"
#include "vm/testing/tiny_machine.h"

namespace mayfly {
namespace {

using vm::testing::Operation;
using vm::testing::TinyMachine;

constexpr u64 kData = 0x10'0000;
constexpr u64 kDataPages = 2000;
constexpr int kWarmUpRounds = 30;
constexpr int kRounds = 500;

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

template <typename Work>
double timed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return microseconds_since(start);
}

struct Samples {
  std::vector<double> values;

  [[nodiscard]] double percentile(unsigned percent) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, values.size() * percent / 100)];
  }
  [[nodiscard]] double median() { return percentile(50); }
};

std::shared_ptr<const vm::Snapshot> snapshot(const vm::Kvm& kvm) {
  TinyMachine booted(kvm);
  if (booted.vm.address_map().map(vm::Gva(kData), kDataPages, abi::kProtRead | abi::kProtWrite) != 0) {
    throw Error("cannot map {} pages", kDataPages);
  }
  (void)booted.command(Operation::write_many, kData, kDataPages);
  return booted.freeze();
}

/// The least that putting pages back can cost: pages just written, overwritten from elsewhere.
class PlainCopy {
 public:
  explicit PlainCopy(u64 pages) : from_(pages * abi::kPageSize, std::byte(1)), to_(from_) {}
  void dirty() {
    for (std::size_t at = 0; at < to_.size(); at += abi::kPageSize) to_[at] = std::byte(2);
  }
  void copy() {
    for (std::size_t at = 0; at < to_.size(); at += abi::kPageSize) {
      std::memcpy(to_.data() + at, from_.data() + at, abi::kPageSize);
    }
  }
  [[nodiscard]] bool equal() const { return from_ == to_; }

 private:
  std::vector<std::byte> from_, to_;
};

void measure_exit(const vm::Kvm& kvm, const std::shared_ptr<const vm::Snapshot>& frozen) {
  TinyMachine machine(kvm, frozen);
  Samples samples;
  for (int round = 0; round < kWarmUpRounds + kRounds; ++round) {
    const double us = timed([&] { (void)machine.command(Operation::nothing); });
    if (round >= kWarmUpRounds) samples.values.push_back(us);
  }
  std::puts(
      fmt::format("entry and exit        p50 {:8.1f} us   p99 {:8.1f} us", samples.median(), samples.percentile(99))
          .c_str());
}

/// What a system call costs that does nothing: to the LSTAR stub and back, as the guest kernel's own stub does it.
double system_call_ns(const vm::Kvm& kvm, const std::shared_ptr<const vm::Snapshot>& frozen) {
  constexpr u64 kCalls = 2000;
  TinyMachine machine(kvm, frozen);
  Samples many, none;
  for (int round = 0; round < kWarmUpRounds; ++round) {
    many.values.push_back(timed([&] { (void)machine.command(Operation::make_syscalls, 0, kCalls); }));
    none.values.push_back(timed([&] { (void)machine.command(Operation::nothing); }));
  }
  return (many.median() - none.median()) * 1000 / kCalls;
}

/// The limit that a reset should keep to: 1.3 times the memcpy and 10 us.
void measure_reset(const vm::Kvm& kvm, const std::shared_ptr<const vm::Snapshot>& frozen, u64 pages) {
  TinyMachine machine(kvm, frozen);  // a new one: what it has ever dirtied is copied back at each reset
  PlainCopy plain(pages);
  Samples resets, copies;
  u64 copied = 0;
  for (int round = 0; round < kWarmUpRounds + kRounds; ++round) {
    (void)(pages == 0 ? machine.command(Operation::nothing) : machine.command(Operation::write_many, kData, pages));
    const double reset_us = timed([&] { copied = machine.vm.reset().pages_copied; });
    plain.dirty();
    const double copy_us = timed([&] { plain.copy(); });
    if (round < kWarmUpRounds) continue;
    resets.values.push_back(reset_us);
    copies.values.push_back(copy_us);
  }
  if (!plain.equal()) throw Error("the copy was left out");
  const double limit = 1.3 * copies.median() + 10;
  std::puts(fmt::format(
                "reset of {:4} pages   p50 {:8.1f} us   p99 {:8.1f} us   memcpy p50 {:8.1f} us   {:.0f}% of the limit",
                copied, resets.median(), resets.percentile(99), copies.median(), 100 * resets.median() / limit)
                .c_str());
}

void measure_creation(const vm::Kvm& kvm, const std::shared_ptr<const vm::Snapshot>& frozen) {
  Samples creations, first_runs;
  for (int round = 0; round < 50; ++round) {
    std::unique_ptr<TinyMachine> machine;
    creations.values.push_back(timed([&] { machine = std::make_unique<TinyMachine>(kvm, frozen); }));
    first_runs.values.push_back(timed([&] { (void)machine->command(Operation::nothing); }));
  }
  std::puts(fmt::format("creation of a machine p50 {:8.1f} us   p99 {:8.1f} us   its first run p50 {:8.1f} us",
                        creations.median(), creations.percentile(99), first_runs.median())
                .c_str());
}

void measure_all() {
  vm::prepare_thread_for_kicks();
  const vm::Kvm kvm;
  const auto frozen = snapshot(kvm);
  measure_exit(kvm, frozen);
  std::puts(fmt::format("system call, no work  p50 {:8.1f} ns", system_call_ns(kvm, frozen)).c_str());
  for (const u64 pages : {0, 10, 50, 100, 300, 600, 1000, 2000}) measure_reset(kvm, frozen, pages);
  measure_creation(kvm, frozen);
}

/// For syscall_costs.
void measure_system_call() {
  vm::prepare_thread_for_kicks();
  const vm::Kvm kvm;
  std::puts(fmt::format("{{\"system call\": {:.1f}}}", system_call_ns(kvm, snapshot(kvm))).c_str());
}

}  // namespace
}  // namespace mayfly

int main(int count, char** arguments) {
  try {
    if (count > 1 && std::string_view(arguments[1]) == "--system-call") {
      mayfly::measure_system_call();
    } else {
      mayfly::measure_all();
    }
  } catch (const mayfly::Error& error) {
    std::fprintf(stderr, "vm_costs: %s\n", error.what());
    return 1;
  }
}
