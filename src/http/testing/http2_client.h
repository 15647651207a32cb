// A blocking HTTP/2 client that tests use. It makes its frames itself, so that they may be wrong ones.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/testing/test_client.h"

namespace mayfly::http::testing {

using Http2Fields = std::vector<std::pair<std::string, std::string>>;

struct Http2Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::int32_t id = 0;
  std::string payload;
};

/// What has come on one stream so far.
struct Http2Answer {
  int status = 0;
  std::vector<int> interim;                   ///< statuses
  std::map<std::string, std::string> fields;  ///< of the answer
  std::map<std::string, std::string> trailers;
  std::string body;
  bool ended = false;
  std::optional<std::uint32_t> reset;  ///< code of RST_STREAM
};

/// `length` bytes of a number, as they go over the wire.
[[nodiscard]] std::string big_endian(std::uint64_t number, int length);

/// Fields of a request for a path of host "a".
[[nodiscard]] Http2Fields request_for(std::string_view path, std::string_view method = "GET");

class Http2Client {
 public:
  /// Sends the preface over a connection that is there.
  /// @param settings payload of the first frame
  explicit Http2Client(TestClient connection, std::string_view settings = {});

  void send(const Http2Frame& frame);
  /// HEADERS with all of the fields.
  void send_head(std::int32_t id, const Http2Fields& fields, bool ends_request = true);
  void send_data(std::int32_t id, std::string_view payload, bool ends_request = false);
  [[nodiscard]] std::string compress(const Http2Fields& fields);
  /// Grants no more room for answers than there is by default.
  void withhold_windows() { grants_windows_ = false; }
  void grant(std::int32_t id, std::uint32_t bytes);

  /// Sends a request on the next stream. @return its id
  std::int32_t request(const Http2Fields& fields, std::string_view body = {});
  /// Reads until this stream has its answer, or a reset, or the server says good-bye or closes.
  const Http2Answer& answer(std::int32_t id);
  Http2Answer get(std::string_view path) { return answer(request(request_for(path))); }
  /// Reads one frame and notes what it says. @return whether there was one before the server closed
  bool receive();
  [[nodiscard]] const Http2Answer& so_far(std::int32_t id) { return answers_[id]; }
  /// Code of the last GOAWAY, and the last stream that it promises to serve.
  [[nodiscard]] std::optional<std::uint32_t> goaway() const { return goaway_; }
  [[nodiscard]] std::int32_t last_served() const { return last_served_; }
  /// Reads to the end of the connection.
  void receive_all();
  TestClient& connection() { return connection_; }

 private:
  void note(const Http2Frame& frame);
  void note_head(const Http2Frame& frame);
  [[nodiscard]] Http2Fields expand(std::string_view block);

  TestClient connection_;
  std::shared_ptr<nghttp2_hd_deflater> deflater_;
  std::shared_ptr<nghttp2_hd_inflater> inflater_;
  std::map<std::int32_t, Http2Answer> answers_;
  std::optional<std::uint32_t> goaway_;
  std::int32_t last_served_ = 0;
  std::int32_t next_id_ = 1;
  bool grants_windows_ = true;
};

}  // namespace mayfly::http::testing
