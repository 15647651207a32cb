#include "host/file_view.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/error.h"

namespace mayfly::host {
namespace {

constexpr int kMaxLinks = 40;  // as Linux

/// Takes the first part off a path; leading slashes go with it.
std::string_view next_part(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

std::string read_link(const std::string& path) {
  char target[PATH_MAX];
  ssize_t size = check(::readlink(path.c_str(), target, sizeof(target)), "readlink({})", path);
  return {target, static_cast<std::size_t>(size)};
}

bool exists(std::string_view path) {
  struct stat status {};
  // A directory that we may not search hides its names from us: say that access is what is missing.
  return ::lstat(std::string(path).c_str(), &status) == 0 || errno == EACCES;
}

}  // namespace

FileView::FileView() = default;

bool FileView::is_normal(std::string_view path) {
  if (path == "/") return true;
  if (path.empty() || path.front() != '/' || path.back() == '/') return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == ".." || part.find('\0') != part.npos) return false;
    path.remove_prefix(part.size());
  }
  return true;
}

FileView::Node& FileView::node_at(std::string_view guest_path) {
  if (!is_normal(guest_path)) throw Error("the path '{}' is not absolute and free of '.', '..' and '//'", guest_path);
  Node* node = &root_;
  for (std::string_view part = next_part(guest_path); !part.empty(); part = next_part(guest_path)) {
    std::unique_ptr<Node>& child = node->children[std::string(part)];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  return *node;
}

void FileView::mount(const std::string& guest_path, const std::string& host_path) {
  UniqueFd opened(check(::open(host_path.c_str(), O_PATH | O_CLOEXEC), "open({})", host_path));
  struct stat status {};
  check(::fstat(opened.get(), &status), "fstat({})", host_path);
  Node& node = node_at(guest_path);
  if (S_ISDIR(status.st_mode)) {
    node.kind = Node::Kind::tree;
    node.root = std::move(opened);
    return;
  }
  // By the name in its directory, so that a file which is replaced by rename, as editors do, is seen afresh.
  std::size_t slash = host_path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : host_path.substr(0, slash + 1);
  node.root = UniqueFd(check(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open({})", directory));
  node.relative = slash == std::string::npos ? host_path : host_path.substr(slash + 1);
  node.kind = Node::Kind::file;
}

void FileView::add_file(const std::string& guest_path, std::string_view contents) {
  UniqueFd file(check(::memfd_create("mayfly-file", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create()"));
  ssize_t written = check(::write(file.get(), contents.data(), contents.size()), "write(memfd, {})", contents.size());
  if (static_cast<std::size_t>(written) != contents.size()) throw Error("write(memfd): {} bytes only", written);
  constexpr mode_t kReadable = 0644;
  check(::fchmod(file.get(), kReadable), "fchmod(memfd)");
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  check(::fcntl(file.get(), F_ADD_SEALS, kSeals), "fcntl(memfd, F_ADD_SEALS)");
  Node& node = node_at(guest_path);
  node.kind = Node::Kind::file;
  node.root = std::move(file);
  node.relative.clear();
}

void FileView::mount_volume(const std::string& guest_path, const std::string& host_path) {
  mount(guest_path, host_path);
  Node& node = node_at(guest_path);
  if (node.kind != Node::Kind::tree) throw Error("{} is no directory", host_path);
  node.kind = Node::Kind::volume;
}

/// Adds the links on the way to `path`. @return where they lead, nothing if there is no such file
std::optional<std::string> FileView::follow(const std::string& path) {
  std::string rest = path;
  std::string resolved;
  int links = 0;
  while (true) {
    std::string_view view = rest;
    std::string part(next_part(view));
    if (part.empty()) break;
    rest = std::string(view);
    if (part == ".") continue;
    if (part == "..") {
      resolved.resize(resolved.empty() ? 0 : resolved.rfind('/'));
      continue;
    }
    std::string next = fmt::format("{}/{}", resolved, part);
    struct stat status {};
    if (::lstat(next.c_str(), &status) != 0) return std::nullopt;
    if (!S_ISLNK(status.st_mode)) {
      resolved = next;
      continue;
    }
    if (++links > kMaxLinks) return std::nullopt;
    Node& link = node_at(next);
    link.kind = Node::Kind::link;
    link.target = read_link(next);
    rest = fmt::format("{}/{}", link.target, rest);
    if (link.target.starts_with('/')) resolved.clear();
  }
  if (resolved.empty()) resolved.push_back('/');
  return resolved;
}

bool FileView::allow(const std::string& path) {
  std::optional<std::string> resolved = follow(path);
  if (resolved) mount(*resolved, *resolved);
  return resolved.has_value();
}

void FileView::add_bare_directory(const std::string& path) {
  if (std::optional<std::string> resolved = follow(path)) (void)node_at(*resolved);
}

void FileView::add_empty_directory(const std::string& guest_path, mode_t mode) {
  Node& node = node_at(guest_path);
  if (node.kind != Node::Kind::parent) return;
  node.kind = Node::Kind::empty;
  node.mode = mode;
}

FileView::Found FileView::find(std::string_view path) const {
  const Node* node = &root_;
  const Node* tree = root_.is_tree() ? &root_ : nullptr;
  std::string relative;  // below `tree`
  std::string_view rest = path;
  for (std::string_view part = next_part(rest); !part.empty(); part = next_part(rest)) {
    auto child = node->children.find(part);
    if (child == node->children.end()) {
      if (tree != nullptr && tree->is_tree()) {
        std::size_t begin = static_cast<std::size_t>(part.data() - path.data());
        if (!relative.empty()) relative += '/';
        bool writable = tree->kind == Node::Kind::volume;
        return {Kind::host, node, tree->root.get(), relative.append(path.substr(begin)), writable, false};
      }
      if (node->kind == Node::Kind::file || node->kind == Node::Kind::link) return {Kind::not_directory, node};
      if (node->kind == Node::Kind::empty) return {Kind::missing, node};
      std::size_t end = static_cast<std::size_t>(part.data() - path.data()) + part.size();
      return {exists(path.substr(0, end)) ? Kind::denied : Kind::missing, node};
    }
    node = child->second.get();
    if (node->kind == Node::Kind::parent) {
      if (!relative.empty()) relative += '/';
      relative += part;
    } else {
      tree = node->root ? node : nullptr;
      relative = node->relative;
    }
  }
  if (node->kind == Node::Kind::link) return {Kind::link, node};
  if (tree == nullptr) return {Kind::virtual_directory, node};
  bool writable = tree->kind == Node::Kind::volume;
  if (relative.empty() && tree->is_tree()) relative.push_back('.');
  return {Kind::host, node, tree->root.get(), relative, writable, true};
}

}  // namespace mayfly::host
