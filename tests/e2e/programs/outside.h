// The test server as a client of a backend, with nothing but system calls.
#pragma once

#include <optional>
#include <string>

namespace test_server {

/// /fetch?PATH /url?http://HOST:PORT/PATH /twice /download?BYTES /upload?BYTES /drip?N /sip?N /shut?PATH
/// /many?CONNECTIONS ask $BACKEND (HOST:PORT); /unix?PATH asks the socket $BACKEND_SOCKET; /udp?TEXT asks $UDP_BACKEND.
/// /abandon?TEXT leaves connections open, as do /abandon-crash and /abandon-loop; /pool asks over a connection that
/// outlives the request; /gated?PATH asks once /gate is open.
/// @return the answer, "failed: ERRNO" if the network fails; nothing if the path is none of these
std::optional<std::string> answer_from_outside(const std::string& path, const std::string& argument);

}  // namespace test_server
