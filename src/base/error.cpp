#include "base/error.h"

#include <cstring>

namespace mayfly {

SystemError::SystemError(const std::string& call, int error)
    : Error("{}: {} (errno {})", call, std::strerror(error), error), code_(error) {}

}  // namespace mayfly
