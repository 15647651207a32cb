#include "trace/syscall_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mayfly::trace {
namespace {

constexpr u64 kMaxNumber = 512;

struct Numbered {
  u64 number;
  std::string_view name;
};

constexpr Numbered kKnown[] = {
#include "syscall_names.inc"  // generated from <asm/unistd_64.h>
};

// Linux 6.5 to 6.17: more than the headers of an older distribution know.
constexpr Numbered kNewer[] = {
    {451, "cachestat"},         {452, "fchmodat2"},         {453, "map_shadow_stack"}, {454, "futex_wake"},
    {455, "futex_wait"},        {456, "futex_requeue"},     {457, "statmount"},        {458, "listmount"},
    {459, "lsm_get_self_attr"}, {460, "lsm_set_self_attr"}, {461, "lsm_list_modules"}, {462, "mseal"},
    {463, "setxattrat"},        {464, "getxattrat"},        {465, "listxattrat"},      {466, "removexattrat"},
    {467, "open_tree_attr"},    {468, "file_getattr"},      {469, "file_setattr"},
};

constexpr std::array<std::string_view, kMaxNumber> names_by_number() {
  std::array<std::string_view, kMaxNumber> names{};
  for (const Numbered& call : kNewer) names[call.number] = call.name;
  for (const Numbered& call : kKnown) {
    if (call.number < kMaxNumber) names[call.number] = call.name;
  }
  return names;
}

constexpr std::array<std::string_view, kMaxNumber> kNames = names_by_number();

}  // namespace

std::string_view syscall_name(u64 number) {
  return number < kMaxNumber ? kNames[number] : std::string_view();
}

std::string syscall_label(u64 number) {
  std::string_view name = syscall_name(number);
  return name.empty() ? fmt::format("syscall_{:#x}", number) : std::string(name);
}

std::string describe_syscall(u64 number) {
  std::string_view name = syscall_name(number);
  return name.empty() ? fmt::format("system call {}", number) : fmt::format("{} (system call {})", name, number);
}

std::optional<u64> syscall_number(std::string_view name) {
  const auto* found = name.empty() ? kNames.end() : std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<u64>(found - kNames.begin());
}

}  // namespace mayfly::trace
