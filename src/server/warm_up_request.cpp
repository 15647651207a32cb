#include "server/warm_up_request.h"

#include <array>
#include <string_view>

#include "base/error.h"
#include "http/buffer.h"
#include "http/message_writer.h"
#include "http/options.h"
#include "http/request_parser.h"

namespace mayfly::server {
namespace {

/// Fields beside Host. In none of them is anything that a program would act on: no cookies, no credentials, no
/// conditions, no ranges.
constexpr std::array kClients = {
    // curl
    std::string_view("User-Agent: curl/8.5.0\r\n"
                     "Accept: */*\r\n"),
    // A browser on its first visit.
    std::string_view("Connection: keep-alive\r\n"
                     "sec-ch-ua: \"Chromium\";v=\"140\"\r\n"
                     "sec-ch-ua-mobile: ?0\r\n"
                     "sec-ch-ua-platform: \"Linux\"\r\n"
                     "Upgrade-Insecure-Requests: 1\r\n"
                     "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/140.0.0.0 Safari/537.36\r\n"
                     "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
                     "Sec-Fetch-Site: none\r\n"
                     "Sec-Fetch-Mode: navigate\r\n"
                     "Sec-Fetch-User: ?1\r\n"
                     "Sec-Fetch-Dest: document\r\n"
                     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                     "Accept-Language: en-US,en;q=0.9\r\n"),
    // fetch() of a script.
    std::string_view("accept: */*\r\n"
                     "accept-language: *\r\n"
                     "sec-fetch-mode: cors\r\n"
                     "user-agent: node\r\n"
                     "accept-encoding: gzip, deflate\r\n"),
    // A gateway before this one.
    std::string_view("X-Forwarded-For: 192.0.2.7, 192.0.2.8\r\n"
                     "X-Forwarded-Proto: https\r\n"
                     "X-Forwarded-Host: localhost\r\n"
                     "X-Real-IP: 192.0.2.7\r\n"
                     "Via: 1.1 gateway\r\n"
                     "Cache-Control: max-age=0\r\n"
                     "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                     "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
                     "Accept-Language: en-US,en;q=0.5\r\n"
                     "Accept-Encoding: gzip\r\n"
                     "Referer: http://localhost/\r\n"
                     "DNT: 1\r\n"),
    // A load generator.
    std::string_view(),
};

/// In the place of the front end's random one: of the same form, and known for what it is.
constexpr std::string_view kRequestId = "00000000000000000000000000000000";

}  // namespace

const std::size_t kWarmUpClients = kClients.size();

std::string warm_up_request(const std::string& path, std::size_t client) {
  std::string sent = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  sent.append(kClients[client % kClients.size()]).append("\r\n");

  const http::Limits limits;
  http::RequestParser parser(limits);
  if (parser.parse(sent) != http::HeadParser::Result::complete) {
    throw Error("the warm-up path {} cannot be asked for: {}", path, parser.refusal().sentence);
  }
  http::Buffer passed_on;
  http::write_request_head(parser.head(), {.peer = "127.0.0.1", .request_id = kRequestId}, passed_on);
  std::string text(passed_on.text());
  text.insert(text.find("\r\n") + 2, "X-Mayfly-Warmup: 1\r\n");
  return text;
}

}  // namespace mayfly::server
