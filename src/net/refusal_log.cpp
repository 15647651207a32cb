#include "net/refusal_log.h"

namespace mayfly::net {

void RefusalLog::refused(const std::string& sentence) {
  std::lock_guard lock(mutex_);
  if (sentences_.size() >= kMaxSentences || !sentences_.insert(sentence).second) return;
  sink_(sentence);
}

}  // namespace mayfly::net
