#include "host/default_view.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace mayfly::host {
namespace {

/// Allowed where they exist. The folders of libraries are those of the dynamic linker; more come from the program.
constexpr const char* kReadable[] = {
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/share/ca-certificates",
    "/usr/share/locale",
    "/usr/share/nodejs",
    "/usr/share/perl",
    "/usr/share/perl5",
    "/usr/share/rubygems-integration",
    "/usr/share/zoneinfo",
    "/usr/local/share/ca-certificates",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/perl",
    "/etc/pki/ca-trust/extracted",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/openssl.cnf",
    "/etc/protocols",
    "/etc/python3.11",
    "/etc/resolv.conf",
    "/etc/selinux/config",
    "/etc/services",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
};

/// In place of the host's where there is a resolver. No search list: the host's resolver has its own. Without edns0 an
/// answer has room for 30 addresses only. Services such as `resolve` or `sss` are daemons behind sockets of the host.
constexpr MadeFile kResolverFiles[] = {
    {"/etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0\n"},
    {"/etc/nsswitch.conf",
     "passwd: files\ngroup: files\nshadow: files\ngshadow: files\n"
     "hosts: files dns\nnetworks: files\n"
     "protocols: files\nservices: files\nethers: files\nrpc: files\n"},
};

/// Folders of PATH: runtimes look whether they are there, and mean no harm by it.
constexpr const char* kBareDirectories[] = {
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
};

constexpr mode_t kSharedDirectory = 01777;

struct EmptyDirectory {
  const char* path;
  mode_t mode;
};
constexpr EmptyDirectory kEmptyDirectories[] = {
    {"/tmp", kSharedDirectory},
    {"/var/tmp", kSharedDirectory},
    {"/run", 0755},
    {"/var/run", 0755},
    {"/dev", 0755},
    {"/proc", 0555},
    {"/sys", 0555},
};

constexpr const char* kHostsFile = "/etc/hosts";

std::string hosts_file(const std::vector<HostLine>& lines) {
  std::ostringstream text;
  if (std::ifstream file(kHostsFile); file && file.peek() != std::ifstream::traits_type::eof()) {
    text << file.rdbuf() << '\n';
  }
  for (const HostLine& line : lines) text << line.address << ' ' << line.name << '\n';
  return text.str();
}

bool is_made(const ViewRequest& request, std::string_view path) {
  if (path == kHostsFile) return !request.hosts.empty();
  return request.resolver &&
         std::ranges::any_of(kResolverFiles, [&](const MadeFile& file) { return path == file.path; });
}

void require(FileView& view, const char* what, const std::string& path) {
  if (!view.allow(path)) throw Error("{} {} does not exist or may not be read", what, path);
}

/// "/home/me/" and "/home//me" name a folder, but are no normal paths.
std::string normalised(const std::string& path) {
  std::string result;
  for (char c : path) {
    if (c != '/' || result.empty() || result.back() != '/') result += c;
  }
  if (result.size() > 1 && result.back() == '/') result.pop_back();
  return result;
}

/// The guest kernel has its own files there, and a volume in place of the root would hide the program.
void require_free_place(const std::string& path) {
  if (!FileView::is_normal(path)) throw Error("--volume: {} is no normal path", path);
  for (std::string_view taken : {"/proc", "/sys", "/dev"}) {
    bool inside = path.starts_with(taken) && (path.size() == taken.size() || path[taken.size()] == '/');
    if (inside || path == "/") throw Error("--volume: {} cannot be the place of a volume", path);
  }
}

void add_volume(FileView& view, const VolumeRequest& volume) {
  std::string guest = normalised(volume.guest);
  require_free_place(guest);
  if (volume.writable) {
    view.mount_volume(guest, volume.host);
  } else {
    view.mount(guest, volume.host);
  }
}

}  // namespace

std::shared_ptr<const FileView> default_view(const ViewRequest& request) {
  auto view = std::make_shared<FileView>();
  for (const EmptyDirectory& directory : kEmptyDirectories) view->add_empty_directory(directory.path, directory.mode);
  std::string home = normalised(request.home);
  if (home != "/" && FileView::is_normal(home)) view->add_empty_directory(home);
  for (const char* path : kReadable) {
    if (!is_made(request, path)) view->allow(path);
  }
  for (const MadeFile& file : request.files) view->add_file(std::string(file.path), file.contents);
  if (request.resolver) {
    for (const MadeFile& file : kResolverFiles) view->add_file(std::string(file.path), file.contents);
  }
  if (!request.hosts.empty()) view->add_file(kHostsFile, hosts_file(request.hosts));
  for (const char* path : kBareDirectories) view->add_bare_directory(path);
  require(*view, "the program", request.program);
  for (const std::string& path : library_paths(request.program)) view->allow(path);
  if (!request.project.empty()) require(*view, "the project folder", request.project);
  for (const std::string& path : request.read) require(*view, "--allow-read", path);
  for (const VolumeRequest& volume : request.volumes) add_volume(*view, volume);
  return view;
}

}  // namespace mayfly::host
