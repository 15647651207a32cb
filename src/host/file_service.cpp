#include "host/file_service.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mayfly::host {
namespace {

/// What a guest may ask for when it opens; anything else would change the host.
constexpr u64 kOpenFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

void put_stat(const abi::FileStat& status, std::span<std::byte> io) {
  std::memcpy(io.data(), &status, sizeof(status));
}

}  // namespace

std::optional<long> FileService::call(abi::Call call, const u64 (&arguments)[6], std::span<std::byte> io) {
  if (io.size() < kMaxPathBytes) return -EINVAL;
  switch (call) {
    case abi::Call::file_open:
      return open(arguments[0], io);
    case abi::Call::file_close:
      return close(arguments[0]);
    case abi::Call::file_read:
      return read(arguments[0], io.first(std::min<u64>(arguments[1], io.size())), arguments[2]);
    case abi::Call::file_write:
      return -EROFS;
    case abi::Call::file_stat: {
      const OpenFile* file = find(arguments[0]);
      if (file == nullptr) return -EBADF;
      abi::FileStat status{};
      long error = file->stat(status);
      if (error == 0) put_stat(status, io);
      return error;
    }
    case abi::Call::path_stat:
      return path_stat(io);
    case abi::Call::path_readlink:
      return read_link(io);
    case abi::Call::dir_read: {
      const OpenFile* file = find(arguments[0]);
      return file == nullptr ? -EBADF : file->list(arguments[1], io);
    }
    default:
      return std::nullopt;
  }
}

long FileService::take_path(std::span<const std::byte> io, std::string& path) {
  auto area = io.first(std::min(io.size(), kMaxPathBytes));
  auto end = std::ranges::find(area, std::byte{0});
  if (end == area.end()) return -ENAMETOOLONG;
  path.assign(reinterpret_cast<const char*>(area.data()), static_cast<std::size_t>(end - area.begin()));
  return FileView::is_normal(path) ? 0 : -EINVAL;
}

long FileService::look_up(const std::string& path, FileView::Found& found) const {
  found = view_->find(path);
  switch (found.kind) {
    case FileView::Kind::missing:
      return -ENOENT;
    case FileView::Kind::not_directory:
      return -ENOTDIR;
    case FileView::Kind::denied:
      if (denials_) denials_->refused(path);
      return -EACCES;
    default:
      return 0;
  }
}

long FileService::open(u64 flags, std::span<std::byte> io) {
  std::string path;
  FileView::Found found;
  if (long error = take_path(io, path); error != 0) return error;
  if ((flags & ~kOpenFlags) != 0) return -EROFS;
  if (long error = look_up(path, found); error != 0) return error;
  if (found.kind == FileView::Kind::link) return -ELOOP;
  auto free = std::find_if(handles_.begin() + static_cast<std::ptrdiff_t>(frozen_), handles_.end(),
                           [](const Handle& handle) { return handle.file == nullptr; });
  if (free == handles_.end() && handles_.size() >= kMaxHandles) return -ENFILE;
  auto [file, error] = OpenFile::open(found, path);
  if (!file) return error;
  abi::FileStat status{};
  if (long failure = file->stat(status); failure != 0) return failure;
  put_stat(status, io);
  if (free == handles_.end()) free = handles_.insert(free, Handle{});
  free->file = std::move(file);
  return free - handles_.begin();
}

long FileService::close(u64 handle) {
  if (find(handle) == nullptr) return -EBADF;
  if (handle < frozen_) {
    handles_[handle].hidden = true;
  } else {
    handles_[handle].file.reset();
  }
  return 0;
}

long FileService::read(u64 handle, std::span<std::byte> destination, u64 offset) const {
  const OpenFile* file = find(handle);
  return file == nullptr ? -EBADF : file->read(destination, offset);
}

long FileService::path_stat(std::span<std::byte> io) {
  std::string path;
  FileView::Found found;
  abi::FileStat status{};
  if (long error = take_path(io, path); error != 0) return error;
  if (long error = look_up(path, found); error != 0) return error;
  if (long error = OpenFile::stat(found, path, status); error != 0) return error;
  put_stat(status, io);
  return 0;
}

long FileService::read_link(std::span<std::byte> io) {
  std::string path;
  FileView::Found found;
  if (long error = take_path(io, path); error != 0) return error;
  if (long error = look_up(path, found); error != 0) return error;
  return OpenFile::read_link(found, io.first(kMaxPathBytes));
}

const OpenFile* FileService::find(u64 handle) const {
  if (handle >= handles_.size() || handles_[handle].hidden) return nullptr;
  return handles_[handle].file.get();
}

std::size_t FileService::freeze() {
  // What the program closed before the freeze is closed for good.
  for (Handle& handle : handles_) {
    if (std::exchange(handle.hidden, false)) handle.file.reset();
  }
  frozen_ = handles_.size();
  return frozen_;
}

void FileService::truncate(std::size_t mark) {
  frozen_ = std::min(mark, handles_.size());
  handles_.resize(frozen_);
  for (Handle& handle : handles_) handle.hidden = false;
}

}  // namespace mayfly::host
