#include "http/testing/wire_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "http/body_decoder.h"
#include "http/message_writer.h"
#include "http/request_parser.h"
#include "http/response_parser.h"
#include "http/trailers.h"

namespace mayfly::http::testing {

namespace {

/// Bytes that have arrived and are not used yet. They fill their memory, so that a sanitizer sees who reads beyond, and
/// are elsewhere after each change, so that it sees who keeps a view.
class Arrived {
 public:
  void append(std::string_view piece) { replace(text(), piece); }
  void consume(std::size_t bytes) {
    if (bytes > 0) replace(text().substr(bytes), {});
  }
  [[nodiscard]] std::string_view text() const { return {memory_.get(), size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(memory_.get(), size_)); }

 private:
  void replace(std::string_view kept, std::string_view added) {
    auto memory = std::make_unique<char[]>(kept.size() + added.size());
    std::copy(kept.begin(), kept.end(), memory.get());
    std::copy(added.begin(), added.end(), memory.get() + kept.size());
    size_ = kept.size() + added.size();
    memory_ = std::move(memory);
  }

  std::unique_ptr<char[]> memory_ = std::make_unique<char[]>(0);
  std::size_t size_ = 0;
};

std::string framing_text(Framing framing, std::uint64_t length) {
  switch (framing) {
    case Framing::none:
      return "none";
    case Framing::length:
      return fmt::format("length={}", length);
    case Framing::chunked:
      return "chunked";
    case Framing::until_close:
      break;
  }
  return "until-close";
}

/// The fields of a written head but for those at its end that the gateway adds; all of them if it has added others.
std::string field_lines(std::string_view head, const std::vector<std::string>& added) {
  WrittenHead written = split_head(head);
  if (!written.problem.empty()) return "problem " + written.problem + "\n";
  std::vector<std::string> lines;
  for (const Field& field : written.fields) lines.push_back(fmt::format("{}: {}", field.name, field.value));
  if (lines.size() >= added.size() && std::equal(added.rbegin(), added.rend(), lines.rbegin())) {
    lines.resize(lines.size() - added.size());
  }
  std::string text;
  for (const std::string& line : lines) text += "field " + escaped(line) + "\n";
  return text;
}

std::string framing_field(Framing framing, std::uint64_t length) {
  return framing == Framing::chunked ? "Transfer-Encoding: chunked" : fmt::format("Content-Length: {}", length);
}

std::string forwarded_fields(const RequestHead& head) {
  Buffer out;
  write_request_head(head, {}, out);
  std::vector<std::string> added;
  if (!head.fields->find("X-Forwarded-Proto")) added.emplace_back("X-Forwarded-Proto: http");
  if (!head.fields->find("X-Forwarded-Host")) added.push_back(fmt::format("X-Forwarded-Host: {}", head.host));
  if (head.framing != Framing::none || head.fields->find("Content-Length")) {
    added.push_back(framing_field(head.framing, head.content_length));
  }
  added.emplace_back("Connection: keep-alive");
  std::string lines = field_lines(out.text(), added);
  const std::string host = "field " + escaped(fmt::format("Host: {}", head.host)) + "\n";
  if (lines.starts_with(host)) lines.erase(0, host.size());
  return lines;
}

std::string answered_fields(const ResponseHead& head) {
  const ResponseFraming to_client = frame_response(head, true, 1);
  Buffer out;
  write_response_head(head, to_client, "today", out);
  std::vector<std::string> added;
  if (!head.fields->find("Date")) added.emplace_back("Date: today");
  const bool declared = head.has_content_length && head.framing == Framing::none && head.status != 204;
  if (declared || to_client.framing != Framing::none) {
    added.push_back(framing_field(to_client.framing, head.content_length));
  }
  return field_lines(out.text(), added);
}

/// What requests and responses have in common: heads and bodies that take turns.
class Reader {
 public:
  explicit Reader(const Limits& limits) : limits_(limits) {}
  virtual ~Reader() = default;

  void feed(std::string_view piece) {
    arrived_.append(piece);
    while (!over_ && (in_body_ ? read_body() : read_head())) {
    }
  }

 protected:
  /// @return whether there may be more to read
  virtual bool read_head() = 0;
  virtual void body_refused(int status) = 0;
  virtual void body_complete() = 0;

  void start_body(Framing framing, std::uint64_t length) {
    body_.start(framing, length, limits_.trailer_bytes);
    payload_.clear();
    in_body_ = true;
  }

  bool read_body() {
    const BodyDecoder::Piece piece = body_.next(arrived_.bytes());
    payload_.append(reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size());
    arrived_.consume(piece.consumed);
    if (!body_.error().empty()) {
      body_refused(400);
    } else if (body_.payload_bytes() > limits_.body_bytes) {
      body_refused(413);
    } else if (body_.complete()) {
      in_body_ = false;
      if (!payload_.empty()) lines_ += "body " + escaped(payload_) + "\n";
      for_each_trailer(body_.trailers(), [this](const Field& field) {
        lines_ += fmt::format("trailer {}: {}\n", field.name, escaped(field.value));
      });
      body_complete();
    } else {
      return piece.consumed > 0;
    }
    return !over_;
  }

  const Limits& limits_;
  Arrived arrived_;
  BodyDecoder body_;
  std::string payload_;
  std::string lines_;
  bool in_body_ = false;
  bool over_ = false;
};

class RequestReader final : public Reader {
 public:
  explicit RequestReader(const Limits& limits) : Reader(limits), parser_(limits) {}

  std::string finish() {
    if (!over_ && (in_body_ || !arrived_.text().empty())) lines_ += "incomplete\n";
    return lines_;
  }

 private:
  bool read_head() override {
    const HeadParser::Result result = parser_.parse(arrived_.text());
    if (result == HeadParser::Result::incomplete) return false;
    if (result == HeadParser::Result::invalid) {
      body_refused(parser_.refusal().status);
      return false;
    }
    const RequestHead& head = parser_.head();
    closes_ = !head.keep_alive;
    lines_ += fmt::format("accept {} {} HTTP/1.{} host={} {} {}{}\n", head.method, escaped(head.target),
                          head.minor_version, head.host, framing_text(head.framing, head.content_length),
                          closes_ ? "close" : "keep-alive", head.expects_continue ? " expects-continue" : "");
    lines_ += forwarded_fields(head);
    start_body(head.framing, head.content_length);
    arrived_.consume(parser_.head_bytes());
    parser_.reset();
    return true;
  }

  void body_refused(int status) override {
    lines_ += fmt::format("refuse {}\n", status);
    over_ = true;
  }
  void body_complete() override { over_ = closes_; }

  RequestParser parser_;
  bool closes_ = false;
};

class ResponseReader final : public Reader {
 public:
  ResponseReader(const ResponseSetting& setting, const Limits& limits)
      : Reader(limits), parser_(limits), setting_(setting) {
    parser_.expect(setting.to_head);
  }

  std::string finish() {
    if (in_body_ && !over_ && setting_.closes) {
      body_.end_of_input();
      read_body();
    }
    if (!over_) lines_ += "incomplete\n";
    if (complete_ && !arrived_.text().empty()) lines_ += fmt::format("surplus {}\n", arrived_.text().size());
    return lines_;
  }

 private:
  bool read_head() override {
    const HeadParser::Result result = parser_.parse(arrived_.text());
    if (result == HeadParser::Result::incomplete) return false;
    if (result == HeadParser::Result::invalid) {
      body_refused(502);
      return false;
    }
    const ResponseHead& head = parser_.head();
    if (head.status < 200) {
      lines_ += fmt::format("interim {}\n", head.status);
    } else {
      take(head);
    }
    arrived_.consume(parser_.head_bytes());
    if (!in_body_) parser_.expect(setting_.to_head);
    return true;
  }

  void take(const ResponseHead& head) {
    std::string framing = framing_text(head.framing, head.content_length);
    if (head.framing == Framing::none && head.has_content_length) framing += fmt::format("={}", head.content_length);
    lines_ += fmt::format("accept {} {} {} reason={}\n", head.status, framing, head.keep_alive ? "keep-alive" : "close",
                          escaped(head.reason));
    lines_ += answered_fields(head);
    start_body(head.framing, head.content_length);
  }

  void body_refused(int) override {
    lines_ += "refuse\n";
    over_ = true;
  }
  void body_complete() override { complete_ = over_ = true; }

  ResponseParser parser_;
  ResponseSetting setting_;
  bool complete_ = false;
};

}  // namespace

Pieces whole(std::string_view bytes) {
  return {bytes};
}

Pieces in_pieces(std::string_view bytes, std::size_t size) {
  Pieces pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

Pieces cut_at(std::string_view bytes, std::size_t position) {
  return {bytes.substr(0, position), bytes.substr(position)};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    static constexpr std::string_view kEscaped = "\r\n\t\\";
    if (const std::size_t at = kEscaped.find(c); at != std::string_view::npos) {
      out += {'\\', "rnt\\"[at]};
    } else if (byte == 0) {
      out += "\\0";
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (out.ends_with(' ')) out.replace(out.size() - 1, 1, "\\s");
  return out;
}

std::string read_requests(const Pieces& pieces, const Limits& limits) {
  RequestReader reader(limits);
  for (const std::string_view piece : pieces) reader.feed(piece);
  return reader.finish();
}

std::string read_response(const Pieces& pieces, const ResponseSetting& setting, const Limits& limits) {
  ResponseReader reader(setting, limits);
  for (const std::string_view piece : pieces) reader.feed(piece);
  return reader.finish();
}

WrittenHead split_head(std::string_view head) {
  WrittenHead written;
  for (bool first = true; !head.empty(); first = false) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return {{}, {}, "the head does not end in CRLF"};
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return {{}, {}, "a line of the head has a CR, LF or NUL within"};
    }
    if (line.empty()) {
      if (!head.empty()) written.problem = "the head has an empty line within";
      return written;
    }
    const std::size_t colon = line.find(": ");
    if (first) {
      written.start_line = line;
    } else if (colon == std::string_view::npos) {
      return {{}, {}, "a line of the head is no field"};
    } else {
      written.fields.push_back({line.substr(0, colon), line.substr(colon + 2)});
    }
  }
  written.problem = "the head does not end in an empty line";
  return written;
}

}  // namespace mayfly::http::testing
