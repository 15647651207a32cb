// Test fixture: a guest kernel on top of a real file service, whose view is a temporary folder.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "guest/kernel/native/kernel_fixture.h"
#include "host/file_service.h"
#include "host/temporary_tree.h"

namespace mayfly::kernel {

class FilesTest : public KernelTest {
 protected:
  FilesTest() {
    view->mount("/host", tree.path());
    for (const char* path : {"/home/me", "/tmp", "/var/tmp", "/run"}) view->add_empty_directory(path);
    serve();
    std::strcpy(kernel.process.start_directory, "/");
    std::strcpy(kernel.process.executable, "/host/bin/program");
    kernel.vfs.open_standard_streams(kernel.process);
  }

  ~FilesTest() override {
    // What is open closes its handles when the kernel goes, after the service.
    kernel.process.files.close_all();
    host.on_call = nullptr;
  }

  /// Routes host calls: files to the service, the rest to simple answers.
  void serve() {
    host.on_call = [this](abi::Call call, const u64(&args)[6]) -> long {
      ++host_calls[call];
      std::span io(reinterpret_cast<std::byte*>(shared().io), abi::kIoBytes);
      if (auto result = service.call(call, args, io)) return *result;
      if (call == abi::Call::map_file) {
        std::span target(reinterpret_cast<std::byte*>(args[0]), args[1] * abi::kPageSize);
        long size = service.read(args[3], target, args[4]);
        return size < 0 ? size : 0;
      }
      if (call == abi::Call::console_write) host.console.append(reinterpret_cast<char*>(shared().io), args[1]);
      if (call == abi::Call::report) host.reports.emplace_back(reinterpret_cast<char*>(shared().io), args[1]);
      return call == abi::Call::console_write ? static_cast<long>(args[1]) : 0;
    };
  }

  long open(const std::string& path, int flags = 0, int mode = 0644) {
    return call(__NR_open, path.c_str(), flags, mode);
  }
  /// Creates or replaces a file in the guest.
  void write(const std::string& path, const std::string& contents) {
    long fd = open(path, O_CREAT | O_TRUNC | O_WRONLY);
    ASSERT_GE(fd, 0) << path;
    EXPECT_EQ(call(__NR_write, fd, contents.data(), contents.size()), static_cast<long>(contents.size()));
    EXPECT_EQ(call(__NR_close, fd), 0);
  }
  /// Contents of a file of the guest, or "error N".
  std::string read(const std::string& path) {
    long fd = open(path);
    if (fd < 0) return "error " + std::to_string(-fd);
    std::string result;
    char buffer[1000];
    long size = 0;
    while ((size = call(__NR_read, fd, buffer, sizeof buffer)) > 0)
      result.append(buffer, static_cast<std::size_t>(size));
    if (size < 0) result = "error " + std::to_string(-size);
    call(__NR_close, fd);
    return result;
  }
  std::string read_link(const std::string& path) {
    char buffer[kPathBytes];
    long size = call(__NR_readlink, path.c_str(), buffer, sizeof buffer);
    return size < 0 ? "error " + std::to_string(-size) : std::string(buffer, static_cast<std::size_t>(size));
  }
  /// Names in a directory with their types, read through a small buffer; without "." and "..".
  std::map<std::string, int> list(const std::string& path, std::size_t buffer_bytes = 200) {
    std::map<std::string, int> names;
    long fd = open(path, O_DIRECTORY);
    EXPECT_GE(fd, 0) << path;
    std::vector<char> buffer(buffer_bytes);
    long size = 0;
    while ((size = call(__NR_getdents64, fd, buffer.data(), buffer.size())) > 0) {
      for (long at = 0; at < size;) {
        std::string name = buffer.data() + at + 19;
        EXPECT_TRUE(names.emplace(name, buffer[static_cast<std::size_t>(at) + 18]).second) << name << " comes twice";
        u16 record = 0;
        std::memcpy(&record, buffer.data() + at + 16, sizeof record);
        at += record;
      }
    }
    EXPECT_EQ(size, 0) << path;
    call(__NR_close, fd);
    EXPECT_EQ(names.erase(".") + names.erase(".."), 2u);
    return names;
  }
  struct stat status(const std::string& path, bool follow = true) {
    struct stat result {};
    EXPECT_EQ(call(follow ? __NR_stat : __NR_lstat, path.c_str(), &result), 0) << path;
    return result;
  }

  host::TemporaryTree tree;
  std::shared_ptr<host::FileView> view = std::make_shared<host::FileView>();
  host::FileService service{view, nullptr};
  std::map<abi::Call, int> host_calls;
};

}  // namespace mayfly::kernel
