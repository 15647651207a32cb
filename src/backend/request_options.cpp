#include "backend/request_options.h"

#include <algorithm>
#include <array>
#include <new>
#include <string>

namespace mayfly::backend {
namespace {

using http::equals_ignoring_case;

void append(curl_slist*& list, const std::string& line) {
  curl_slist* longer = ::curl_slist_append(list, line.c_str());
  if (longer == nullptr) {
    ::curl_slist_free_all(list);
    throw std::bad_alloc();
  }
  list = longer;
}

/// Made anew for the backend, or answered for here.
bool is_rewritten(std::string_view name) {
  return equals_ignoring_case(name, "Host") || equals_ignoring_case(name, "Content-Length") ||
         equals_ignoring_case(name, "Expect");
}

bool declares_empty_body(const http::RequestHead& request) {
  return request.framing == http::Framing::none && request.fields->find("Content-Length").has_value();
}

std::string target_of(const Target& target, const http::RequestHead& request) {
  return request.target == "*" ? "*" : target.path + std::string(request.target);
}

void set_method(CURL* easy, const http::RequestHead& request) {
  if (request.method == "HEAD") {
    ::curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.framing != http::Framing::none) {
    const bool known = request.framing == http::Framing::length;
    ::curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    ::curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, known ? static_cast<curl_off_t>(request.content_length) : -1);
  }
  ::curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, std::string(request.method).c_str());
}

}  // namespace

bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

bool leads_upward(std::string_view target) {
  std::string path;
  for (std::string_view rest = target.substr(0, target.find('?')); !rest.empty();) {
    const auto is = [&rest](std::string_view code) { return equals_ignoring_case(rest.substr(0, code.size()), code); };
    const bool escaped = is("%2e") || is("%2f") || is("%5c");
    path += is("%2e") ? '.' : is("%2f") || is("%5c") ? '/' : rest.front();
    rest.remove_prefix(escaped ? 3 : 1);
  }
  // Some servers take '\\' for '/', or drop what follows a ';'.
  constexpr std::string_view kEnds = "/\\;";
  for (std::size_t at = path.find(".."); at != std::string::npos; at = path.find("..", at + 1)) {
    const bool begins = at == 0 || kEnds.find(path[at - 1]) != std::string_view::npos;
    const bool ends = at + 2 == path.size() || kEnds.find(path[at + 2]) != std::string_view::npos;
    if (begins && ends) return true;
  }
  return false;
}

curl_slist* make_fields(const http::RequestHead& request) {
  const http::FieldList& fields = *request.fields;
  const bool has_connection_field = fields.find("Connection").has_value();
  curl_slist* list = nullptr;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (http::is_hop_by_hop(name) || is_rewritten(name)) continue;
    if (has_connection_field && fields.names("Connection", name)) continue;
    // To libcurl a field without a value is one to leave out, unless a ';' follows its name.
    append(list, value.empty() ? std::string(name) + ";" : std::string(name) + ": " + std::string(value));
  }
  if (!fields.find("Accept")) append(list, "Accept:");
  append(list, "Expect:");
  if (declares_empty_body(request)) append(list, "Content-Length: 0");
  return list;
}

void set_options(CURL* easy, const Settings& settings, const Target& target, const http::RequestHead& request) {
  set_method(easy, request);
  ::curl_easy_setopt(easy, CURLOPT_URL, (target.origin + "/").c_str());
  // As it is: nothing in it is libcurl's to understand.
  ::curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target_of(target, request).c_str());
  ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  ::curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  ::curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  if (!settings.ca_file.empty()) ::curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
}

}  // namespace mayfly::backend
