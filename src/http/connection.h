// A client's connection as its worker sees it.
#pragma once

#include <cstddef>

namespace mayfly::http {

/// Lives in a list of connections, which is told when it is over. Not thread-safe.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Lets requests that are under way come to their end, and closes then; at once if there are none.
  virtual void drain() = 0;
  /// Lets what the client may have sent already come and answers it, but nothing comes after that.
  virtual void retire() = 0;
  /// Cuts the connection.
  virtual void abort() = 0;

  /// Where its list keeps it.
  [[nodiscard]] std::size_t slot() const noexcept { return slot_; }
  void set_slot(std::size_t slot) noexcept { slot_ = slot; }

 private:
  std::size_t slot_ = 0;
};

}  // namespace mayfly::http
