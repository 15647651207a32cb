// A system call with every extended register in use.
#pragma once

#include <string>

/// read(2), entered with a pattern in all x87, SSE, AVX and AVX-512 registers that there are.
/// @param changed receives the names of register groups that came back changed; "" if none did
long read_with_vector_state(int fd, void* buffer, unsigned long size, std::string& changed);

/// Puts another pattern into all of them. What the compiler keeps there is lost: only for code that does not go on.
void scribble_vector_state();
