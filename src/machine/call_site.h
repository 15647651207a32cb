// Where in a program a system call came from, in words.
#pragma once

#include <span>
#include <string>

#include "host/file_view.h"
#include "machine/listener.h"

namespace mayfly::machine {

/// "fork+0x2d (/lib/x86_64-linux-gnu/libc.so.6), from start_workers+0x11 (/srv/app)": the call and up to four callers,
/// as far as the stack tells, by their symbols or as places in files. The guest has a say in all of it: print it with
/// care. Reads files, so ask once.
/// @param places of a report
/// @param view the files that the guest may read
/// @return "" for no places
[[nodiscard]] std::string describe_call_site(std::span<const CodePlace> places, const host::FileView& view);

}  // namespace mayfly::machine
