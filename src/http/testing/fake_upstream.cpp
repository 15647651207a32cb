#include "http/testing/fake_upstream.h"

#include <algorithm>
#include <stdexcept>

namespace mayfly::http::testing {

bool Wire::write(std::string_view& text) {
  const std::size_t taken = std::min(text.size(), out_capacity - out.size());
  out.append(text.substr(0, taken));
  text.remove_prefix(taken);
  return text.empty();
}

class FakeUpstream final : public Upstream {
 public:
  FakeUpstream(FakePool& pool, const Program& program, std::size_t in_capacity, std::size_t out_capacity)
      : pool_(pool), script_(program(wire_)) {
    wire_.in_capacity = in_capacity;
    wire_.out_capacity = out_capacity;
  }
  ~FakeUpstream() override { pool_.give_back(ending_); }

  std::size_t send(std::span<const std::byte> bytes) override {
    const std::size_t taken = std::min(bytes.size(), wire_.in_capacity - wire_.in.size());
    wire_.in.append(reinterpret_cast<const char*>(bytes.data()), taken);
    return taken;
  }
  void send_eof() override { wire_.eof = true; }

  Progress run() override {
    pool_.figures_.runs.fetch_add(1);
    if (pool_.figures_.on_run) pool_.figures_.on_run();
    if (script_.done()) return Progress::waiting;
    const Progress progress = script_.resume();
    if (!script_.done()) return progress;
    wire_.closed = true;
    return Progress::waiting;
  }

  std::span<const std::byte> received() override {
    // In two pieces, as a ring shows what wraps around its end.
    const std::size_t half = (wire_.out.size() + 1) / 2;
    return std::as_bytes(std::span(wire_.out)).first(half);
  }
  void consume(std::size_t bytes) override { wire_.out.erase(0, bytes); }
  [[nodiscard]] bool peer_closed() const override { return wire_.closed; }
  [[nodiscard]] std::optional<loop::Clock::time_point> wake_at() const override { return wire_.wake_at; }
  [[nodiscard]] bool waits_for_outside() const override { return wire_.waits_for_outside; }
  void set_on_ready(std::function<void()> on_ready) override { wire_.on_ready = std::move(on_ready); }
  void keep() override { pool_.figures_.kept.fetch_add(1); }
  [[nodiscard]] std::string_view failure() const override { return wire_.failure; }
  void finish(const Outcome& outcome) override { ending_ = outcome.ending; }

 private:
  FakePool& pool_;
  Wire wire_;
  Script script_;
  Ending ending_ = Ending::out_of_hand;
};

std::unique_ptr<Upstream> FakePool::try_acquire(const RequestInfo& request) {
  if (figures_.leased.load() >= machines_) return nullptr;
  if (figures_.throws) throw std::runtime_error("out of guest memory");
  figures_.leased.fetch_add(1);
  figures_.acquired.fetch_add(1);
  {
    const std::lock_guard lock(figures_.mutex);
    figures_.requests.push_back(request);
  }
  return std::make_unique<FakeUpstream>(*this, program_, in_capacity_, out_capacity_);
}

void FakePool::give_back(Ending ending) {
  if (figures_.on_give_back) figures_.on_give_back();
  {
    const std::lock_guard lock(figures_.mutex);
    figures_.endings.push_back(ending);
  }
  const bool none_was_free = figures_.leased.fetch_sub(1) == machines_;
  if (none_was_free && on_free_) on_free_();
}

}  // namespace mayfly::http::testing
