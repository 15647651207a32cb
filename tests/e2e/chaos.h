// All that clients and programs do wrong, at the same time.
#pragma once

#include <chrono>

namespace mayfly::e2e {

/// Serves well-behaved clients beside those that vanish, dribble, pipeline and send garbage, of a program that crashes,
/// hangs, exits and takes too much. Fails the test if a request stays without a status or gets a wrong answer, or if
/// the server holds more at the end than soon after the start.
void expect_order_in_chaos(std::chrono::seconds duration);

}  // namespace mayfly::e2e
