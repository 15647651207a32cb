#include "backend/target.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "net/host_name.h"

namespace mayfly::backend {
namespace {

constexpr std::size_t kFirstHost = 16;

/// A URL in its parts, as the library understands it that will ask for it.
class Url {
 public:
  explicit Url(const std::string& text) {
    const CURLUcode result = ::curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), 0);
    if (result != CURLUE_OK) throw BadTarget("has no valid http or https URL: {}", ::curl_url_strerror(result));
  }
  [[nodiscard]] std::optional<std::string> part(CURLUPart what) const {
    char* text = nullptr;
    if (::curl_url_get(url_.get(), what, &text, 0) != CURLUE_OK) return std::nullopt;
    const std::unique_ptr<char, decltype(&::curl_free)> owner(text, &::curl_free);
    return text;
  }

 private:
  std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> url_{::curl_url(), &::curl_url_cleanup};
};

std::string parse_name(std::string_view text) {
  const auto name = net::normal_host_name(fmt::format("{}.{}", text, net::kOwnDomain));
  if (!name || text.find('.') != std::string_view::npos) {
    throw BadTarget("has a name that is not made of letters, digits, '-' and '_'");
  }
  return name->substr(0, text.size());
}

}  // namespace

Target Target::parse(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) throw BadTarget("has no '=' between name and URL");
  Target target;
  target.name = parse_name(text.substr(0, equals));
  target.url = text.substr(equals + 1);
  const bool printable = std::ranges::all_of(target.url, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) throw BadTarget("has a URL with a character that must be escaped");
  const Url url(target.url);
  const std::string scheme = url.part(CURLUPART_SCHEME).value_or("");
  if (scheme != "http" && scheme != "https") throw BadTarget("has a URL that is neither http nor https");
  if (url.part(CURLUPART_USER) || url.part(CURLUPART_PASSWORD)) {
    throw BadTarget("has a user or password in its URL: the program has to send them, as Authorization");
  }
  if (url.part(CURLUPART_QUERY) || url.part(CURLUPART_FRAGMENT)) throw BadTarget("has a URL with '?' or '#'");
  target.origin = scheme + "://" + url.part(CURLUPART_HOST).value_or("");
  if (const auto port = url.part(CURLUPART_PORT)) target.origin += ":" + *port;
  target.path = url.part(CURLUPART_PATH).value_or("");
  while (target.path.ends_with('/')) target.path.pop_back();
  return target;
}

net::IpBytes address_of(std::size_t index) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, static_cast<u8>(kFirstHost + index)};
}

std::string host_name_of(const Target& target) {
  return fmt::format("{}.{}", target.name, net::kOwnDomain);
}

}  // namespace mayfly::backend
