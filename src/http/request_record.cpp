#include "http/request_record.h"

#include <utility>

namespace mayfly::http {

void RequestRecord::open(const Name& name, const RequestHead* head, loop::Clock::time_point now,
                         std::uint64_t sent_bytes) {
  number_ = name.number;
  id_.assign(name.id);
  method_.assign(head != nullptr ? head->method : std::string_view());
  target_.assign(head != nullptr ? head->target : std::string_view());
  if (options_.access_log) {
    host_.assign(head != nullptr ? head->host : std::string_view());
    user_agent_.assign(head != nullptr ? head->fields->find("User-Agent").value_or("") : std::string_view());
  }
  started_ = now;
  queued_ = {};
  queue_time_ = {};
  sent_before_ = sent_bytes;
  status_ = 0;
  has_machine_ = false;
  open_ = true;
}

void RequestRecord::note_leased(loop::Clock::time_point now) noexcept {
  if (queued_ != loop::Clock::time_point()) queue_time_ = now - queued_;
  leased_ = now;
  has_machine_ = true;
}

void RequestRecord::close(int status, std::string_view peer, std::uint64_t sent_bytes, const RunTimes& runs) {
  if (!std::exchange(open_, false)) return;
  status_ = status;
  stats_.responses[status].add();
  const auto now = loop::Clock::now();
  count_times(runs, now);
  if (options_.access_log) tell(peer, sent_bytes, runs, now);
}

void RequestRecord::count_times(const RunTimes& runs, loop::Clock::time_point now) {
  const bool is_tunnel = status_ == 101 || method_.empty();  // as long as its connection
  if (!has_machine_ || !runs.any || is_tunnel) return;
  stats_.times.whole.add(now - started_);
  stats_.times.queue.add(queue_time_);
  stats_.times.enter.add(runs.entered - leased_);
  stats_.times.guest.add(runs.inside);
  stats_.times.exit.add(now - runs.left);
}

void RequestRecord::tell(std::string_view peer, std::uint64_t sent_bytes, const RunTimes& runs,
                         loop::Clock::time_point now) const {
  options_.access_log({.time = std::chrono::system_clock::now() - (now - started_),
                       .number = number_,
                       .id = id_,
                       .peer = peer,
                       .method = method_,
                       .target = target_,
                       .host = host_,
                       .user_agent = user_agent_,
                       .status = status_,
                       .sent_bytes = sent_bytes - sent_before_,
                       .duration = now - started_,
                       .queue = queue_time_,
                       .guest = has_machine_ ? runs.inside : loop::Clock::duration()});
}

}  // namespace mayfly::http
