#include "backend/failure.h"

#include <curl/curl.h>
#include <fmt/chrono.h>

#include <cstring>

namespace mayfly::backend {
namespace {

Failure failure(int status, const Target& target, std::string_view what, std::string_view remedy) {
  return {status, fmt::format("the backend {} {}", target.name, what),
          fmt::format("the backend {} ({}) {}: {}", target.name, target.url, what, remedy)};
}

}  // namespace

Failure timed_out(const Target& target, const Settings& settings, bool connected) {
  const double seconds = std::chrono::duration<double>(settings.timeout).count();
  const std::string what =
      fmt::format("{} within {:g} s", connected ? "did not answer" : "could not be connected to", seconds);
  return failure(504, target, what, "raise --backend-timeout if it needs longer");
}

Failure not_http(const Target& target, std::string_view detail) {
  return failure(502, target, fmt::format("sent an answer that is not valid HTTP: {}", detail),
                 "see what listens there");
}

Failure not_repeated(const Target& target) {
  return failure(502, target,
                 "closed a kept-alive connection before it answered, and the request may not be sent twice",
                 "have it keep connections alive for longer");
}

Failure failed(const Target& target, int code, long os_error, std::string_view detail) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return failure(502, target, "has a host name that does not resolve",
                     fmt::format("correct --backend {}=URL, or the host's resolver", target.name));
    case CURLE_COULDNT_CONNECT: {
      const std::string why = os_error != 0 ? std::strerror(static_cast<int>(os_error)) : "no connection";
      return failure(502, target, fmt::format("cannot be connected to: {}", why),
                     fmt::format("start it, or correct --backend {}=URL", target.name));
    }
    case CURLE_PEER_FAILED_VERIFICATION:
      return failure(502, target, fmt::format("has a certificate that is not trusted: {}", detail),
                     "name the certificate of who signed it with --backend-ca");
    case CURLE_SSL_CONNECT_ERROR:
      return failure(502, target, fmt::format("cannot be talked to by TLS: {}", detail),
                     fmt::format("correct --backend {}=URL, or the backend's settings", target.name));
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      return failure(502, target, "closed the connection before its answer was complete", "see what it says of that");
    default:
      return failure(502, target, fmt::format("cannot be asked: {}", ::curl_easy_strerror(static_cast<CURLcode>(code))),
                     "see what it says of that");
  }
}

}  // namespace mayfly::backend
