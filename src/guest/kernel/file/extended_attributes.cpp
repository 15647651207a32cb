#include "guest/kernel/file/extended_attributes.h"

#include <linux/xattr.h>

#include <cstring>

namespace mayfly::kernel {

ExtendedAttributes::~ExtendedAttributes() {
  while (Attribute* attribute = attributes_.front()) release(*attribute);
}

void ExtendedAttributes::release(Attribute& attribute) {
  u64 bytes = attribute.bytes();
  used_bytes_ -= bytes;
  attribute.~Attribute();
  heap_.release(&attribute, bytes);
}

ExtendedAttributes::Attribute* ExtendedAttributes::find(Name name) {
  Attribute* each = attributes_.front();
  while (each != nullptr && !(Name{each->name(), each->name_size} == name)) each = attributes_.next(*each);
  return each;
}

long ExtendedAttributes::set(Name name, UserAddress value, u64 size_bytes, u64 flags) {
  Attribute* before = find(name);
  if (before != nullptr && (flags & XATTR_CREATE) != 0) return -EEXIST;
  if (before == nullptr && (flags & XATTR_REPLACE) != 0) return -ENODATA;
  if (size_bytes > kMaxValueBytes) return -E2BIG;
  u64 bytes = sizeof(Attribute) + name.size + 1 + size_bytes;
  if (used_bytes_ + bytes > kMaxBytes) return -ENOSPC;
  void* memory = heap_.allocate(bytes);
  if (memory == nullptr) return -ENOSPC;
  auto* made = new (memory) Attribute;
  made->name_size = name.size;
  made->value_size = static_cast<u32>(size_bytes);
  std::memcpy(made->name(), name.text, name.size);
  used_bytes_ += bytes;
  if (!copy_from_user(made->value(), value, size_bytes)) {
    release(*made);
    return -EFAULT;
  }
  if (before != nullptr) release(*before);
  attributes_.push_back(*made);
  return 0;
}

long ExtendedAttributes::get(Name name, UserAddress value, u64 size_bytes) {
  Attribute* attribute = find(name);
  if (attribute == nullptr) return -ENODATA;
  if (size_bytes == 0) return static_cast<long>(attribute->value_size);
  if (size_bytes < attribute->value_size) return -ERANGE;
  bool copied = copy_to_user(value, attribute->value(), attribute->value_size);
  return copied ? static_cast<long>(attribute->value_size) : -EFAULT;
}

long ExtendedAttributes::list(UserAddress names, u64 size_bytes) {
  u64 total = 0;
  for (Attribute* each = attributes_.front(); each != nullptr; each = attributes_.next(*each)) {
    u64 size = each->name_size + 1;
    if (size_bytes != 0 && total + size > size_bytes) return -ERANGE;
    if (size_bytes != 0 && !copy_to_user(names + total, each->name(), size)) return -EFAULT;
    total += size;
  }
  return static_cast<long>(total);
}

long ExtendedAttributes::remove(Name name) {
  Attribute* attribute = find(name);
  if (attribute == nullptr) return -ENODATA;
  release(*attribute);
  return 0;
}

}  // namespace mayfly::kernel
