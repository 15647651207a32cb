#include "cli/stats_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mayfly::cli {
namespace {

using Json = nlohmann::ordered_json;

double microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Json to_json(const Cost& cost) {
  return {{"exits", cost.exits},
          {"faults", cost.faults},
          {"pages_copied", cost.pages_copied},
          {"host_syscalls", cost.host_syscalls},
          {"guest_ns", cost.guest_time.count()},
          {"reset_ns", cost.reset_time.count()}};
}

void raise(Cost& most, const Cost& cost) {
  most.exits = std::max(most.exits, cost.exits);
  most.faults = std::max(most.faults, cost.faults);
  most.pages_copied = std::max(most.pages_copied, cost.pages_copied);
  most.host_syscalls = std::max(most.host_syscalls, cost.host_syscalls);
  most.guest_time = std::max(most.guest_time, cost.guest_time);
  most.reset_time = std::max(most.reset_time, cost.reset_time);
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  exits += other.exits;
  faults += other.faults;
  pages_copied += other.pages_copied;
  host_syscalls += other.host_syscalls;
  guest_time += other.guest_time;
  reset_time += other.reset_time;
  return *this;
}

void TotalCost::add(const Cost& cost) {
  ++requests;
  sum += cost;
  raise(most, cost);
}

TotalCost& TotalCost::operator+=(const TotalCost& other) {
  requests += other.requests;
  sum += other.sum;
  raise(most, other.most);
  return *this;
}

std::string stats_text(const RequestCost& request) {
  const Cost& cost = request.cost;
  return fmt::format(
      "request {}: status {}, exits {}, faults {}, pages copied {}, host system calls {}, guest {:.1f} us, "
      "reset {:.1f} us",
      request.request, request.status, cost.exits, cost.faults, cost.pages_copied, cost.host_syscalls,
      microseconds(cost.guest_time), microseconds(cost.reset_time));
}

std::string stats_text(const TotalCost& total) {
  auto figure = [&](std::uint64_t sum, std::uint64_t most) {
    double mean = total.requests == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(total.requests);
    return fmt::format("{} ({:.1f} each, at most {})", sum, mean, most);
  };
  auto time = [&](std::chrono::nanoseconds sum, std::chrono::nanoseconds most) {
    double mean = total.requests == 0 ? 0 : microseconds(sum) / static_cast<double>(total.requests);
    return fmt::format("{:.1f} ms ({:.1f} us each, at most {:.1f})", microseconds(sum) / 1000, mean,
                       microseconds(most));
  };
  const Cost& sum = total.sum;
  const Cost& most = total.most;
  return fmt::format(
      "total: requests {}, exits {}, faults {}, pages copied {}, host system calls {}, guest {}, reset {}",
      total.requests, figure(sum.exits, most.exits), figure(sum.faults, most.faults),
      figure(sum.pages_copied, most.pages_copied), figure(sum.host_syscalls, most.host_syscalls),
      time(sum.guest_time, most.guest_time), time(sum.reset_time, most.reset_time));
}

std::string stats_json(const RequestCost& request) {
  Json json = {{"kind", "request"}, {"request", request.request}, {"status", request.status}};
  json.update(to_json(request.cost));
  return json.dump();
}

std::string stats_json(const TotalCost& total) {
  Json json = {{"kind", "total"}, {"requests", total.requests}};
  json.update(to_json(total.sum));
  json["most"] = to_json(total.most);
  return json.dump();
}

}  // namespace mayfly::cli
