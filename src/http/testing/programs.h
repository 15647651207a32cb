// The program that the worker tests serve.
#pragma once

#include "http/testing/fake_upstream.h"

namespace mayfly::http::testing {

/// Answers by path, one request after the other on its connection:
///   /hello       "hello" with Content-Length
///   /head        the request's head as it arrived
///   /echo        the request's body, framed as the request was
///   /count       how many requests this machine has answered
///   /early       answers without reading the body
///   /large       1 MB
///   /chunked     three chunks with an extension and trailers, after an interim answer
///   /close       an answer that ends with the connection
///   /204, /304   answers without a body
///   /spin        never answers, never waits
///   /nap         answers after 30 ms on its timer
///   /stuck       waits for nothing
///   /crash       fails; /crash-late after part of its answer
///   /hang-up     closes without an answer
///   /garbage     something that is no HTTP
Script demo_program(Wire& wire);

}  // namespace mayfly::http::testing
