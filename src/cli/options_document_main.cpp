// Prints docs/options.md.
#include <cstdio>

#include "cli/help.h"

int main() {
  std::string text = mayfly::cli::options_document();
  text.pop_back();  // the file ends in one newline
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
