#include "guest/kernel/net/address.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/interfaces.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kFamilyBytes = sizeof(u16);
constexpr u8 kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct InetForm {  // struct sockaddr_in
  u16 family;
  u8 port[2];
  u8 address[4];
  u8 zero[8];
};
struct Inet6Form {  // struct sockaddr_in6
  u16 family;
  u8 port[2];
  u32 flow;
  u8 address[16];
  u32 scope;
};
static_assert(sizeof(InetForm) == 16 && sizeof(Inet6Form) == 28);
constexpr u32 kSmallestInet6 = 24;  // SIN6_LEN_RFC2133: without the scope

u16 from_network(const u8 (&port)[2]) {
  return static_cast<u16>(port[0] << 8 | port[1]);
}
void to_network(u16 port, u8 (&bytes)[2]) {
  bytes[0] = static_cast<u8>(port >> 8);
  bytes[1] = static_cast<u8>(port);
}

}  // namespace

u16 Address::family() const {
  u16 family = kFamilyNone;
  if (size >= kFamilyBytes) std::memcpy(&family, bytes, sizeof family);
  return family;
}

long Address::read(UserAddress source, u32 size_bytes) {
  if (size_bytes > kMaxBytes) return -EINVAL;
  size = size_bytes;
  return copy_from_user(bytes, source, size_bytes) ? 0 : -EFAULT;
}

long Address::write(UserAddress destination, UserAddress size_address) const {
  i32 room = 0;
  if (!read_user(size_address, room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  u32 copied = static_cast<u32>(room) < size ? static_cast<u32>(room) : size;
  if (!copy_to_user(destination, bytes, copied)) return -EFAULT;
  return write_user(size_address, size) ? 0 : -EFAULT;
}

InetAddress InetAddress::any(u16 family, u16 port) {
  InetAddress address;
  if (family == kFamilyInet) std::memcpy(address.bytes, kMappedPrefix, sizeof kMappedPrefix);
  address.port = port;
  return address;
}

InetAddress InetAddress::loopback(bool v4, u16 port) {
  InetAddress address = any(v4 ? kFamilyInet : kFamilyInet6, port);
  if (v4) address.bytes[12] = 127;
  address.bytes[15] = 1;
  return address;
}

bool InetAddress::is_v4() const {
  return std::memcmp(bytes, kMappedPrefix, sizeof kMappedPrefix) == 0;
}

bool InetAddress::is_any() const {
  return same_host(any(is_v4() ? kFamilyInet : kFamilyInet6, 0));
}

bool InetAddress::is_loopback() const {
  return is_v4() ? bytes[12] == 127 : same_host(loopback(false, 0));
}

bool InetAddress::is_local() const {
  if (is_loopback()) return true;
  const u8* own = is_v4() ? bytes + sizeof kMappedPrefix : bytes;
  for (const InterfaceAddress& address : kInterfaceAddresses) {
    if ((address.family == kFamilyInet) == is_v4() && std::memcmp(own, address.bytes, address.size()) == 0) return true;
  }
  return false;
}

bool InetAddress::same_host(const InetAddress& other) const {
  return std::memcmp(bytes, other.bytes, sizeof bytes) == 0;
}

bool InetAddress::is_multicast() const {
  return is_v4() ? (bytes[12] & 0xf0) == 0xe0 : bytes[0] == 0xff;
}

bool InetAddress::is_broadcast() const {
  constexpr u8 kAllOnes[4] = {0xff, 0xff, 0xff, 0xff};
  return is_v4() && std::memcmp(bytes + sizeof kMappedPrefix, kAllOnes, sizeof kAllOnes) == 0;
}

long InetAddress::decode(const Address& address, u16 family) {
  bool wide = family == kFamilyInet6;
  if (address.size < (wide ? kSmallestInet6 : sizeof(InetForm))) return -EINVAL;
  if (address.family() != family) return -EAFNOSUPPORT;
  if (wide) {
    Inet6Form form{};
    std::memcpy(&form, address.bytes, address.size < sizeof form ? address.size : sizeof form);
    std::memcpy(bytes, form.address, sizeof bytes);
    port = from_network(form.port);
    return 0;
  }
  InetForm form{};
  std::memcpy(&form, address.bytes, sizeof form);
  *this = any(kFamilyInet, from_network(form.port));
  std::memcpy(bytes + sizeof kMappedPrefix, form.address, sizeof form.address);
  return 0;
}

long InetAddress::decode_for_bind(const Address& address, u16 family) {
  long error = decode(address, family);
  if (error != -EAFNOSUPPORT || family != kFamilyInet || address.family() != kFamilyNone) return error;
  Address inet = address;
  std::memcpy(inet.bytes, &family, sizeof family);
  if (long other = decode(inet, family); other != 0) return other;
  return is_any() ? 0 : -EAFNOSUPPORT;
}

long InetAddress::decode_either(const Address& address, u16 family) {
  return decode(address, address.family() == kFamilyInet ? u16{kFamilyInet} : family);
}

void InetAddress::encode(Address& address, u16 family) const {
  if (family == kFamilyInet) {
    InetForm form{};
    form.family = family;
    to_network(port, form.port);
    std::memcpy(form.address, bytes + sizeof kMappedPrefix, sizeof form.address);
    address.size = sizeof form;
    std::memcpy(address.bytes, &form, sizeof form);
    return;
  }
  Inet6Form form{};
  form.family = kFamilyInet6;
  to_network(port, form.port);
  std::memcpy(form.address, bytes, sizeof bytes);
  address.size = sizeof form;
  std::memcpy(address.bytes, &form, sizeof form);
}

void UnixName::destroy() {
  kernel_.heap.destroy(this);
}

long UnixName::decode(const Address& address) {
  if (address.family() != kFamilyUnix || address.size <= kFamilyBytes) return -EINVAL;
  const char* name = reinterpret_cast<const char*>(address.bytes) + kFamilyBytes;
  size_ = address.size - kFamilyBytes;
  if (size_ > kMaxBytes) return -EINVAL;
  if (name[0] != '\0') size_ = static_cast<u32>(strnlen(name, size_));
  std::memcpy(bytes_, name, size_);
  return 0;
}

void UnixName::encode(const UnixName* name, Address& address) {
  u16 family = kFamilyUnix;
  std::memcpy(address.bytes, &family, sizeof family);
  address.size = kFamilyBytes;
  if (name == nullptr) return;
  u32 size = name->size_ + (name->abstract() ? 0 : 1);
  std::memcpy(address.bytes + kFamilyBytes, name->bytes_, size);
  address.size += size;
}

bool UnixName::operator==(const UnixName& other) const {
  return size_ == other.size_ && std::memcmp(bytes_, other.bytes_, size_) == 0;
}

}  // namespace mayfly::kernel
