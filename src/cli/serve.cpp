#include "base/error.h"
#include "cli/commands.h"
#include "cli/logging.h"

namespace mayfly::cli {
namespace {

int start(const Config& config, const Program& program, ProcessStart& process) {
  auto log = make_logger(config);
  log->debug("command line: {}", command_text(program));
  if (!program.runtime.empty()) log->debug("runtime {}: {}", program.runtime, program.runtime_reason);
  log->debug("executable {}, project {}, starts in {}", program.executable.string(), program.project.string(),
             program.cwd.string());
  // Names only: values may be secret.
  for (const std::string& variable : program.env) log->debug("environment: {}", variable.substr(0, variable.find('=')));
  return start_server(config, program, process, *log);
}

}  // namespace

int serve(const Config& config, ProcessStart& process) {
  return start(config, script_program(config, Surroundings::current()), process);
}

int run(const Config& config, ProcessStart& process) {
  return start(config, command_program(config, Surroundings::current()), process);
}

}  // namespace mayfly::cli
