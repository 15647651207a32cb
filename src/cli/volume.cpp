#include "cli/volume.h"

#include <algorithm>
#include <system_error>

#include "cli/value.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

/// Without links, as far as the path exists.
fs::path real(const fs::path& path) {
  std::error_code error;
  fs::path result = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : result;
}

bool is_within(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

Volume parse_volume(std::string_view text) {
  std::size_t first = text.find(':');
  if (first == std::string_view::npos) throw BadValue("names no place in the guest");
  std::string_view guest = text.substr(first + 1);
  std::size_t second = guest.find(':');
  std::string_view mode = second == std::string_view::npos ? "ro" : guest.substr(second + 1);
  guest = guest.substr(0, second);
  if (first == 0) throw BadValue("names no place on the host");
  if (!guest.starts_with('/')) throw BadValue("names a place in the guest that is not absolute");
  if (mode != "ro" && mode != "rw") throw BadValue("has the mode '{}'", mode);
  return {text.substr(0, first), guest, mode == "rw"};
}

const Volume* volume_on_the_way(std::span<const Volume> volumes, const fs::path& path) {
  for (const Volume& volume : volumes) {
    if (!volume.writable) continue;
    const fs::path root = real(volume.host);
    // Each folder by itself: a link that leads out of the volume may already be there.
    for (fs::path folder = path.parent_path();; folder = folder.parent_path()) {
      if (is_within(real(folder), root)) return &volume;
      if (folder == folder.parent_path()) break;
    }
  }
  return nullptr;
}

}  // namespace mayfly::cli
