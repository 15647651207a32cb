#include "host/file_service.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/volume.h"

namespace mayfly::host {
namespace {

/// What a guest may ask for when it opens; anything else would change the host, which only volumes allow.
constexpr u64 kReadFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr u64 kWriteFlags = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC;

void put_stat(const abi::FileStat& status, std::span<std::byte> io) {
  std::memcpy(io.data(), &status, sizeof(status));
}

}  // namespace

std::optional<long> FileService::call(abi::Call call, const u64 (&arguments)[6], std::span<std::byte> io) {
  if (io.size() < kMaxPathBytes) return -EINVAL;
  switch (call) {
    case abi::Call::file_open:
      return open(arguments[0], arguments[1], io);
    case abi::Call::file_close:
      return close(arguments[0]);
    case abi::Call::file_read:
      return read(arguments[0], io.first(std::min<u64>(arguments[1], io.size())), arguments[2]);
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
      return change_call(call, arguments, io);
  }
}

std::optional<long> FileService::change_call(abi::Call call, const u64 (&arguments)[6], std::span<std::byte> io) {
  switch (call) {
    case abi::Call::file_write:
    case abi::Call::file_truncate:
    case abi::Call::file_allocate:
    case abi::Call::file_sync:
    case abi::Call::file_change:
      return change_file(call, arguments, io);
    case abi::Call::path_change:
      return change_path(io);
    case abi::Call::path_make:
      return make_path(arguments[0], io);
    case abi::Call::path_remove: {
      std::string path;
      FileView::Found found;
      long error = find_path(io, path, found);
      return error != 0 ? error : remove_name(found, arguments[0] == 1);
    }
    case abi::Call::path_space: {
      std::string path;
      FileView::Found found;
      abi::SpaceStat space{};
      if (long error = find_path(io, path, found); error != 0) return error;
      long error = space_at(found, space);
      if (error == 0) std::memcpy(io.data(), &space, sizeof(space));
      return error;
    }
    case abi::Call::path_rename:
    case abi::Call::path_link: {
      FileView::Found from;
      FileView::Found to;
      if (long error = find_two(io, from, to); error != 0) return error;
      return call == abi::Call::path_link ? link_name(from, to) : rename_name(from, to, arguments[0]);
    }
    default:
      return std::nullopt;
  }
}

long FileService::change_file(abi::Call call, const u64 (&arguments)[6], std::span<const std::byte> io) {
  const OpenFile* file = find(arguments[0]);
  if (file == nullptr) return -EBADF;
  switch (call) {
    case abi::Call::file_write:
      return file->write(io.first(std::min<u64>(arguments[1], io.size())), arguments[2]);
    case abi::Call::file_truncate:
      return file->truncate(arguments[1]);
    case abi::Call::file_allocate:
      return file->allocate(arguments[1], arguments[2], arguments[3]);
    case abi::Call::file_sync:
      return file->sync();
    default: {
      abi::AttributeChange change;
      std::memcpy(&change, io.data(), sizeof(change));
      return file->change(change);
    }
  }
}

long FileService::change_path(std::span<const std::byte> io) {
  std::string path;
  FileView::Found found;
  abi::AttributeChange change;
  std::memcpy(&change, io.data(), sizeof(change));
  if (long error = find_path(io.subspan(sizeof(change)), path, found); error != 0) return error;
  return change_name(found, change);
}

long FileService::make_path(u64 mode, std::span<const std::byte> io) {
  std::string path;
  std::string target;
  FileView::Found found;
  if (long error = find_path(io, path, found); error != 0) return error;
  if (long error = take_text(io.subspan(path.size() + 1), target); error != 0) return error;
  return make_name(found, static_cast<u32>(mode), target);
}

long FileService::find_path(std::span<const std::byte> io, std::string& path, FileView::Found& found) const {
  if (long error = take_path(io, path); error != 0) return error;
  return look_up(path, found);
}

long FileService::find_two(std::span<const std::byte> io, FileView::Found& from, FileView::Found& to) const {
  std::string path;
  if (long error = find_path(io, path, from); error != 0) return error;
  std::span<const std::byte> rest = io.subspan(path.size() + 1);
  return find_path(rest, path, to);
}

long FileService::take_text(std::span<const std::byte> io, std::string& text) {
  auto area = io.first(std::min(io.size(), kMaxPathBytes));
  auto end = std::ranges::find(area, std::byte{0});
  if (end == area.end()) return -ENAMETOOLONG;
  text.assign(reinterpret_cast<const char*>(area.data()), static_cast<std::size_t>(end - area.begin()));
  return 0;
}

long FileService::take_path(std::span<const std::byte> io, std::string& path) {
  if (long error = take_text(io, path); error != 0) return error;
  return FileView::is_normal(path) ? 0 : -EINVAL;
}

long FileService::look_up(const std::string& path, FileView::Found& found) const {
  found = view_->find(path);
  // What is written there is the program's own.
  if (listener_ && !found.writable) listener_->looked_at(path);
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

long FileService::open(u64 flags, u64 mode, std::span<std::byte> io) {
  std::string path;
  FileView::Found found;
  if (long error = take_path(io, path); error != 0) return error;
  if ((flags & ~(kReadFlags | kWriteFlags)) != 0) return -EROFS;
  if (long error = look_up(path, found); error != 0) return error;
  if (found.kind == FileView::Kind::link) return -ELOOP;
  if ((flags & kWriteFlags) != 0 && !found.writable) return -EROFS;
  auto free = std::find_if(handles_.begin() + static_cast<std::ptrdiff_t>(frozen_), handles_.end(),
                           [](const Handle& handle) { return handle.file == nullptr; });
  if (free == handles_.end() && handles_.size() >= kMaxHandles) return -ENFILE;
  auto [file, error] = (flags & O_CREAT) != 0 && !found.fixed
                           ? OpenFile::create(found, flags, static_cast<u32>(mode) & kVolumeModes)
                           : OpenFile::open(found, path, flags);
  if (!file) return error;
  abi::FileStat status{};
  if (long failure = file->stat(status); failure != 0) return failure;
  if (listener_ && !found.writable && S_ISDIR(status.mode)) listener_->opened_directory(path);
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
  if (long error = find_path(io, path, found); error != 0) return error;
  if (long error = OpenFile::stat(found, path, status); error != 0) return error;
  put_stat(status, io);
  return 0;
}

long FileService::read_link(std::span<std::byte> io) {
  std::string path;
  FileView::Found found;
  if (long error = find_path(io, path, found); error != 0) return error;
  return OpenFile::read_link(found, io.first(kMaxPathBytes));
}

const OpenFile* FileService::find(u64 handle) const {
  if (handle >= handles_.size() || handles_[handle].hidden) return nullptr;
  return handles_[handle].file.get();
}

std::size_t FileService::freeze() {
  listener_.reset();
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
