#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "base/unique_fd.h"
#include "host/default_view.h"

namespace mayfly::host {
namespace {

constexpr std::size_t kMaxSegments = 128;
constexpr std::size_t kMaxDynamic = 4096;

/// Reads parts of a file whose offsets are not to be trusted.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    Elf64_Ehdr header{};
    if (!read(0, std::span(&header, 1)) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr)) return;
    segments_.resize(std::min<std::size_t>(header.e_phnum, kMaxSegments));
    if (!read(header.e_phoff, std::span(segments_))) segments_.clear();
  }

  [[nodiscard]] const Elf64_Phdr* segment(Elf64_Word type) const {
    auto found = std::ranges::find(segments_, type, &Elf64_Phdr::p_type);
    return found == segments_.end() ? nullptr : &*found;
  }

  /// File offset of a virtual address.
  [[nodiscard]] std::optional<Elf64_Off> offset_of(Elf64_Addr address) const {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (address - segment.p_vaddr);
      }
    }
    return std::nullopt;
  }

  template <typename T>
  [[nodiscard]] bool read(Elf64_Off offset, std::span<T> into) const {
    if (!fd_ || offset > INT64_MAX) return false;
    ssize_t size = ::pread(fd_.get(), into.data(), into.size_bytes(), static_cast<off_t>(offset));
    return size == static_cast<ssize_t>(into.size_bytes());
  }

  [[nodiscard]] std::string read_string(Elf64_Off offset) const {
    char text[PATH_MAX] = {};
    if (!fd_ || offset > INT64_MAX) return {};
    if (::pread(fd_.get(), text, sizeof(text) - 1, static_cast<off_t>(offset)) <= 0) return {};
    return text;
  }

  [[nodiscard]] std::vector<Elf64_Dyn> dynamic() const {
    const Elf64_Phdr* segment = this->segment(PT_DYNAMIC);
    if (segment == nullptr) return {};
    std::vector<Elf64_Dyn> entries(std::min<std::size_t>(segment->p_filesz / sizeof(Elf64_Dyn), kMaxDynamic));
    return read(segment->p_offset, std::span(entries)) ? entries : std::vector<Elf64_Dyn>{};
  }

 private:
  UniqueFd fd_;
  std::vector<Elf64_Phdr> segments_;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::vector<std::string> library_paths(const std::string& path) {
  std::vector<std::string> result;
  ElfFile elf(path);
  if (const Elf64_Phdr* interpreter = elf.segment(PT_INTERP)) result.push_back(elf.read_string(interpreter->p_offset));

  std::vector<Elf64_Dyn> dynamic = elf.dynamic();
  auto table = std::ranges::find(dynamic, DT_STRTAB, &Elf64_Dyn::d_tag);
  std::optional<Elf64_Off> strings;
  if (table != dynamic.end()) strings = elf.offset_of(table->d_un.d_ptr);
  for (const Elf64_Dyn& entry : dynamic) {
    if (!strings || (entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH)) continue;
    std::string list = elf.read_string(*strings + entry.d_un.d_val);
    std::string origin = path.substr(0, path.rfind('/'));
    replace_all(list, "${ORIGIN}", origin);
    replace_all(list, "$ORIGIN", origin);
    for (std::size_t begin = 0; begin <= list.size();) {
      std::size_t end = std::min(list.find(':', begin), list.size());
      result.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  // A relative path would be one of whatever folder we happen to be in; the root would be everything.
  std::erase_if(result, [](const std::string& each) { return !each.starts_with('/') || each == "/"; });
  return result;
}

}  // namespace mayfly::host
