// The C++ run-time: exceptions through several frames and threads, streams, static construction, locale.
#include <exception>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.h"

namespace {

struct Announced {
  explicit Announced(const char* name) : name_(name) { std::cout << "begin " << name_ << '\n'; }
  ~Announced() { std::cout << "end " << name_ << '\n'; }
  const char* name_;
};

const Announced at_start("static object");

int descend(int depth) {
  Announced frame("frame");
  if (depth == 0) throw std::out_of_range("bottom");
  return descend(depth - 1) + 1;
}

void exceptions() {
  try {
    descend(3);
  } catch (const std::logic_error& error) {
    std::cout << "caught " << error.what() << '\n';
  }
  try {
    try {
      (void)std::vector<int>(3).at(7);
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
  }
  auto result = std::async(std::launch::async, []() -> int { throw std::domain_error("in a thread"); });
  try {
    result.get();
  } catch (const std::domain_error& error) {
    std::cout << error.what() << '\n';
  }
  int caught = 0;
  for (int i = 0; i < 2000; ++i) {
    try {
      throw i;
    } catch (int value) {
      caught += value == i ? 1 : 0;
    }
  }
  std::cout << caught << " integers\n";
}

void streams() {
  std::ostringstream out;
  out << std::setw(8) << std::setfill('0') << std::hex << 48'879 << ' ' << std::fixed << std::setprecision(3)
      << 3.14159;
  std::cout << out.str() << '\n';
  std::istringstream in("17 4.5 word");
  int number = 0;
  double fraction = 0;
  std::string word;
  in >> number >> fraction >> word;
  std::cout << number + 1 << ' ' << fraction * 2 << ' ' << word << std::endl;
  std::ifstream missing("/no/such/file");
  std::cout << (missing ? "opened" : "not opened") << '\n';
}

void containers() {
  std::map<std::string, int> counts;
  for (const char* word : {"one", "two", "one", "three", "two", "one"}) ++counts[word];
  for (const auto& [word, count] : counts) std::cout << word << '=' << count << ' ';
  std::cout << '\n';
}

}  // namespace

int main() {
  exceptions();
  streams();
  containers();
}
