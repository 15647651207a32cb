#include "trace/filter.h"

#include <algorithm>

#include "base/error.h"
#include "trace/syscall_name.h"

namespace mayfly::trace {
namespace {

using abi::TraceFamily;

struct FamilyName {
  std::string_view name;
  std::string_view in_strace;  ///< empty where strace has nothing of the kind
  TraceFamily family;
};
constexpr FamilyName kFamilies[] = {
    {"descriptors", "desc", TraceFamily::descriptors},
    {"files", "file", TraceFamily::files},
    {"memory", "", TraceFamily::memory},
    {"process", "", TraceFamily::process},
    {"signals", "signal", TraceFamily::signals},
    {"sockets", "network", TraceFamily::sockets},
    {"threads", "", TraceFamily::threads},
    {"time", "clock", TraceFamily::time},
};
static_assert(std::size(kFamilies) == static_cast<std::size_t>(TraceFamily::none));

}  // namespace

std::string family_list() {
  std::string text;
  for (const FamilyName& family : kFamilies) fmt::format_to(std::back_inserter(text), "{}, ", family.name);
  text.resize(text.size() - 2);
  return text;
}

Filter Filter::parse(std::string_view text) {
  Filter filter;
  filter.all_but_ = text.starts_with('!');
  if (filter.all_but_) text.remove_prefix(1);
  if (text == "all") {
    filter.all_but_ = !filter.all_but_;
    return filter;
  }
  for (;;) {
    std::size_t comma = std::min(text.find(','), text.size());
    filter.add(text.substr(0, comma));
    if (comma == text.size()) return filter;
    text.remove_prefix(comma + 1);
  }
}

/// "time" and "signal" are families, though there is a call time, too.
void Filter::add(std::string_view word) {
  std::string_view name = word.starts_with('%') ? word.substr(1) : word;
  const auto* family = std::find_if(std::begin(kFamilies), std::end(kFamilies), [&](const FamilyName& known) {
    return !name.empty() && (known.name == name || known.in_strace == name);
  });
  if (family != std::end(kFamilies)) {
    families_.set(static_cast<std::size_t>(family->family));
    return;
  }
  auto number = syscall_number(word);
  if (!number) throw Error("names '{}', which is neither a family nor a system call", word);
  calls_.set(*number);
}

bool Filter::shows(u64 number, TraceFamily family) const {
  auto index = static_cast<std::size_t>(family);
  bool named = (index < families_.size() && families_[index]) || (number < kMaxNumber && calls_[number]);
  return named != all_but_;
}

}  // namespace mayfly::trace
