#include "loop/mailbox.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mayfly::loop {

struct Mailbox::Address::Box {
  std::mutex mutex;
  std::vector<Work> work;
  UniqueFd signal{check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd()")};
  bool open = true;
  const std::thread::id thread = std::this_thread::get_id();
};

void Mailbox::Address::post(Work work) const {
  const std::lock_guard lock(box_->mutex);
  if (!box_->open) return;
  box_->work.push_back(std::move(work));
  if (box_->work.size() == 1) static_cast<void>(::eventfd_write(box_->signal.get(), 1));
}

bool Mailbox::Address::is_here() const {
  return box_->thread == std::this_thread::get_id();
}

class Mailbox::Reader final : public EventHandler {
 public:
  Reader(EventLoop& loop, std::shared_ptr<Address::Box> box) : loop_(loop), box_(std::move(box)) {
    // Edge-triggered, so that nobody has to read the signal.
    loop_.watch(box_->signal.get(), EPOLLIN | EPOLLET, *this);
  }
  ~Reader() override {
    loop_.unwatch(box_->signal.get());
    loop_.forget(*this);
    const std::lock_guard lock(box_->mutex);
    box_->open = false;
    box_->work.clear();
  }

  void on_events(std::uint32_t /*events*/) override {
    std::vector<Work> work;
    {
      const std::lock_guard lock(box_->mutex);
      work.swap(box_->work);
    }
    for (const Work& item : work) item();
  }

 private:
  EventLoop& loop_;
  std::shared_ptr<Address::Box> box_;
};

Mailbox::Mailbox(EventLoop& loop)
    : address_(std::make_shared<Address::Box>()), reader_(std::make_unique<Reader>(loop, address_.box_)) {}

Mailbox::~Mailbox() = default;

}  // namespace mayfly::loop
