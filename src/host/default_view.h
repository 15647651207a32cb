// What a program may read when its user has said nothing more.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/file_view.h"

namespace mayfly::host {

/// What --volume gives; paths are absolute.
struct VolumeRequest {
  std::string host;
  std::string guest;
  bool writable = false;
};

/// A line of /etc/hosts.
struct HostLine {
  std::string address;
  std::string name;
};

/// A file that the host does not have.
struct MadeFile {
  std::string_view path;
  std::string_view contents;
};

struct ViewRequest {
  std::string program;                   ///< absolute path of the executable
  std::string project;                   ///< absolute path of the folder that the program works in; may be empty
  std::string home;                      ///< the program's HOME: an empty directory to it; may be empty
  std::vector<std::string> read;         ///< further files and trees, from --allow-read; absolute
  std::vector<VolumeRequest> volumes{};  ///< from --volume
  std::vector<MadeFile> files{};         ///< shown besides those of the host
  bool resolver = false;                 ///< the program's DNS queries are answered, at abi::kResolverAddress
  std::vector<HostLine> hosts{};         ///< added to the host's /etc/hosts, as it is now
};

/// The program with its dynamic linker and libraries, the project folder, time zones, CA certificates and the few files
/// of /etc that name resolution and libc read; /tmp and its kin as empty directories. With a resolver, resolv.conf and
/// nsswitch.conf are not the host's, which may ask for name servers and services that a program cannot reach.
/// @throws Error if the program, the project, a path of `read` or the folder of a volume does not exist
std::shared_ptr<const FileView> default_view(const ViewRequest& request);

/// Paths that an ELF file names: its dynamic linker and the folders of its DT_RPATH or DT_RUNPATH, $ORIGIN expanded.
/// Empty for a static program or another kind of file.
/// @param path absolute and without symbolic links
std::vector<std::string> library_paths(const std::string& path);

}  // namespace mayfly::host
