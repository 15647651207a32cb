#include "net/known_names.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "net/host_name.h"

namespace mayfly::net {
namespace {

constexpr off_t kMaxHostsBytes = 8 << 20;

/// Takes the first word off a line.
std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

void LearnedNames::add(std::string_view name, std::span<const IpBytes> addresses, Clock::time_point now) {
  for (const IpBytes& ip : addresses) {
    std::pair key(destination_of(ip), std::string(name));
    if (entries_.size() >= kMaxEntries && !entries_.contains(key)) make_room(now);
    entries_[std::move(key)] = now;
  }
}

void LearnedNames::make_room(Clock::time_point now) {
  std::erase_if(entries_, [&](const auto& entry) { return now - entry.second > kLifetime; });
  if (entries_.size() < kMaxEntries) return;
  entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second; }));
}

std::vector<LearnedNames::Known> LearnedNames::names_of(const IpBytes& ip, Clock::time_point now) const {
  std::vector<Known> result;
  for (auto entry = entries_.lower_bound({ip, {}}); entry != entries_.end() && entry->first.first == ip; ++entry) {
    result.push_back({entry->first.second, now - entry->second <= kLifetime});
  }
  return result;
}

std::span<const std::string> HostsFile::names_of(const IpBytes& ip) {
  struct stat status {};
  Version version;
  if (::stat(path_.c_str(), &status) == 0) {
    version = {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  }
  if (version != version_) {
    names_.clear();
    if (version.size >= 0 && version.size <= kMaxHostsBytes) read();
    version_ = version;
  }
  auto found = names_.find(ip);
  if (found == names_.end()) return {};
  return found->second;
}

void HostsFile::read() {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) parse_line(line);
}

void HostsFile::parse_line(std::string_view line) {
  std::string_view rest = line.substr(0, line.find('#'));
  std::string_view address = next_word(rest);
  std::optional<IpBytes> ip = parse_ip(address.substr(0, address.find('%')));
  if (!ip) return;
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (std::optional<std::string> name = normal_host_name(word)) names_[destination_of(*ip)].push_back(*name);
  }
}

}  // namespace mayfly::net
