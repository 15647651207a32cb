// What the test's server can be told to do. Each command gets the rest of its line and returns the answer's line.
#pragma once

#include <string>

using Command = std::string (*)(const std::string& argument);

// state.cpp
/// Checks everything that the snapshot holds, then spoils it: a second call without a reset fails.
std::string check_and_spoil(const std::string&);
std::string unmap_snapshot(const std::string&);
std::string fresh_mappings(const std::string&);
std::string grow(const std::string& mebibytes);
std::string clocks(const std::string&);
std::string entropy(const std::string&);
/// Memory that check_and_spoil looks at; before the freeze.
void prepare_state();

// mappings.cpp
/// Unmaps, moves and shares memory, its own and the snapshot's, and checks what is left of it.
std::string change_mappings(const std::string&);
/// Mappings that change_mappings looks at; before the freeze.
void prepare_mappings();

// load.cpp
std::string two_spinning_threads(const std::string&);
/// System calls, faults, signals, mappings, threads and vector registers, without end.
std::string churn(const std::string&);
std::string spin_with_scribbled_vectors(const std::string&);

// hostile.cpp
/// Does something that no program does; most of them are not survived.
std::string attack(const std::string& name);
