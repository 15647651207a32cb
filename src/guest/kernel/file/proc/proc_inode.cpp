#include "guest/kernel/file/proc/proc_inode.h"

#include <linux/magic.h>

#include <cstring>

#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kDevice = 0x14;

Name name_of(const char* text) {
  return {text, static_cast<u32>(std::strlen(text))};
}

/// Stable while the machine lives, distinct with high probability.
u64 number_of(const ProcNode& node, u32 id) {
  return (reinterpret_cast<u64>(&node) >> 3 & 0xff'ffff) << 24 | id;
}

u32 type_bits(ProcNode::Kind kind) {
  if (kind == ProcNode::Kind::text) return kModeRegular;
  return kind == ProcNode::Kind::link ? kModeLink : kModeDirectory;
}

u64 smaller(u64 a, u64 b) {
  return a < b ? a : b;
}

/// The number that `name` spells, or ~0.
u32 parse(Name name) {
  if (name.size == 0 || name.size > 9 || (name.text[0] == '0' && name.size > 1)) return ~0u;
  u32 value = 0;
  for (u32 i = 0; i < name.size; ++i) {
    if (name.text[i] < '0' || name.text[i] > '9') return ~0u;
    value = value * 10 + static_cast<u32>(name.text[i] - '0');
  }
  return value;
}

}  // namespace

const char* current_path(File& file, Scratch& buffer) {
  static constexpr char kDeleted[] = " (deleted)";
  const char* opened = file.path();
  InodeFile* named = InodeFile::from(&file);
  if (opened == nullptr || named == nullptr || !buffer) return opened;
  if (named->inode().path(buffer.text()) > 0) return buffer.text();
  u64 size = std::strlen(opened);
  if (size + sizeof kDeleted > kPathBytes) return opened;
  std::memcpy(buffer.text(), opened, size);
  std::memcpy(buffer.text() + size, kDeleted, sizeof kDeleted);
  return buffer.text();
}

Name ProcPlace::name() const {
  return name_of(number[0] != '\0' ? number : node.name);
}

u32 ProcPlace::file_system() const {
  if (node.kind == ProcNode::Kind::directory && std::strcmp(node.name, "cgroup") == 0) return CGROUP2_SUPER_MAGIC;
  if (parent) return parent->file_system();
  return node.kind == ProcNode::Kind::processes ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
}

void ProcPlace::stat(const Kernel& kernel, abi::FileStat& result) const {
  result = {};
  result.device = kDevice;
  result.inode = number_of(node, subject);
  result.mode = type_bits(node.kind) | node.mode;
  result.links = node.kind == ProcNode::Kind::text || node.kind == ProcNode::Kind::link ? 1 : 2;
  result.user = kernel.process.user;
  result.group = kernel.process.group;
  result.accessed_ns = result.modified_ns = result.changed_ns = static_cast<i64>(realtime_ns());
}

long ProcDirectory::stat(abi::FileStat& result) {
  place.stat(kernel(), result);
  return 0;
}

Directory* ProcDirectory::container() const {
  return place.parent ? place.parent.get() : Inode::container();
}
Name ProcDirectory::name() const {
  return place.parent ? place.name() : Inode::name();
}

long ProcDirectory::make(const ProcNode& node, u32 subject, const char* number, Ref<Inode>& result) {
  Heap& heap = kernel().heap;
  if (node.kind == ProcNode::Kind::text || node.kind == ProcNode::Kind::link) {
    Type kind = node.kind == ProcNode::Kind::text ? Type::regular : Type::link;
    auto* inode = heap.make<ProcInode>(kernel(), kind, node, this, subject);
    result = Ref<Inode>(inode);
    if (inode == nullptr) return -ENOMEM;
    std::memcpy(inode->place.number, number, std::strlen(number) + 1);
    return 0;
  }
  auto* directory = heap.make<ProcDirectory>(kernel(), node, this, subject);
  result = Ref<Inode>(directory);
  if (directory == nullptr) return -ENOMEM;
  std::memcpy(directory->place.number, number, std::strlen(number) + 1);
  return 0;
}

long ProcDirectory::look_up(Name name, Ref<Inode>& result) {
  for (const ProcNode& child : place.node.children) {
    if (name.is(child.name)) return make(child, place.subject, "", result);
  }
  u32 number = parse(name);
  return number == ~0u ? -ENOENT : look_up_number(number, name, result);
}

long ProcDirectory::look_up_number(u32 number, Name name, Ref<Inode>& result) {
  Process& process = kernel().process;
  char text[12] = {};
  std::memcpy(text, name.text, name.size);
  switch (place.node.kind) {
    case ProcNode::Kind::processes:
      return number == process.id ? make(proc_process(), process.leader_id, text, result) : -ENOENT;
    case ProcNode::Kind::threads: {
      // The first thread goes by the number of the process, which changes with each reset.
      u32 subject = number == process.id ? process.leader_id : number;
      return process.find_thread(subject) != nullptr ? make(proc_thread(), subject, text, result) : -ENOENT;
    }
    case ProcNode::Kind::descriptors:
      if (!process.files.get(static_cast<int>(number))) return -ENOENT;
      result = Ref<Inode>(kernel().heap.make<DescriptorLink>(kernel(), *this, number));
      return result ? 0 : -ENOMEM;
    case ProcNode::Kind::descriptor_information:
      return process.files.get(static_cast<int>(number)) ? make(proc_descriptor(), number, text, result) : -ENOENT;
    default:
      return -ENOENT;
  }
}

/// Cursors: the index of the next child, then kNumbers plus the next number.
constexpr u64 kNumbers = 1u << 20;

long ProcDirectory::list(u64 cursor, DirectorySink& sink) {
  for (u64 i = cursor; i < place.node.children.size(); ++i) {
    const ProcNode& child = place.node.children[i];
    u8 child_type = directory_type(type_bits(child.kind));
    if (!sink.add(name_of(child.name), number_of(child, place.subject), child_type, i + 1)) return 0;
  }
  return list_numbers(cursor < kNumbers ? 0 : cursor - kNumbers, sink);
}

long ProcDirectory::list_numbers(u64 cursor, DirectorySink& sink) {
  Process& process = kernel().process;
  auto put = [&](u64 number, u32 mode) {
    Text<12> text;
    text.append_number(number);
    return number < cursor || sink.add({text.c_str(), text.size()}, number_of(place.node, static_cast<u32>(number)),
                                       directory_type(mode), kNumbers + number + 1);
  };
  ProcNode::Kind kind = place.node.kind;
  switch (kind) {
    case ProcNode::Kind::processes:
      put(process.id, kModeDirectory);
      break;
    case ProcNode::Kind::threads:
      for (Thread* each = process.threads.front(); each != nullptr; each = process.threads.next(*each)) {
        if (!put(each->id == process.leader_id ? process.id : each->id, kModeDirectory)) break;
      }
      break;
    case ProcNode::Kind::descriptors:
    case ProcNode::Kind::descriptor_information:
      for (int fd = process.files.next_open(0); fd >= 0; fd = process.files.next_open(fd + 1)) {
        if (!put(static_cast<u64>(fd), kind == ProcNode::Kind::descriptors ? kModeLink : kModeRegular)) break;
      }
      break;
    default:
      break;
  }
  return 0;
}

long ProcInode::stat(abi::FileStat& result) {
  place.stat(kernel(), result);
  return 0;
}

long ProcInode::open(u32 flags, Ref<File>& file) {
  return open_file<ProcFile>(kernel(), *this, flags, file);
}

long ProcInode::make_writable(bool, Ref<Inode>& result) {
  if ((place.node.mode & 0200) == 0) return -EACCES;
  result = Ref<Inode>(this);
  return 0;
}

void ProcInode::show(PageStore& store) {
  ProcText text(kernel(), place.subject, store);
  if (place.node.constant != nullptr) {
    text << place.node.constant;
  } else {
    place.node.show(text);
  }
}

long ProcInode::read_link(char* target, u64 capacity) {
  if (type != Type::link) return -EINVAL;
  PageStore store(kernel().heap);
  show(store);
  UserIo io = UserIo::from_kernel(target, smaller(capacity, store.size()));
  return store.read(io, 0);
}

long DescriptorLink::stat(abi::FileStat& result) {
  result = {};
  result.device = kDevice;
  result.inode = u64{1} << 40 | fd_;
  result.mode = kModeLink | 0700;
  result.links = 1;
  result.size = 64;  // as Linux says for all of them
  return 0;
}

Ref<File> DescriptorLink::linked_file() {
  return kernel().process.files.get(static_cast<int>(fd_));
}

long DescriptorLink::read_link(char* target, u64 capacity) {
  Ref<File> file = linked_file();
  if (!file) return -ENOENT;
  Scratch now(kernel().heap);
  const char* path = current_path(*file, now);
  Text<40> made_up;
  if (path == nullptr) {
    struct stat status;
    if (file->stat(status) != 0) return -ENOENT;
    u32 bits = status.st_mode & kModeType;
    made_up.append(bits == kModeSocket ? "socket:[" : bits == kModeFifo ? "pipe:[" : "anon_inode:[");
    made_up.append_number(status.st_ino).append(']');
    path = made_up.c_str();
  }
  u64 size = smaller(std::strlen(path), capacity);
  std::memcpy(target, path, size);  // NOLINT(bugprone-not-null-terminated-result): readlink(2) adds no NUL
  return static_cast<long>(size);
}

long ProcFile::pread(Thread&, UserIo& io, u64 offset) {
  if (offset == 0 || contents_.size() == 0) {
    (void)contents_.resize(0);
    proc_.show(contents_);
  }
  return contents_.read(io, offset);
}

long ProcFile::read(Thread& thread, UserIo& io) {
  long size = pread(thread, io, position_);
  if (size > 0) position_ += static_cast<u64>(size);
  return size;
}

long ProcFile::write(Thread&, UserIo& io) {
  constexpr u64 kMaxSetting = 127;  // longer than any that is kept
  char text[kMaxSetting + 1] = {};
  const ProcPlace& place = proc_.place;
  auto all = static_cast<long>(io.remaining());
  if (place.node.store == nullptr) return all;
  if (long copied = io.copy_in(text, kMaxSetting); copied < 0) return copied;
  long error = place.node.store(kernel(), place.subject, text);
  return error != 0 ? error : all;
}

long ProcFile::seek(Thread&, i64 offset, int whence) {
  // As seq_file: the end is not known before it is read.
  return whence == kSeekStart || whence == kSeekCurrent ? seek_to(offset, whence, 0) : -EINVAL;
}

}  // namespace mayfly::kernel
