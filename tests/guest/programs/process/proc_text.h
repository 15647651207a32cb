// Reading files of /proc and /sys in guest programs.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "check.h"

inline std::string text_of(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) std::fprintf(stderr, "%s\n", path.c_str());
  CHECK(fd >= 0);
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(size));
  CHECK(size == 0 && close(fd) == 0);
  return text;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// "Name:  value" lines by their names; values without blanks around them.
inline std::map<std::string, std::string> fields_of(const std::string& text) {
  std::map<std::string, std::string> fields;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    std::size_t name_end = line.find_last_not_of(" \t", colon - 1);
    fields[line.substr(0, name_end + 1)] = begin == std::string::npos ? "" : line.substr(begin);
  }
  return fields;
}

inline unsigned long number_of(const std::string& text) {
  char* end = nullptr;
  unsigned long value = std::strtoul(text.c_str(), &end, 0);
  CHECK(end != text.c_str());
  return value;
}

inline std::string link_of(const std::string& path) {
  char target[4096];
  ssize_t size = readlink(path.c_str(), target, sizeof target);
  CHECK(size >= 0);
  return {target, static_cast<std::size_t>(size)};
}
