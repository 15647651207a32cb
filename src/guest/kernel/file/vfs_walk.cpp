// Path resolution, path_resolution(7).
#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kMaxLinks = 40;

const char* skip_slashes(const char* text) {
  while (*text == '/') ++text;
  return text;
}

Name next_part(const char* rest) {
  u32 size = 0;
  while (rest[size] != '\0' && rest[size] != '/') ++size;
  return {rest, size};
}

}  // namespace

/// One resolution: a directory and the rest of the path from there.
class Vfs::Walk {
 public:
  Walk(Kernel& kernel, Ref<Directory> start, const char* path, Follow follow, Lookup& result)
      : kernel_(kernel), at_(std::move(start)), rest_(path), follow_(follow), result_(result) {}
  ~Walk() {
    kernel_.heap.release_page(text_);
    kernel_.heap.release_page(spare_);
  }

  long run() {
    while (true) {
      rest_ = skip_slashes(rest_);
      Name part = next_part(rest_);
      if (part.size == 0) {
        result_.inode = Ref<Inode>(at_);
        return 0;
      }
      rest_ += part.size;
      if (part.is(".")) continue;
      if (part.is("..")) {
        at_ = Ref<Directory>(&at_->parent());
        continue;
      }
      bool done = false;
      if (long error = step(part, done); error != 0 || done) return error;
    }
  }

 private:
  long step(Name part, bool& done) {
    if (part.size > kNameBytes) return -ENAMETOOLONG;
    bool last = *skip_slashes(rest_) == '\0';
    bool slash = *rest_ == '/';
    Ref<Inode> inode;
    long error = at_->look_up(part, inode);
    if (error != 0 && !(error == -ENOENT && last)) return error;
    if (inode && inode->type == Inode::Type::link && (!last || slash || follow_ == Follow::yes)) {
      return follow(*inode, last, done);
    }
    if (last) {
      done = true;
      return finish(part, std::move(inode), slash);
    }
    return enter(inode.get());
  }

  long finish(Name part, Ref<Inode> inode, bool slash) {
    result_.directory = at_;
    std::memcpy(result_.name_text, part.text, part.size);
    result_.name_size = part.size;
    result_.trailing_slash = slash;
    if (slash && inode && inode->as_directory() == nullptr) return -ENOTDIR;
    result_.inode = std::move(inode);
    return 0;
  }

  long enter(Inode* inode) {
    Directory* directory = inode == nullptr ? nullptr : inode->as_directory();
    if (directory == nullptr) return -ENOTDIR;
    at_ = Ref<Directory>(directory);
    return 0;
  }

  long follow(Inode& link, bool last, bool& done) {
    if (++links_ > kMaxLinks) return -ELOOP;
    if (Ref<File> file = link.linked_file()) {
      InodeFile* named = InodeFile::from(file.get());
      if (!last) return enter(named == nullptr ? nullptr : &named->inode());
      done = true;
      result_.file = file;
      if (named != nullptr) result_.inode = Ref<Inode>(&named->inode());
      return 0;
    }
    return expand(link);
  }

  /// Puts the link's target before the rest of the path.
  long expand(Inode& link) {
    if (spare_ == nullptr) spare_ = reinterpret_cast<char*>(kernel_.heap.allocate_page());
    if (spare_ == nullptr) return -ENOMEM;
    long size = link.read_link(spare_, kPathBytes - 1);
    if (size < 0) return size;
    if (size == 0) return -ENOENT;
    u64 rest_size = std::strlen(rest_);
    auto target_size = static_cast<u64>(size);
    if (target_size + rest_size >= kPathBytes) return -ENAMETOOLONG;
    std::memcpy(spare_ + target_size, rest_, rest_size + 1);
    std::swap(text_, spare_);
    rest_ = text_;
    if (*rest_ == '/') at_ = kernel_.vfs.root();
    return 0;
  }

  Kernel& kernel_;
  Ref<Directory> at_;
  const char* rest_;
  Follow follow_;
  Lookup& result_;
  char* text_ = nullptr;  // holds the rest once a link was expanded
  char* spare_ = nullptr;
  u32 links_ = 0;
};

long Vfs::start_of(Process& process, int directory, const char* path, Ref<Directory>& start) {
  start = root();
  if (!start) return -ENOMEM;
  if (*path == '/') return 0;
  Inode* inode = nullptr;
  Lookup current;
  if (directory == AT_FDCWD) {
    Walk walk(kernel_, start, process.working_directory, Follow::yes, current);
    if (long error = walk.run(); error != 0) return error;
    inode = current.inode.get();
    if (inode == nullptr) return -ENOENT;
  } else {
    Ref<File> file = process.files.get(directory);
    if (!file) return -EBADF;
    InodeFile* named = InodeFile::from(file.get());
    inode = named == nullptr ? nullptr : &named->inode();
  }
  Directory* result = inode == nullptr ? nullptr : inode->as_directory();
  if (result == nullptr) return -ENOTDIR;
  start = Ref<Directory>(result);
  return 0;
}

long Vfs::look_up(Process& process, int directory, const char* path, Follow follow, Lookup& result) {
  entries_.make_room();
  if (*path == '\0') return -ENOENT;
  Ref<Directory> start;
  if (long error = start_of(process, directory, path, start); error != 0) return error;
  Walk walk(kernel_, std::move(start), path, follow, result);
  return walk.run();
}

}  // namespace mayfly::kernel
