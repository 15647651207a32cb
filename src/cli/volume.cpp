#include "cli/volume.h"

#include "cli/value.h"

namespace mayfly::cli {

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

}  // namespace mayfly::cli
