#include "prometheus.h"

#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace mayfly::e2e {
namespace {

class Reader {
 public:
  Samples read(const std::string& text) {
    if (!text.ends_with('\n')) throw std::runtime_error("the last line has no end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      line_ = line;
      take(line);
    }
    end_family();
    return samples_;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error(why + ": " + line_); }
  void require(bool holds, const char* why) const {
    if (!holds) fail(why);
  }

  void take(const std::string& line) {
    static const std::regex help("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\\\]+)");
    static const std::regex type("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)");
    static const std::regex sample(
        "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"[^\"\\\\]*\",?)+\\})? ([0-9][0-9.e+-]*)");
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      end_family();
      require(families_.insert(match[1]).second, "a family comes twice");
      family_ = match[1];
      type_.clear();
    } else if (std::regex_match(line, match, type)) {
      require(match[1] == family_ && type_.empty(), "the type does not follow the help");
      type_ = match[2];
      require((type_ == "counter") == family_.ends_with("_total"), "counters, and they alone, end in _total");
    } else if (std::regex_match(line, match, sample)) {
      take_sample(match[1], match[2], std::stod(match[4]));
    } else {
      fail("no line of the format");
    }
  }

  void take_sample(const std::string& name, std::string labels, double value) {
    require(!type_.empty(), "a sample before its type");
    require(samples_.emplace(name + labels, value).second, "a sample comes twice");
    if (type_ != "histogram") return require(name == family_, "a sample of another family");
    require(name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count", "not a histogram's");
    if (name == family_ + "_bucket") take_bucket(labels, value);
    if (name == family_ + "_count") {
      require(last_bound_ == std::numeric_limits<double>::infinity(), "the buckets do not end in +Inf");
      require(value == last_count_, "the count is not that of the last bucket");
      last_bound_ = -1;
      last_count_ = 0;
    }
  }

  void take_bucket(const std::string& labels, double value) {
    const std::size_t at = labels.find("le=\"");
    require(at != std::string::npos, "a bucket without bound");
    const double bound = std::stod(labels.substr(at + 4));
    require(bound > last_bound_, "bounds do not rise");
    require(value >= last_count_, "counts are not cumulative");
    last_bound_ = bound;
    last_count_ = value;
  }

  void end_family() { require(last_bound_ == -1, "a histogram without count"); }

  Samples samples_;
  std::set<std::string> families_;
  std::string line_, family_, type_;
  double last_bound_ = -1, last_count_ = 0;
};

}  // namespace

Samples parse_prometheus(const std::string& text) {
  return Reader().read(text);
}

}  // namespace mayfly::e2e
