// What the command line tool does.
#pragma once

#include <spdlog/logger.h>

#include "cli/app_membership.h"
#include "cli/config.h"
#include "cli/load.h"
#include "cli/process_start.h"
#include "cli/program.h"

namespace mayfly::cli {

/// Each command returns the process's exit status and throws Error for what the user is to be told.

/// mayfly serve: finds the script's runtime and serves it until a signal comes.
/// @param config with `app` set
int serve(const Config& config, ProcessStart& process);

/// mayfly serve without an app: serves those of the configuration file, each in a process of its own.
/// @param loaded with `apps`
int supervise(const Loaded& loaded, ProcessStart& process);

/// What such a process does. @param link see supervisor::AppLink
int serve_app(const std::string& link, ProcessStart& process);

/// mayfly run: serves the program if it listens; else passes its input, output and exit status through.
/// @param config with `arguments` not empty
int run(const Config& config, ProcessStart& process);

/// mayfly doctor: prints what this host lacks. Status 1 if something needed is missing.
int doctor(const Config& config);

/// Boots the program in a machine, warms it up, freezes it, and serves requests from the snapshot until SIGINT or
/// SIGTERM. SIGHUP has it make a new snapshot, SIGUSR2 lets a new process take its place. If the program ends without
/// listening, its exit status is returned.
/// @param membership null: it is the only one
int start_server(const Config& config, const Program& program, ProcessStart& process, spdlog::logger& log,
                 const AppMembership* membership = nullptr);

}  // namespace mayfly::cli
