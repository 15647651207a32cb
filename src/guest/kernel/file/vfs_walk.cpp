// Path resolution, path_resolution(7).
#include <linux/openat2.h>

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
  Walk(Process& process, const Ref<Directory>& start, const char* path, Follow follow, u64 resolve, Lookup& result)
      : kernel_(process.kernel),
        root_(kernel_.vfs.root_of(process)),
        at_(start),
        start_(start),
        rest_(path),
        follow_(follow),
        resolve_(resolve),
        result_(result) {}
  ~Walk() {
    kernel_.heap.release_page(text_);
    kernel_.heap.release_page(spare_);
  }

  long run() {
    if (*rest_ == '/') {
      if (long error = jump_to_root(); error != 0) return error;
    }
    while (true) {
      rest_ = skip_slashes(rest_);
      Name part = next_part(rest_);
      if (part.size == 0) {
        result_.inode = Ref<Inode>(at_);
        return 0;
      }
      rest_ += part.size;
      result_.end = part.is(".") ? Lookup::End::dot : part.is("..") ? Lookup::End::dot_dot : Lookup::End::name;
      if (result_.end == Lookup::End::dot) continue;
      if (result_.end == Lookup::End::dot_dot) {
        if (long error = ascend(); error != 0) return error;
        continue;
      }
      bool done = false;
      if (long error = step(part, done); error != 0 || done) return error;
    }
  }

 private:
  [[nodiscard]] bool is_scoped() const { return (resolve_ & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0; }

  long jump_to_root() {
    if ((resolve_ & RESOLVE_BENEATH) != 0) return -EXDEV;
    return move_to((resolve_ & RESOLVE_IN_ROOT) != 0 ? *start_ : *root_);
  }

  long ascend() {
    if (is_scoped() && at_ == start_) return (resolve_ & RESOLVE_BENEATH) != 0 ? -EXDEV : 0;
    return at_ == root_ ? 0 : move_to(at_->parent());
  }

  long move_to(Directory& directory) {
    if ((resolve_ & RESOLVE_NO_XDEV) != 0 && &mount_of(directory) != &mount_of(*at_)) return -EXDEV;
    at_ = Ref<Directory>(&directory);
    return 0;
  }

  /// Where the file system begins that has `inode`.
  static const Inode& mount_of(const Inode& inode) {
    const Inode* each = &inode;
    while (!each->is_mount_point() && each->container() != nullptr) each = each->container();
    return *each;
  }

  long step(Name part, bool& done) {
    if (part.size > kNameBytes) return -ENAMETOOLONG;
    bool last = *skip_slashes(rest_) == '\0';
    bool slash = *rest_ == '/';
    Ref<Inode> inode;
    long error = at_->look_up(part, inode);
    if (error != 0 && !(error == -ENOENT && last)) return error;
    bool followed = !last || follow_ == Follow::yes || (slash && follow_ == Follow::no);
    if (inode && inode->type == Inode::Type::link && followed) return follow(*inode, last, done);
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
    bool must_be_directory = slash && follow_ != Follow::never;
    if (must_be_directory && inode && inode->as_directory() == nullptr) return -ENOTDIR;
    result_.inode = std::move(inode);
    return 0;
  }

  long enter(Inode* inode) {
    Directory* directory = inode == nullptr ? nullptr : inode->as_directory();
    return directory == nullptr ? -ENOTDIR : move_to(*directory);
  }

  long follow(Inode& link, bool last, bool& done) {
    if (++links_ > kMaxLinks || (resolve_ & RESOLVE_NO_SYMLINKS) != 0) return -ELOOP;
    if (Ref<File> file = link.linked_file()) {
      if ((resolve_ & RESOLVE_NO_MAGICLINKS) != 0) return -ELOOP;
      if (is_scoped()) return -EXDEV;
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
    return *rest_ == '/' ? jump_to_root() : 0;
  }

  Kernel& kernel_;
  Ref<Directory> root_;
  Ref<Directory> at_;
  Ref<Directory> start_;
  const char* rest_;
  Follow follow_;
  u64 resolve_;
  Lookup& result_;
  char* text_ = nullptr;  // holds the rest once a link was expanded
  char* spare_ = nullptr;
  u32 links_ = 0;
};

Ref<Directory> Vfs::root_of(const Process& process) {
  return process.root_directory ? process.root_directory : root();
}

long Vfs::working_directory(Process& process, Ref<Directory>& result) {
  if (!process.working_directory) {
    Lookup first;
    Walk walk(process, root(), process.start_directory, Follow::yes, 0, first);
    if (long error = walk.run(); error != 0) return error;
    if (!first.inode) return -ENOENT;
    if (first.inode->as_directory() == nullptr) return -ENOTDIR;
    process.working_directory = Ref<Directory>(first.inode->as_directory());
  }
  result = process.working_directory;
  return 0;
}

long Vfs::start_of(Process& process, int directory, Ref<Directory>& start) {
  if (directory == AT_FDCWD) return working_directory(process, start);
  Ref<File> file = process.files.get(directory);
  if (!file) return -EBADF;
  InodeFile* named = InodeFile::from(file.get());
  Directory* result = named == nullptr ? nullptr : named->inode().as_directory();
  if (result == nullptr) return -ENOTDIR;
  start = Ref<Directory>(result);
  return 0;
}

long Vfs::look_up(Process& process, int directory, const char* path, Follow follow, Lookup& result, u64 resolve) {
  entries_.make_room();
  if (!root()) return -ENOMEM;
  if (*path == '\0') return -ENOENT;
  Ref<Directory> start = root_of(process);
  // An absolute path needs no start, unless it is to be taken as one below it.
  if (*path != '/' || (resolve & RESOLVE_IN_ROOT) != 0) {
    if (long error = start_of(process, directory, start); error != 0) return error;
  }
  Walk walk(process, start, path, follow, resolve, result);
  return walk.run();
}

}  // namespace mayfly::kernel
