#include "guest/kernel/file/directory_file.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

/// Positions: 0 before ".", 1 before "..", then kNames plus the cursor of the directory.
constexpr u64 kNames = 2;

/// Writes struct linux_dirent64 records into the program's buffer.
class RecordWriter final : public DirectorySink {
 public:
  explicit RecordWriter(UserIo& io) : io_(io) {}

  bool add(Name name, u64 inode, u8 type, u64 cursor) override { return put(name, inode, type, kNames + cursor); }

  bool put(Name name, u64 inode, u8 type, u64 next_position) {
    struct Header {
      u64 inode;
      u64 next_position;
      u16 size;
      u8 type;
    } __attribute__((packed));
    u64 size = (sizeof(Header) + name.size + 1 + 7) & ~u64{7};
    if (size > io_.remaining()) {
      too_small_ = total_ == 0;
      return false;
    }
    alignas(8) u8 record[sizeof(Header) + kNameBytes + 8] = {};
    Header header{inode, next_position, static_cast<u16>(size), type};
    std::memcpy(record, &header, sizeof header);
    std::memcpy(record + sizeof header, name.text, name.size);
    if (io_.copy_out(record, size) != static_cast<long>(size)) {
      fault_ = true;
      return false;
    }
    total_ += static_cast<long>(size);
    position_ = next_position;
    return true;
  }

  [[nodiscard]] long result() const {
    if (total_ > 0) return total_;
    return fault_ ? -EFAULT : too_small_ ? -EINVAL : 0;
  }
  /// After the last record that was written.
  [[nodiscard]] u64 position() const { return position_; }
  void start_at(u64 position) { position_ = position; }

 private:
  UserIo& io_;
  long total_ = 0;
  u64 position_ = 0;
  bool fault_ = false;
  bool too_small_ = false;
};

u64 inode_number(Inode& inode) {
  abi::FileStat status{};
  return inode.stat(status) == 0 ? status.inode : 1;
}

}  // namespace

void DirectoryFile::destroy() {
  kernel().heap.destroy(this);
}

long DirectoryFile::seek(Thread&, i64 offset, int whence) {
  if (whence != kSeekStart && whence != kSeekCurrent) return -EINVAL;
  return seek_to(offset, whence, 0);
}

long DirectoryFile::list(Thread&, UserIo& io) {
  RecordWriter writer(io);
  writer.start_at(position_);
  constexpr u8 kDirectoryType = kModeDirectory >> 12;
  bool room = true;
  if (position_ == 0) room = writer.put({".", 1}, inode_number(directory_), kDirectoryType, 1);
  if (room && position_ <= 1) room = writer.put({"..", 2}, inode_number(directory_.parent()), kDirectoryType, kNames);
  if (room) {
    u64 cursor = position_ < kNames ? 0 : position_ - kNames;
    if (long error = list_names(cursor, writer); error != 0 && writer.result() == 0) return error;
  }
  position_ = writer.position();
  return writer.result();
}

}  // namespace mayfly::kernel
