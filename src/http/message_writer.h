// Heads as the gateway passes them on (RFC 9110 section 7.6, RFC 9112 section 6).
#pragma once

#include <string_view>

#include "http/buffer.h"
#include "http/request_parser.h"
#include "http/response_parser.h"

namespace mayfly::http {

/// Where a request comes from.
struct Origin {
  std::string_view peer;             ///< the client's address, empty if it has none
  std::string_view scheme = "http";  ///< or "https"
  std::string_view request_id{};     ///< takes the place of the client's; empty: that one is passed on
};

/// Appends the request head that the program gets: HTTP/1.1 on a kept-alive connection, without hop-by-hop fields and
/// Expect (which the gateway has answered), but with the upgrade that the client wants; with X-Forwarded-For extended
/// by the peer, and with X-Forwarded-Proto and X-Forwarded-Host unless a gateway before this one has set them.
void write_request_head(const RequestHead& head, const Origin& origin, Buffer& out);

/// Fields of the gateway's own in an answer; empty ones are left out.
struct OwnFields {
  std::string_view request_id{};     ///< takes the place of the program's
  std::string_view server_timing{};  ///< beside the program's
};

/// What the gateway decides about a response's head.
struct ResponseFraming {
  Framing framing = Framing::none;  ///< towards the client
  bool keep_alive = true;           ///< the client's connection stays open
  int client_minor_version = 1;
};

/// Keeps a body's length where it is known, chunks it where the client can take that, and closes behind it else.
/// @param keep_alive what the client asks for @param client_minor_version of HTTP/1
[[nodiscard]] ResponseFraming frame_response(const ResponseHead& head, bool keep_alive, int client_minor_version);

/// Appends the head that the client gets: status line and end-to-end fields as the program wrote them.
/// @param date value of the Date field if the program gave none
void write_response_head(const ResponseHead& head, const ResponseFraming& to_client, std::string_view date, Buffer& out,
                         const OwnFields& own = {});

/// Appends the head of an interim answer, other than 100 and 101, as the program wrote it.
void write_interim_head(const ResponseHead& head, Buffer& out);

/// Appends the head of an answer that switches protocols, which the client gets as the program wrote it.
void write_upgrade_head(const ResponseHead& head, Buffer& out, const OwnFields& own = {});

/// The gateway's own answer to a request that got none from the program.
struct ErrorResponse {
  int status = 500;
  std::string_view sentence;  ///< what happened, for the body
  bool keep_alive = false;
  bool to_head = false;  ///< answers HEAD: no body
  int client_minor_version = 1;
  OwnFields own{};
};

void write_error(const ErrorResponse& error, std::string_view date, Buffer& out);

/// Reason phrase of a status that the gateway sends on its own.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace mayfly::http
