// A server whose snapshot is renewed, and a file that its program reads at each start.
#pragma once

#include <csignal>
#include <string>

#include "cli/test_folder.h"
#include "server.h"

namespace mayfly::e2e {

/// The C++ server of these tests, with $START_FILE. Methods fail the test, or throw, when patience is lost.
class RenewedServer {
 public:
  /// The file says "one" at the first start.
  explicit RenewedServer(Strings options = {});

  /// What the program finds when it starts next; see programs/start_value.h.
  void write(const std::string& value) const { folder_.write("start", value); }
  /// Sends SIGHUP.
  void hang_up() { server_.process().signal(SIGHUP); }
  /// Sends SIGHUP and waits until the snapshot is new.
  void refresh();
  /// Waits until the log has this text that often.
  void wait_for_log(const std::string& text, unsigned times = 1);
  [[nodiscard]] unsigned times_in_log(const std::string& text) const;
  /// Waits until a request is answered with this.
  void wait_for_answer(const std::string& path, const std::string& body);
  /// Sends a request to the address of --admin.
  [[nodiscard]] Response ask_admin(const std::string& method, const std::string& path);

  [[nodiscard]] Server& server() { return server_; }

 private:
  static Strings with_file(Strings options, const std::string& file);

  cli::TestFolder folder_;
  Server server_;
};

inline constexpr const char* kBegun = "refreshing the snapshot";
inline constexpr const char* kRefreshed = "the snapshot is refreshed";
inline constexpr const char* kNotRefreshed = "the snapshot is not refreshed";

}  // namespace mayfly::e2e
