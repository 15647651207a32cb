// inotify(7). What the program itself does to files is told, but IN_ACCESS; changes by the host are not.
#include <asm/ioctls.h>
#include <linux/inotify.h>

#include <cstring>

#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kMaxEvents = 16'384;
constexpr u32 kMaxWatches = 65'536;

class InotifyFile final : public File {
 public:
  using File::File;
  ~InotifyFile() override;
  void destroy() override { kernel().heap.destroy(this); }
  static InotifyFile* from(File* file) {
    return file != nullptr && file->kind() == &kKind ? static_cast<InotifyFile*>(file) : nullptr;
  }

  /// @return the watch's descriptor, or -errno
  long add_watch(const Ref<Inode>& inode, u32 mask);
  long remove_watch(i32 descriptor);

  long read(Thread& thread, UserIo& io) override;
  long ioctl(Thread& thread, u32 command, u64 argument) override;
  [[nodiscard]] u32 poll() override { return events_.empty() ? 0u : EPOLLIN; }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] const char* path() const override { return "anon_inode:inotify"; }

 private:
  struct Watch final : InodeWatch, ListNode<> {
    Watch(InotifyFile& file, const Ref<Inode>& watched, i32 number, u32 events)
        : owner(file), inode(watched), descriptor(number), mask(events) {}
    void happened(u32 event, Name name, u32 cookie) override;
    void inode_removed() override { owner.drop(*this); }

    InotifyFile& owner;
    Ref<Inode> inode;
    const i32 descriptor;
    u32 mask;
  };
  /// The padded name follows.
  struct Event : ListNode<> {
    inotify_event header{};
    [[nodiscard]] char* name() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] u64 bytes() const { return sizeof(Event) + header.len; }
  };

  static constexpr char kKind = 0;
  void post(i32 descriptor, u32 mask, u32 cookie, Name name);
  void append(i32 descriptor, u32 mask, u32 cookie, Name name);
  void release(Event& event);
  void drop(Watch& watch);

  List<Watch> watches_;
  List<Event> events_;
  Event* last_ = nullptr;  // of events_
  u32 event_count_ = 0;
  u32 watch_count_ = 0;
  i32 last_descriptor_ = 0;
};

InotifyFile::~InotifyFile() {
  while (Watch* watch = watches_.pop_front()) kernel().heap.destroy(watch);
  while (Event* event = events_.front()) release(*event);
}

void InotifyFile::release(Event& event) {
  if (last_ == &event) last_ = nullptr;
  --event_count_;
  u64 bytes = event.bytes();
  event.~Event();
  kernel().heap.release(&event, bytes);
}

/// The watch goes, and its owner learns of that.
void InotifyFile::drop(Watch& watch) {
  post(watch.descriptor, IN_IGNORED, 0, {});
  --watch_count_;
  kernel().heap.destroy(&watch);
}

void InotifyFile::Watch::happened(u32 event, Name name, u32 cookie) {
  if ((mask & event & IN_ALL_EVENTS) == 0) return;
  owner.post(descriptor, event, cookie, name);
  if ((mask & IN_ONESHOT) != 0) owner.drop(*this);
}

void InotifyFile::post(i32 descriptor, u32 mask, u32 cookie, Name name) {
  if (last_ != nullptr && last_->header.wd == descriptor && last_->header.mask == mask &&
      last_->header.cookie == cookie && Name{last_->name(), static_cast<u32>(std::strlen(last_->name()))} == name) {
    return;  // inotify(7): the same as the last one, which was not read yet
  }
  if (event_count_ < kMaxEvents) {
    append(descriptor, mask, cookie, name);
  } else if (last_ != nullptr && last_->header.mask != IN_Q_OVERFLOW) {
    append(-1, IN_Q_OVERFLOW, 0, {});
  }
  waiters.wake(EPOLLIN);
}

void InotifyFile::append(i32 descriptor, u32 mask, u32 cookie, Name name) {
  constexpr u32 kUnit = sizeof(inotify_event);
  u32 padded = name.size == 0 ? 0 : (name.size + kUnit) / kUnit * kUnit;
  // One byte more, so that a name always has an end.
  void* memory = kernel().heap.allocate(sizeof(Event) + padded + (padded == 0 ? 1 : 0));
  if (memory == nullptr) return;
  auto* event = new (memory) Event;
  event->header = {};
  event->header.wd = descriptor;
  event->header.mask = mask;
  event->header.cookie = cookie;
  event->header.len = padded;
  if (name.size != 0) std::memcpy(event->name(), name.text, name.size);
  events_.push_back(*event);
  last_ = event;
  ++event_count_;
}

long InotifyFile::add_watch(const Ref<Inode>& inode, u32 mask) {
  u32 events = mask & (IN_ALL_EVENTS | IN_ONESHOT);
  for (Watch* watch = watches_.front(); watch != nullptr; watch = watches_.next(*watch)) {
    if (!(watch->inode == inode)) continue;
    if ((mask & IN_MASK_CREATE) != 0) return -EEXIST;
    watch->mask = (mask & IN_MASK_ADD) != 0 ? watch->mask | events : events;
    return watch->descriptor;
  }
  if (watch_count_ >= kMaxWatches) return -ENOSPC;
  auto* watch = kernel().heap.make<Watch>(*this, inode, ++last_descriptor_, events);
  if (watch == nullptr) return -ENOMEM;
  inode->watches.push_back(*watch);
  watches_.push_back(*watch);
  ++watch_count_;
  return watch->descriptor;
}

long InotifyFile::remove_watch(i32 descriptor) {
  Watch* watch = watches_.front();
  while (watch != nullptr && watch->descriptor != descriptor) watch = watches_.next(*watch);
  if (watch == nullptr) return -EINVAL;
  drop(*watch);
  return 0;
}

long InotifyFile::read(Thread& thread, UserIo& io) {
  while (events_.empty()) {
    if (nonblocking()) return -EAGAIN;
    if (long error = thread.wait(waiters); error != 0) return error;
  }
  long total = 0;
  while (Event* event = events_.front()) {
    u64 size = sizeof event->header + event->header.len;
    if (size > io.remaining()) break;
    long copied = io.copy_out(&event->header, sizeof event->header);
    if (copied > 0 && event->header.len != 0) copied = io.copy_out(event->name(), event->header.len);
    if (copied < 0) return total > 0 ? total : copied;
    total += static_cast<long>(size);
    release(*event);
  }
  return total > 0 ? total : -EINVAL;
}

long InotifyFile::ioctl(Thread&, u32 command, u64 argument) {
  if (command != FIONREAD) return -ENOTTY;
  i32 waiting = 0;
  for (Event* event = events_.front(); event != nullptr; event = events_.next(*event)) {
    waiting += static_cast<i32>(sizeof event->header + event->header.len);
  }
  return write_user(argument, waiting) ? 0 : -EFAULT;
}

long create(Thread& thread, u64 flags) {
  if ((flags & ~u64{IN_CLOEXEC | IN_NONBLOCK}) != 0) return -EINVAL;
  Kernel& kernel = thread.kernel;
  Ref<File> file(kernel.heap.make<InotifyFile>(kernel, static_cast<u32>(flags & IN_NONBLOCK)));
  return file ? thread.process.files.add(std::move(file), (flags & IN_CLOEXEC) != 0) : -ENOMEM;
}

}  // namespace

MAYFLY_SYSCALL(inotify_init) {
  return create(thread, 0);
}
MAYFLY_SYSCALL(inotify_init1) {
  return create(thread, args[0]);
}

MAYFLY_SYSCALL(inotify_add_watch) {
  constexpr u32 kBoth = IN_MASK_ADD | IN_MASK_CREATE;
  auto mask = static_cast<u32>(args[2]);
  if ((mask & IN_ALL_EVENTS) == 0 || (mask & kBoth) == kBoth) return -EINVAL;
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  InotifyFile* inotify = InotifyFile::from(file.get());
  if (inotify == nullptr) return -EINVAL;
  Lookup lookup;
  bool follow = (mask & IN_DONT_FOLLOW) == 0;
  if (long error = look_up_at(thread, AT_FDCWD, args[1], 0, follow, lookup); error != 0) return error;
  if (!lookup.inode) return -EINVAL;
  if ((mask & IN_ONLYDIR) != 0 && lookup.inode->as_directory() == nullptr) return -ENOTDIR;
  return inotify->add_watch(lookup.inode, mask);
}

MAYFLY_SYSCALL(inotify_rm_watch) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  InotifyFile* inotify = InotifyFile::from(file.get());
  return inotify == nullptr ? -EINVAL : inotify->remove_watch(static_cast<i32>(args[1]));
}

}  // namespace mayfly::kernel
