#include "http/request_record.h"

#include <utility>

namespace mayfly::http {

void RequestRecord::open(std::uint64_t id, std::string_view method, std::string_view target,
                         loop::Clock::time_point now, std::uint64_t sent_bytes) {
  id_ = id;
  method_.assign(method);
  target_.assign(target);
  started_ = now;
  sent_before_ = sent_bytes;
  status_ = 0;
  open_ = true;
}

void RequestRecord::close(int status, std::string_view peer, std::uint64_t sent_bytes) {
  if (!std::exchange(open_, false)) return;
  status_ = status;
  stats_.responses[static_cast<std::size_t>(status) / 100].add();
  if (!options_.access_log) return;
  options_.access_log({.id = id_,
                       .peer = peer,
                       .method = method_,
                       .target = target_,
                       .status = status,
                       .sent_bytes = sent_bytes - sent_before_,
                       .duration = loop::Clock::now() - started_});
}

}  // namespace mayfly::http
