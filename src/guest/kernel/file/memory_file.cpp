#include "guest/kernel/file/memory_file.h"

#include <linux/memfd.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/scratch.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB;
constexpr u64 kMemoryFileNameBytes = 249;
constexpr u32 kMode = 0777;
constexpr u64 kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

/// The inode of a file in guest memory, or null.
OverlayInode* inode_of(File& file) {
  InodeFile* named = InodeFile::from(&file);
  if (named == nullptr || named->inode().kind() != &OverlayInode::kKind) return nullptr;
  return static_cast<OverlayInode*>(&named->inode());
}

}  // namespace

long make_memory_file(Kernel& kernel, const char* shown_path, u64 size_bytes, Ref<File>& file) {
  auto* inode = kernel.heap.make<OverlayInode>(kernel, OverlayAttributes(kernel, kModeRegular | kMode));
  Ref<Inode> keep(inode);
  if (inode == nullptr || inode->truncate(size_bytes) != 0) return -ENOMEM;
  auto* made = kernel.heap.make<OverlayFile>(kernel, *inode, u32{O_RDWR});
  file = Ref<File>(made);
  return made != nullptr && made->set_path(shown_path) ? 0 : -ENOMEM;
}

long add_seals(File& file, u64 seals) {
  OverlayInode* inode = inode_of(file);
  if (inode == nullptr || inode->seals == OverlayInode::kNeverSealed) return -EINVAL;
  if (!file.writable()) return -EPERM;
  if ((seals & ~kAllSeals) != 0) return -EINVAL;
  if ((inode->seals & F_SEAL_SEAL) != 0) return -EPERM;
  bool stops_writing = (seals & F_SEAL_WRITE) != 0 && (inode->seals & F_SEAL_WRITE) == 0;
  if (stops_writing && inode->is_shown_writable()) return -EBUSY;
  inode->seals |= static_cast<u32>(seals);
  return 0;
}

long get_seals(File& file) {
  OverlayInode* inode = inode_of(file);
  if (inode == nullptr || inode->seals == OverlayInode::kNeverSealed) return -EINVAL;
  return inode->seals;
}

bool sealed_against_writing(File& file) {
  OverlayInode* inode = inode_of(file);
  return inode != nullptr && inode->has_seal(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
}

MAYFLY_SYSCALL(memfd_create) {
  auto flags = static_cast<u32>(args[1]);
  if ((flags & ~kFlags) != 0) return -EINVAL;
  if ((flags & MFD_HUGETLB) != 0) {
    report_call(thread, abi::ReportKind::unsupported, "memfd_create with MFD_HUGETLB");
    return -ENOSYS;
  }
  Scratch name(thread.kernel.heap);
  if (!name) return -ENOMEM;
  long length = copy_string_from_user(name.text(), args[0], kMemoryFileNameBytes + 1);
  if (length < 0) return length == -ENAMETOOLONG ? -EINVAL : length;
  Text<kMemoryFileNameBytes + 32> path;
  path.append("/memfd:").append(name.text());
  Ref<File> file;
  if (long error = make_memory_file(thread.kernel, path.c_str(), 0, file); error != 0) return error;
  inode_of(*file)->seals = (flags & MFD_ALLOW_SEALING) != 0 ? 0 : F_SEAL_SEAL;
  return thread.process.files.add(std::move(file), (flags & MFD_CLOEXEC) != 0);
}

}  // namespace mayfly::kernel
