#include "guest/kernel/net/unix_names.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kAutomaticDigits = 5;  // unix(7): autobind

/// The `number`th automatic name: NUL and five hexadecimal digits.
Address automatic_name(u32 number) {
  Address address;
  u16 family = kFamilyUnix;
  std::memcpy(address.bytes, &family, sizeof family);
  u8* name = address.bytes + sizeof family;
  *name++ = '\0';
  for (u32 digit = kAutomaticDigits; digit-- > 0;)
    *name++ = static_cast<u8>("0123456789abcdef"[number >> (4 * digit) & 0xf]);
  address.size = sizeof family + 1 + kAutomaticDigits;
  return address;
}

}  // namespace

UnixBinding* UnixNames::find_abstract(const UnixName& name, u16 type) {
  UnixBinding* binding = abstract_.front();
  while (binding != nullptr && !(*binding->name == name && binding->socket.type() == type)) {
    binding = abstract_.next(*binding);
  }
  return binding;
}

long UnixNames::bind_path(Process& process, UnixBinding& binding, const UnixName& name) {
  Lookup lookup;
  if (long error = kernel_.vfs.look_up(process, AT_FDCWD, name.path(), Vfs::Follow::no, lookup)) return error;
  if (lookup.missing() == 0 || !lookup.directory) return -EADDRINUSE;
  Ref<SocketInode> inode = kernel_.heap.make<SocketInode>(kernel_, binding.socket);
  if (!inode) return -ENOMEM;
  if (long error = lookup.directory->add(lookup.name(), Ref<Inode>(inode))) return error;
  binding.inode = inode;
  return 0;
}

long UnixNames::bind(Process& process, UnixBinding& binding, const Address& address) {
  if (address.family() != kFamilyUnix || binding.name) return -EINVAL;
  Ref<UnixName> name = kernel_.heap.make<UnixName>(kernel_);
  if (!name) return -ENOMEM;
  bool automatic = address.size == sizeof(u16);
  if (long error = name->decode(automatic ? automatic_name(next_automatic_++) : address)) return error;
  if (!name->abstract()) {
    if (long error = bind_path(process, binding, *name)) return error;
  } else if (find_abstract(*name, binding.socket.type()) != nullptr) {
    return -EADDRINUSE;
  } else {
    abstract_.push_back(binding);
  }
  binding.name = name;
  return 0;
}

long UnixNames::find_path(Process& process, const UnixName& name, Ref<Socket>& found) {
  Lookup lookup;
  if (long error = kernel_.vfs.look_up(process, AT_FDCWD, name.path(), Vfs::Follow::yes, lookup)) return error;
  if (long error = lookup.missing()) return error;
  SocketInode* inode = lookup.inode ? SocketInode::from(*lookup.inode) : nullptr;
  if (inode == nullptr || inode->socket() == nullptr) return -ECONNREFUSED;
  found = inode->socket();
  return 0;
}

long UnixNames::find(Process& process, const Address& address, u16 type, Ref<Socket>& found) {
  Ref<UnixName> name = kernel_.heap.make<UnixName>(kernel_);
  if (!name) return -ENOMEM;
  if (long error = name->decode(address)) return error;
  if (!name->abstract()) {
    if (long error = find_path(process, *name, found)) return error;
    return found->type() == type ? 0 : -EPROTOTYPE;
  }
  UnixBinding* binding = find_abstract(*name, type);
  if (binding == nullptr) return -ECONNREFUSED;
  found = &binding->socket;
  return 0;
}

}  // namespace mayfly::kernel
