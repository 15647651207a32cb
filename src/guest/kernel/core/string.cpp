// What the compiler and the code expect of <cstring>; the freestanding kernel has no libc.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* destination, const void* source, std::size_t size) {
  void* result = destination;
  asm volatile("rep movsb" : "+D"(destination), "+S"(source), "+c"(size) : : "memory");
  return result;
}

void* memset(void* destination, int value, std::size_t size) {
  void* result = destination;
  asm volatile("rep stosb" : "+D"(destination), "+c"(size) : "a"(value) : "memory");
  return result;
}

void* memmove(void* destination, const void* source, std::size_t size) {
  auto* to = static_cast<unsigned char*>(destination);
  auto* from = static_cast<const unsigned char*>(source);
  if (to <= from || to >= from + size) return memcpy(destination, source, size);
  to += size - 1;
  from += size - 1;
  asm volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(size) : : "memory", "cc");
  return destination;
}

int memcmp(const void* left, const void* right, std::size_t size) {
  auto* a = static_cast<const unsigned char*>(left);
  auto* b = static_cast<const unsigned char*>(right);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return a[i] - b[i];
  }
  return 0;
}

void* memchr(const void* bytes, int value, std::size_t size) {
  auto* p = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; ++i) {
    if (p[i] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(p + i);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

std::size_t strnlen(const char* text, std::size_t limit) {
  std::size_t length = 0;
  while (length < limit && text[length] != '\0') ++length;
  return length;
}

int strncmp(const char* left, const char* right, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i] || left[i] == '\0') {
      return static_cast<unsigned char>(left[i]) - static_cast<unsigned char>(right[i]);
    }
  }
  return 0;
}

int strcmp(const char* left, const char* right) {
  return strncmp(left, right, SIZE_MAX);
}

char* strchr(const char* text, int character) {
  for (;; ++text) {
    if (*text == static_cast<char>(character)) return const_cast<char*>(text);
    if (*text == '\0') return nullptr;
  }
}

char* strrchr(const char* text, int character) {
  char* found = nullptr;
  for (;; ++text) {
    if (*text == static_cast<char>(character)) found = const_cast<char*>(text);
    if (*text == '\0') return found;
  }
}

// Virtual destructors name it; objects are freed by destroy().
void __cxa_pure_virtual() {
  __builtin_trap();
}

}  // extern "C"

void operator delete(void*, std::size_t) noexcept {
  __builtin_trap();
}
void operator delete(void*) noexcept {
  __builtin_trap();
}
