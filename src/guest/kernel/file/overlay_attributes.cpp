#include "guest/kernel/file/overlay_attributes.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kDevice = 0x4d;  // an unnamed device (major 0), as file systems in memory have
constexpr u64 kSectorsPerPage = 8;
constexpr u32 kSetUserId = 04000;
constexpr u32 kSetGroupId = 02000;
constexpr u32 kGroupExecutes = 010;

}  // namespace

OverlayAttributes::OverlayAttributes(Kernel& kernel, u32 file_mode)
    : device(kDevice),
      inode(kernel.vfs.next_inode_number()),
      mode(file_mode),
      user(kernel.process.user),
      group(kernel.process.group) {
  accessed_ns = modified_ns = changed_ns = static_cast<i64>(realtime_ns());
}

OverlayAttributes::OverlayAttributes(const abi::FileStat& original)
    : device(original.device),
      inode(original.inode),
      mode(original.mode),
      user(original.user),
      group(original.group),
      accessed_ns(original.accessed_ns),
      modified_ns(original.modified_ns),
      changed_ns(original.changed_ns) {}

void OverlayAttributes::stat(u64 size_bytes, u64 pages, abi::FileStat& result) const {
  result.device = device;
  result.inode = inode;
  result.size = size_bytes;
  result.blocks = pages * kSectorsPerPage;
  result.mode = mode;
  result.links = links;
  result.user = user;
  result.group = group;
  result.rdev = 0;
  result.accessed_ns = accessed_ns;
  result.modified_ns = modified_ns;
  result.changed_ns = changed_ns;
}

void OverlayAttributes::change(const AttributeChange& change, i64 now_ns) {
  if ((change.fields & (AttributeChange::kUser | AttributeChange::kGroup)) != 0 && !is_directory()) {
    // chown(2): rights that come with a file are not given to another owner. Set-group-ID without group execution
    // means something else.
    mode &= ~kSetUserId;
    if ((mode & kGroupExecutes) != 0) mode &= ~kSetGroupId;
  }
  if ((change.fields & AttributeChange::kMode) != 0) mode = (mode & kModeType) | (change.mode & ~u32{kModeType});
  if ((change.fields & AttributeChange::kUser) != 0) user = change.user;
  if ((change.fields & AttributeChange::kGroup) != 0) group = change.group;
  if ((change.fields & AttributeChange::kAccessed) != 0) accessed_ns = change.accessed_ns;
  if ((change.fields & AttributeChange::kModified) != 0) modified_ns = change.modified_ns;
  changed_ns = now_ns;
}

}  // namespace mayfly::kernel
