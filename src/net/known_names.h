// Which names lead to an address: what the resolver gave lately, and what the host's /etc/hosts says.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"

namespace mayfly::net {

using Clock = std::chrono::steady_clock;

/// What the resolver gave. Bounded: beyond kMaxEntries the oldest are forgotten. Not thread-safe.
class LearnedNames {
 public:
  static constexpr std::size_t kMaxEntries = 4096;
  static constexpr std::chrono::hours kLifetime{1};

  struct Known {
    std::string_view name;  ///< valid until the next add()
    bool fresh = false;     ///< given within kLifetime
  };

  void add(std::string_view name, std::span<const IpBytes> addresses, Clock::time_point now);
  [[nodiscard]] std::vector<Known> names_of(const IpBytes& ip, Clock::time_point now) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  void make_room(Clock::time_point now);
  std::map<std::pair<IpBytes, std::string>, Clock::time_point> entries_;
};

/// The file in the form of hosts(5). A program in a machine reads it by itself, so that the host's resolver never hears
/// of its names. Not thread-safe.
class HostsFile {
 public:
  explicit HostsFile(std::string path) : path_(std::move(path)) {}

  /// Reads the file again if it has changed. A file that cannot be read has no names.
  [[nodiscard]] std::span<const std::string> names_of(const IpBytes& ip);

 private:
  struct Version {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    long modified_s = 0, modified_ns = 0;
    bool operator==(const Version&) const = default;
  };
  void read();
  void parse_line(std::string_view line);

  std::string path_;
  Version version_;
  std::map<IpBytes, std::vector<std::string>> names_;
};

}  // namespace mayfly::net
