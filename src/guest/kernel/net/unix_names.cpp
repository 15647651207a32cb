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

UnixBinding* UnixNames::find(const UnixName& name) {
  UnixBinding* binding = bindings_.front();
  while (binding != nullptr && !(*binding->name == name)) binding = bindings_.next(*binding);
  return binding;
}

long UnixNames::bind(UnixBinding& binding, const Address& address) {
  if (address.family() != kFamilyUnix || binding.name) return -EINVAL;
  Ref<UnixName> name = kernel_.heap.make<UnixName>(kernel_);
  if (!name) return -ENOMEM;
  bool automatic = address.size == sizeof(u16);
  if (long error = name->decode(automatic ? automatic_name(next_automatic_++) : address, kernel_.process)) return error;
  if (find(*name) != nullptr) return -EADDRINUSE;
  binding.name = name;
  bindings_.push_back(binding);
  return 0;
}

long UnixNames::find(const Address& address, Ref<Socket>& found) {
  Ref<UnixName> name = kernel_.heap.make<UnixName>(kernel_);
  if (!name) return -ENOMEM;
  if (long error = name->decode(address, kernel_.process)) return error;
  UnixBinding* binding = find(*name);
  if (binding == nullptr) return name->abstract() ? -ECONNREFUSED : -ENOENT;
  found = &binding->socket;
  return 0;
}

}  // namespace mayfly::kernel
