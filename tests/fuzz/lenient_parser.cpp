#include "fuzz/lenient_parser.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "fuzz/invariants.h"

namespace mayfly::fuzz {

namespace {

constexpr std::string_view kBlanks("\t\r\v\f \0", 6);

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

class CarelessReader {
 public:
  CarelessReader(std::string_view bytes, const Carelessness& carelessness)
      : rest_(bytes), carelessness_(carelessness) {}

  std::optional<LenientRequest> next() {
    std::optional<std::string> line = take_line();
    while (line && trimmed(*line).empty()) line = take_line();
    if (!line) return std::nullopt;
    LenientRequest request;
    const std::size_t first = line->find_first_of(kBlanks);
    const std::size_t last = line->find_last_of(kBlanks);
    if (first == last) return std::nullopt;
    request.method = line->substr(0, first);
    request.target = trimmed(std::string_view(*line).substr(first, last - first));
    if (!take_fields()) return std::nullopt;
    request.host = fields_["host"];
    const bool chunked = lower_case(fields_["transfer-encoding"]).find("chunked") != std::string::npos;
    const bool has_length = fields_.contains("content-length");
    const bool complete = chunked && !(has_length && carelessness_.length_wins)
                              ? take_chunks(request.body)
                              : take(number(fields_["content-length"], 10), request.body);
    if (!complete) return std::nullopt;
    return request;
  }

 private:
  std::optional<std::string> take_line() {
    const std::size_t end = rest_.find_first_of(carelessness_.cr_ends_lines ? "\r\n" : "\n");
    if (end == std::string_view::npos) return std::nullopt;
    std::string line(rest_.substr(0, end));
    const bool crlf = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(end + (crlf ? 2 : 1));
    while (line.ends_with('\r')) line.pop_back();
    return line;
  }

  bool take_fields() {
    fields_.clear();
    std::string name;
    for (;;) {
      const std::optional<std::string> line = take_line();
      if (!line) return false;
      if (line->empty()) return true;
      if (kBlanks.find(line->front()) != std::string_view::npos && !name.empty()) {
        fields_[name] += " " + trimmed(*line);
        continue;
      }
      const std::size_t colon = std::min(line->find(':'), line->size());
      name = lower_case(trimmed(std::string_view(*line).substr(0, colon)));
      std::replace(name.begin(), name.end(), '_', '-');
      const std::string value = trimmed(std::string_view(*line).substr(std::min(colon + 1, line->size())));
      if (carelessness_.last_wins || !fields_.contains(name)) fields_[name] = value;
    }
  }

  static std::size_t number(const std::string& text, int base) { return std::strtoull(text.c_str(), nullptr, base); }

  bool take(std::size_t bytes, std::string& body) {
    if (rest_.size() < bytes) return false;
    body += rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }

  bool take_chunks(std::string& body) {
    for (;;) {
      const std::optional<std::string> line = take_line();
      if (!line) return false;
      const std::size_t size = number(*line, 16);
      if (size == 0) break;
      if (!take(size, body) || !take_line()) return false;
    }
    for (;;) {
      const std::optional<std::string> line = take_line();
      if (!line || line->empty()) return line.has_value();
    }
  }

  std::string_view rest_;
  Carelessness carelessness_;
  std::map<std::string, std::string> fields_;
};

}  // namespace

std::vector<LenientRequest> read_carelessly(std::string_view bytes, const Carelessness& carelessness) {
  CarelessReader reader(bytes, carelessness);
  std::vector<LenientRequest> requests;
  while (std::optional<LenientRequest> request = reader.next()) requests.push_back(std::move(*request));
  return requests;
}

}  // namespace mayfly::fuzz
