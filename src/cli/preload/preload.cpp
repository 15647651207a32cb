#include "cli/preload/preload.h"

extern "C" {
extern const char mayfly_preload_deno_begin[], mayfly_preload_deno_end[];
extern const char mayfly_preload_node_begin[], mayfly_preload_node_end[];
}

namespace mayfly::cli {

std::string_view deno_preload() {
  return {mayfly_preload_deno_begin, mayfly_preload_deno_end};
}

std::string_view node_preload() {
  return {mayfly_preload_node_begin, mayfly_preload_node_end};
}

}  // namespace mayfly::cli
