#include "base/error.h"
#include "cli/commands.h"

namespace mayfly::cli {

int start_server(const Config&, const Program& program, spdlog::logger&) {
  throw Error("cannot start {}: this build has no machine layer", program.title);
}

}  // namespace mayfly::cli
