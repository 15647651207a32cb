// What a server holds: descriptors and memory.
#pragma once

#include "server.h"

namespace mayfly::e2e {

struct Holdings {
  long descriptors = 0;
  long resident_kib = 0;
};

[[nodiscard]] Holdings holdings_of(Server& server);

/// Fails the test unless the server comes to hold no more than before, but for the memory that it may keep.
void expect_no_more(Server& server, const Holdings& before, long room_kib);

}  // namespace mayfly::e2e
