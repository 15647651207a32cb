// One request to a backend, as libcurl makes it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "backend/failure.h"
#include "backend/multi.h"
#include "backend/settings.h"
#include "http/buffer.h"
#include "http/request_parser.h"
#include "http/response_parser.h"

namespace mayfly::backend {

/// Bodies are streamed both ways, and held back where the other side does not take them. Its destruction breaks it off.
/// Not thread-safe.
class Transfer final : public Multi::Client {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Something moved: the answer grew, the body was taken, or all is over. May destroy the transfer.
    virtual void on_transfer() = 0;
  };

  /// @param request read during the call only
  /// @param multi, settings, target, listener outlive this
  Transfer(Multi& multi, const Settings& settings, const Target& target, const http::RequestHead& request,
           Listener& listener);
  ~Transfer() override;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// To be called once, best after the body's first bytes. Throws Error. The listener may be called before it returns.
  void start();

  /// Bytes of the body that it takes now.
  [[nodiscard]] std::size_t body_room() const noexcept;
  /// @param bytes no more than body_room(), without framing
  void give_body(std::span<const std::byte> bytes);
  void end_body();
  /// The backend could be sent more of the body than there is.
  [[nodiscard]] bool wants_body() const noexcept { return send_paused_; }

  /// Of the final answer, once it is there; valid as long as this.
  [[nodiscard]] const http::ResponseHead* head() const noexcept { return has_head_ ? &parser_.head() : nullptr; }
  /// What has come of the answer's body, without framing.
  [[nodiscard]] std::span<const std::byte> answer() const noexcept { return answer_.readable(); }
  void consume_answer(std::size_t bytes);
  /// Nothing more comes.
  [[nodiscard]] bool over() const noexcept { return over_; }
  /// Once it is over: why the answer is not complete.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  [[nodiscard]] Failure timed_out() const;

  void ended(CURLcode result) override;
  void progressed() override { listener_.on_transfer(); }

 private:
  using Easy = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;
  using Fields = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* transfer);
  static std::size_t on_answer(char* bytes, std::size_t size, std::size_t count, void* transfer);
  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* transfer);
  static int on_seek(void* transfer, curl_off_t offset, int origin);
  static int on_request(void* transfer, char*, char*, int, int);

  void set_callbacks();
  [[nodiscard]] bool take_header(std::string_view line);
  [[nodiscard]] std::size_t take_answer(std::span<const std::byte> bytes);
  [[nodiscard]] std::size_t read_body(std::span<char> room);
  void forget_taken();
  void resume();
  [[nodiscard]] bool is_whole() const;

  Multi& multi_;
  const Settings& settings_;
  const Target& target_;
  Listener& listener_;
  Fields fields_{nullptr, &::curl_slist_free_all};
  Easy easy_{nullptr, &::curl_easy_cleanup};
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  bool running_ = false;  ///< added to `multi_`

  // Towards the backend.
  http::Buffer body_;
  std::size_t taken_ = 0;  ///< of `body_`: kept to be sent again
  bool body_ended_ = false;
  bool repeatable_ = false;  ///< nothing is lost if the request is sent twice
  unsigned attempts_ = 0;    ///< connections that it was sent over
  bool send_paused_ = false;

  // From the backend.
  http::Buffer head_text_;
  http::ResponseParser parser_;
  http::Buffer answer_;
  std::uint64_t answer_bytes_ = 0;
  bool to_head_ = false;
  bool has_head_ = false;
  bool receive_paused_ = false;

  bool over_ = false;
  std::optional<Failure> failure_;
};

}  // namespace mayfly::backend
