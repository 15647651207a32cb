#include "machine/call_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "host/open_file.h"
#include "machine/symbols.h"

namespace mayfly::machine {
namespace {

constexpr std::size_t kMaxCallers = 4;         // that are named
constexpr std::size_t kMaxFiles = 4;           // whose symbols are read
constexpr u64 kMaxNamelessFunction = 1 << 20;  // bytes of one that has no symbol

/// A file that the program has mapped.
class CodeFile {
 public:
  CodeFile(const std::string& path, const host::FileView& view)
      : file_(open(path, view)), symbols_([this](auto destination, u64 offset) { return read(destination, offset); }) {}

  [[nodiscard]] const Symbols& symbols() const { return symbols_; }

  /// True for an entry of a procedure linkage table: a jump through memory, perhaps behind an endbr64.
  [[nodiscard]] bool is_stub(u64 offset) const {
    constexpr std::array<std::byte, 4> kEndbr64 = {std::byte{0xf3}, std::byte{0x0f}, std::byte{0x1e}, std::byte{0xfa}};
    constexpr std::byte kBnd{0xf2};
    std::array<std::byte, 8> code{};
    if (read(code, offset) != static_cast<long>(code.size())) return false;
    std::size_t at = std::equal(kEndbr64.begin(), kEndbr64.end(), code.begin()) ? kEndbr64.size() : 0;
    if (code[at] == kBnd) ++at;
    return code[at] == std::byte{0xff} && code[at + 1] == std::byte{0x25};
  }

 private:
  static std::shared_ptr<const host::OpenFile> open(const std::string& path, const host::FileView& view) {
    if (!host::FileView::is_normal(path)) return nullptr;
    const host::FileView::Found found = view.find(path);
    return found.kind == host::FileView::Kind::host ? host::OpenFile::open(found, path).first : nullptr;
  }
  [[nodiscard]] long read(std::span<std::byte> destination, u64 offset) const {
    return file_ ? file_->read(destination, offset) : 0;
  }

  std::shared_ptr<const host::OpenFile> file_;
  Symbols symbols_;
};

struct Frame {
  const CodePlace& place;
  const CodeFile& file;
  std::optional<Symbols::Function> function;
  u64 address = 0;  ///< of the call, as the file has it; 0 if it is in no segment
};

Frame frame_of(const CodePlace& place, const CodeFile& file) {
  // The byte before a return address is the call's, even where the function ends with it.
  auto address = file.symbols().address_of(place.offset - 1);
  if (!address) return {place, file, std::nullopt, 0};
  return {place, file, file.symbols().function_at(*address), *address};
}

/// Whether a return address fits to what ran next: what it called must hold that.
bool called(const Frame& caller, const Frame& callee) {
  if (caller.place.called == 0) return true;  // through memory or a register: it may have been anything
  if (&caller.file != &callee.file) return caller.file.is_stub(caller.place.called);
  auto target = caller.file.symbols().address_of(caller.place.called);
  if (!target || *target > callee.address) return false;
  return callee.function ? *target == callee.function->begin : callee.address - *target < kMaxNamelessFunction;
}

std::string text_of(const Frame& frame) {
  if (!frame.function) return fmt::format("{}+{:#x}", frame.place.file, frame.place.offset);
  return fmt::format("{}+{:#x} ({})", frame.function->name, frame.address + 1 - frame.function->begin,
                     frame.place.file);
}

}  // namespace

std::string describe_call_site(std::span<const CodePlace> places, const host::FileView& view) {
  std::map<std::string, CodeFile> files;
  std::string text;
  std::optional<Frame> last;
  std::size_t callers = 0;
  for (const CodePlace& place : places) {
    if (files.size() == kMaxFiles && !files.contains(place.file)) break;
    const Frame frame = frame_of(place, files.try_emplace(place.file, place.file, view).first->second);
    if (last && !called(frame, *last)) continue;
    if (last && callers++ == kMaxCallers) break;
    text += (last ? ", from " : "") + text_of(frame);
    last.emplace(frame);
  }
  return text;
}

}  // namespace mayfly::machine
