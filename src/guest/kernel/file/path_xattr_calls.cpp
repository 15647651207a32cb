// setxattr(2) and its relatives. What the host has of extended attributes is not shown.
#include <linux/limits.h>
#include <linux/xattr.h>

#include "guest/kernel/file/extended_attributes.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

/// A name that the program passed.
class AttributeName {
 public:
  explicit AttributeName(UserAddress address) {
    long length = copy_string_from_user(text_, address, sizeof text_);
    error_ = length == -ENAMETOOLONG || length == 0 ? -ERANGE : length < 0 ? length : 0;
    if (error_ == 0) name_ = {text_, static_cast<u32>(length)};
  }
  [[nodiscard]] long error() const { return error_; }
  [[nodiscard]] Name get() const { return name_; }
  [[nodiscard]] bool in(const char* name_space, u32 size) const {
    return name_.size >= size && Name{text_, size}.is(name_space);
  }
  /// 0, -EOPNOTSUPP for a name space that is not kept, -EINVAL for one without a name in it.
  [[nodiscard]] long check_space() const {
    constexpr u32 kUser = XATTR_USER_PREFIX_LEN;
    constexpr u32 kTrusted = XATTR_TRUSTED_PREFIX_LEN;
    constexpr u32 kSecurity = XATTR_SECURITY_PREFIX_LEN;
    u32 prefix = is_user()                              ? kUser
                 : in(XATTR_TRUSTED_PREFIX, kTrusted)   ? kTrusted
                 : in(XATTR_SECURITY_PREFIX, kSecurity) ? kSecurity
                                                        : 0;
    if (prefix == 0) return -EOPNOTSUPP;
    return name_.size == prefix ? -EINVAL : 0;
  }
  [[nodiscard]] bool is_user() const { return in(XATTR_USER_PREFIX, XATTR_USER_PREFIX_LEN); }

 private:
  char text_[XATTR_NAME_MAX + 1];
  Name name_;
  long error_;
};

/// Which file a call is about: path and whether a link is followed, or a descriptor.
long find(Thread& thread, const SyscallArgs& args, bool follow, Lookup& lookup) {
  return look_up_at(thread, AT_FDCWD, args[0], 0, follow, lookup);
}

long find_descriptor(Thread& thread, const SyscallArgs& args, Lookup& lookup) {
  lookup.file = thread.process.files.get(args.fd());
  if (!lookup.file || (lookup.file->flags() & O_PATH) != 0) return -EBADF;
  if (InodeFile* named = InodeFile::from(lookup.file.get())) lookup.inode = Ref<Inode>(&named->inode());
  return 0;
}

/// User attributes are for regular files and directories: on others, permission bits do not say who may set them.
bool may_have(const Lookup& lookup, const AttributeName& name) {
  if (!name.is_user()) return true;
  return lookup.inode->type == Inode::Type::regular || lookup.inode->type == Inode::Type::directory;
}

/// The attributes of a file that is about to be changed.
long to_change(const Lookup& lookup, const AttributeName& name, Ref<Inode>& inode) {
  if (!lookup.inode) return -EOPNOTSUPP;
  if (!may_have(lookup, name)) return -EPERM;
  if (long error = name.check_space(); error != 0) return error;
  if (long error = lookup.inode->make_writable(true, inode); error != 0) return error;
  return inode->extended() == nullptr ? -EOPNOTSUPP : 0;
}

long set(const Lookup& lookup, const SyscallArgs& args) {
  if ((args[4] & ~u64{XATTR_CREATE | XATTR_REPLACE}) != 0) return -EINVAL;
  AttributeName name(args[1]);
  if (name.error() != 0) return name.error();
  if (args[3] > ExtendedAttributes::kMaxValueBytes) return -E2BIG;
  Ref<Inode> inode;
  if (long error = to_change(lookup, name, inode); error != 0) return error;
  return inode->extended()->set(name.get(), args[2], args[3], args[4]);
}

long get(const Lookup& lookup, const SyscallArgs& args) {
  AttributeName name(args[1]);
  if (name.error() != 0) return name.error();
  if (!lookup.inode) return -EOPNOTSUPP;
  if (!may_have(lookup, name)) return -ENODATA;
  if (long error = name.check_space(); error != 0) return error;
  ExtendedAttributes* attributes = lookup.inode->extended();
  return attributes == nullptr ? -ENODATA : attributes->get(name.get(), args[2], args[3]);
}

long list(const Lookup& lookup, const SyscallArgs& args) {
  ExtendedAttributes* attributes = lookup.inode ? lookup.inode->extended() : nullptr;
  return attributes == nullptr ? 0 : attributes->list(args[1], args[2]);
}

long remove(const Lookup& lookup, const SyscallArgs& args) {
  AttributeName name(args[1]);
  if (name.error() != 0) return name.error();
  Ref<Inode> inode;
  if (long error = to_change(lookup, name, inode); error != 0) return error;
  return inode->extended()->remove(name.get());
}

using Operation = long (*)(const Lookup& lookup, const SyscallArgs& args);

long on_path(Thread& thread, const SyscallArgs& args, bool follow, Operation operation) {
  Lookup lookup;
  long error = find(thread, args, follow, lookup);
  return error != 0 ? error : operation(lookup, args);
}

long on_descriptor(Thread& thread, const SyscallArgs& args, Operation operation) {
  Lookup lookup;
  long error = find_descriptor(thread, args, lookup);
  return error != 0 ? error : operation(lookup, args);
}

}  // namespace

MAYFLY_SYSCALL(setxattr) {
  return on_path(thread, args, true, set);
}
MAYFLY_SYSCALL(lsetxattr) {
  return on_path(thread, args, false, set);
}
MAYFLY_SYSCALL(fsetxattr) {
  return on_descriptor(thread, args, set);
}
MAYFLY_SYSCALL(getxattr) {
  return on_path(thread, args, true, get);
}
MAYFLY_SYSCALL(lgetxattr) {
  return on_path(thread, args, false, get);
}
MAYFLY_SYSCALL(fgetxattr) {
  return on_descriptor(thread, args, get);
}
MAYFLY_SYSCALL(listxattr) {
  return on_path(thread, args, true, list);
}
MAYFLY_SYSCALL(llistxattr) {
  return on_path(thread, args, false, list);
}
MAYFLY_SYSCALL(flistxattr) {
  return on_descriptor(thread, args, list);
}
MAYFLY_SYSCALL(removexattr) {
  return on_path(thread, args, true, remove);
}
MAYFLY_SYSCALL(lremovexattr) {
  return on_path(thread, args, false, remove);
}
MAYFLY_SYSCALL(fremovexattr) {
  return on_descriptor(thread, args, remove);
}

}  // namespace mayfly::kernel
