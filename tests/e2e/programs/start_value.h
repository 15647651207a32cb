// What the test server learns once, at its start.
#pragma once

#include <string>

namespace test_server {

/// The contents of $START_FILE, or six bytes of the input if $START_FILE is "-"; empty without one. Some contents are
/// orders: "exit" ends the program with status 3, "loop" has it run for ever, "gate" ask $BACKEND for /gate first.
std::string start_value();

}  // namespace test_server
