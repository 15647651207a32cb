#include "backend/transfer.h"

#include <algorithm>
#include <cstring>

#include "backend/request_options.h"

namespace mayfly::backend {
namespace {

/// Held of each body beyond what the other side has taken.
constexpr std::size_t kBodyBytes = 64 * 1024;
/// Of a body that has been sent, kept to be sent again.
constexpr std::size_t kRepeatBytes = 64 * 1024;

}  // namespace

Transfer::Transfer(Multi& multi, const Settings& settings, const Target& target, const http::RequestHead& request,
                   Listener& listener)
    : multi_(multi),
      settings_(settings),
      target_(target),
      listener_(listener),
      fields_(make_fields(request), &::curl_slist_free_all),
      easy_(::curl_easy_init(), &::curl_easy_cleanup),
      repeatable_(is_idempotent(request.method)),
      parser_(settings.limits),
      to_head_(request.method == "HEAD") {
  if (!easy_) throw Error("a request to a backend cannot be made: libcurl has no memory");
  body_ended_ = request.framing == http::Framing::none;
  parser_.expect(to_head_);
  set_options(easy_.get(), settings, target, request);
  set_callbacks();
}

Transfer::~Transfer() {
  if (running_) multi_.cancel(easy_.get());
}

void Transfer::set_callbacks() {
  CURL* easy = easy_.get();
  ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_.get());
  ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  ::curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<Multi::Client*>(this));
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_answer);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
  ::curl_easy_setopt(easy, CURLOPT_READDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
  ::curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_request);
  ::curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
}

void Transfer::start() {
  running_ = true;
  multi_.start(easy_.get());
}

std::size_t Transfer::body_room() const noexcept {
  const std::size_t held = body_.size() - taken_;
  return body_ended_ || over_ || held >= kBodyBytes ? 0 : kBodyBytes - held;
}

void Transfer::give_body(std::span<const std::byte> bytes) {
  body_.append(bytes);
  if (send_paused_ && !bytes.empty()) {
    send_paused_ = false;
    resume();
  }
}

void Transfer::end_body() {
  body_ended_ = true;
  if (!send_paused_) return;
  send_paused_ = false;
  resume();
}

void Transfer::consume_answer(std::size_t bytes) {
  answer_.consume(bytes);
  if (!receive_paused_ || answer_.size() >= kBodyBytes / 2) return;
  receive_paused_ = false;
  resume();
}

void Transfer::resume() {
  if (!running_) return;
  const int directions = (send_paused_ ? CURLPAUSE_SEND : 0) | (receive_paused_ ? CURLPAUSE_RECV : 0);
  multi_.pause(easy_.get(), directions);
}

std::size_t Transfer::on_header(char* bytes, std::size_t, std::size_t count, void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  self.multi_.touch(self);
  return self.take_header({bytes, count}) ? count : 0;
}

/// Heads of interim answers are dropped, and trailers, which also come here.
bool Transfer::take_header(std::string_view line) {
  if (has_head_) return true;
  head_text_.append(line);
  switch (parser_.parse(head_text_.text())) {
    case http::HeadParser::Result::incomplete:
      return true;
    case http::HeadParser::Result::invalid:
      failure_ = not_http(target_, parser_.refusal().sentence);
      return false;
    case http::HeadParser::Result::complete:
      break;
  }
  if (parser_.head().status == 101) {
    failure_ = not_http(target_, "it switches protocols without being asked to");
    return false;
  }
  if (parser_.head().status >= 200) {
    has_head_ = true;
  } else {
    head_text_.clear();
    parser_.expect(to_head_);
  }
  return true;
}

std::size_t Transfer::on_answer(char* bytes, std::size_t, std::size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->take_answer(std::as_bytes(std::span(bytes, count)));
}

std::size_t Transfer::take_answer(std::span<const std::byte> bytes) {
  multi_.touch(*this);
  if (answer_.size() >= kBodyBytes) {
    receive_paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  answer_.append(bytes);
  answer_bytes_ += bytes.size();
  return bytes.size();
}

std::size_t Transfer::on_read(char* room, std::size_t size, std::size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->read_body(std::span(room, size * count));
}

std::size_t Transfer::read_body(std::span<char> room) {
  multi_.touch(*this);
  const auto left = body_.readable().subspan(taken_);
  if (left.empty()) {
    if (body_ended_) return 0;
    send_paused_ = true;
    return CURL_READFUNC_PAUSE;
  }
  const std::size_t bytes = std::min(left.size(), room.size());
  std::memcpy(room.data(), left.data(), bytes);
  taken_ += bytes;
  forget_taken();
  return bytes;
}

/// A request is sent again from its beginning or not at all.
void Transfer::forget_taken() {
  if (taken_ > kRepeatBytes) repeatable_ = false;
  if (repeatable_) return;
  body_.consume(taken_);
  taken_ = 0;
}

int Transfer::on_seek(void* transfer, curl_off_t offset, int origin) {
  auto& self = *static_cast<Transfer*>(transfer);
  if (!self.repeatable_ || offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_FAIL;
  self.taken_ = 0;
  return CURL_SEEKFUNC_OK;
}

/// Called each time that the request is about to be sent. libcurl sends any request again that a kept-alive connection
/// has not answered; whether the backend has seen it, it cannot know.
int Transfer::on_request(void* transfer, char*, char*, int, int) {
  auto& self = *static_cast<Transfer*>(transfer);
  self.multi_.touch(self);
  if (++self.attempts_ == 1 || self.repeatable_) return CURL_PREREQFUNC_OK;
  self.failure_ = not_repeated(self.target_);
  return CURL_PREREQFUNC_ABORT;
}

Failure Transfer::timed_out() const {
  return backend::timed_out(target_, settings_, attempts_ > 0);
}

/// Even if the connection failed: a backend may answer early, and then refuse the rest of the body.
bool Transfer::is_whole() const {
  if (!has_head_) return false;
  const http::ResponseHead& answer = parser_.head();
  return answer.framing == http::Framing::none ||
         (answer.framing == http::Framing::length && answer_bytes_ == answer.content_length);
}

void Transfer::ended(CURLcode result) {
  running_ = false;
  over_ = true;
  if (failure_ || is_whole()) return;
  if (result == CURLE_OK && has_head_) return;
  long os_error = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
  if (result == CURLE_OPERATION_TIMEDOUT) {
    failure_ = timed_out();
  } else if (result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_WEIRD_SERVER_REPLY || result == CURLE_OK) {
    failure_ = not_http(target_, "it has no head");
  } else {
    failure_ = failed(target_, result, os_error, error_text_.data());
  }
}

}  // namespace mayfly::backend
