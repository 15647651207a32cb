// A guest for tests of the file service.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "abi/shared.h"
#include "host/file_service.h"

namespace mayfly::host {

/// Speaks to a FileService as a guest does: through a buffer and numbers.
class Guest {
 public:
  explicit Guest(FileService& service) : service_(service) {}

  long call(abi::Call call, u64 a0 = 0, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    u64 arguments[6] = {a0, a1, a2, a3};
    return service_.call(call, arguments, io_).value_or(-ENOSYS);
  }
  long open(const std::string& path, u64 flags = O_RDONLY, u64 mode = 0644) {
    put(path);
    return call(abi::Call::file_open, flags, mode);
  }
  long close(long handle) { return call(abi::Call::file_close, static_cast<u64>(handle)); }
  long path_stat(const std::string& path) {
    put(path);
    return call(abi::Call::path_stat);
  }
  std::string read(long handle, u64 size = 100, u64 offset = 0) {
    long result = call(abi::Call::file_read, static_cast<u64>(handle), size, offset);
    return result < 0 ? "error " + std::to_string(-result) : text(result);
  }
  long write(long handle, const std::string& bytes, u64 offset = 0) {
    put(bytes);
    return call(abi::Call::file_write, static_cast<u64>(handle), bytes.size(), offset);
  }
  long make(const std::string& path, u64 mode, const std::string& target = {}) {
    put(path, target);
    return call(abi::Call::path_make, mode);
  }
  long remove(const std::string& path, bool directory = false) {
    put(path);
    return call(abi::Call::path_remove, directory ? 1 : 0);
  }
  long rename(const std::string& from, const std::string& to, u64 flags = 0) {
    put(from, to);
    return call(abi::Call::path_rename, flags);
  }
  long link(const std::string& from, const std::string& to) {
    put(from, to);
    return call(abi::Call::path_link);
  }
  long change(long handle, const abi::AttributeChange& change) {
    std::memcpy(io_.data(), &change, sizeof change);
    return call(abi::Call::file_change, static_cast<u64>(handle));
  }
  long change(const std::string& path, const abi::AttributeChange& change) {
    std::memcpy(io_.data(), &change, sizeof change);
    std::memcpy(io_.data() + sizeof change, path.c_str(), path.size() + 1);
    return call(abi::Call::path_change);
  }
  std::string read_link(const std::string& path) {
    put(path);
    long result = call(abi::Call::path_readlink);
    return result < 0 ? "error " + std::to_string(-result) : text(result);
  }
  std::map<std::string, int> list(long handle) {
    std::map<std::string, int> names;
    u64 cursor = 0;
    for (long size = 1; size > 0;) {
      size = call(abi::Call::dir_read, static_cast<u64>(handle), cursor);
      EXPECT_GE(size, 0);
      for (long at = 0; at < size;) {
        abi::DirEntry entry{};
        std::memcpy(&entry, io_.data() + at, sizeof(entry));
        names[{reinterpret_cast<char*>(io_.data()) + at + sizeof(entry), entry.name_size}] = entry.type;
        cursor = entry.next_cursor;
        at += entry.record_size;
      }
    }
    return names;
  }
  abi::FileStat status() {
    abi::FileStat result{};
    std::memcpy(&result, io_.data(), sizeof(result));
    return result;
  }
  void put(const std::string& first, const std::string& second = {}) {
    std::memcpy(io_.data(), first.c_str(), first.size() + 1);
    std::memcpy(io_.data() + first.size() + 1, second.c_str(), second.size() + 1);
  }
  std::vector<std::byte>& io() { return io_; }

 private:
  std::string text(long size) { return {reinterpret_cast<char*>(io_.data()), static_cast<std::size_t>(size)}; }
  FileService& service_;
  std::vector<std::byte> io_ = std::vector<std::byte>(abi::kIoBytes);
};

}  // namespace mayfly::host
