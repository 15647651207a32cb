#include "net/rule.h"

#include <sys/un.h>

#include <algorithm>
#include <charconv>

#include "net/host_name.h"

namespace mayfly::net {
namespace {

constexpr std::string_view kUnix = "unix:", kBelow = "*.";

/// A rule's text in its parts.
struct Parts {
  std::string_view host;
  std::optional<std::string_view> bits, port;
  bool bracketed = false;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  [[nodiscard]] Rule parse() const {
    if (text_.empty()) bad("is empty");
    if (text_.starts_with(kUnix)) return unix_rule(text_.substr(kUnix.size()));
    if (text_.find("://") != text_.npos) bad("is a URL: give its host and port, as in example.com:443");
    for (char c : text_) {
      if (c <= ' ' || c == 0x7f) bad("has a blank, a control character or a letter beyond ASCII in it");
    }
    Parts parts = split();
    Rule rule = host_rule(parts);
    if (parts.port) {
      rule.port = parse_port(*parts.port);
      if (!rule.port) bad("has a port that is no number from 1 to 65535");
    }
    return rule;
  }

 private:
  [[noreturn]] void bad(const std::string& reason) const { throw BadRule(text_, reason); }

  [[nodiscard]] Parts split() const {
    Parts parts;
    std::string_view rest;
    if (text_.starts_with('[')) {
      std::size_t end = text_.find(']');
      if (end == text_.npos) bad("has no ']'");
      parts = {.host = text_.substr(1, end - 1), .bits = {}, .port = {}, .bracketed = true};
      rest = text_.substr(end + 1);
    } else if (std::size_t slash = text_.find('/'); slash != text_.npos) {
      parts.host = text_.substr(0, slash);
      std::string_view bits = text_.substr(slash + 1);
      parts.bits = bits.substr(0, bits.find(':'));
      rest = bits.substr(parts.bits->size());
    } else {
      // Several colons are an IPv6 address; a port needs brackets then.
      std::size_t colon = std::ranges::count(text_, ':') > 1 ? text_.npos : text_.find(':');
      parts.host = text_.substr(0, colon);
      rest = text_.substr(parts.host.size());
    }
    if (rest.empty()) return parts;
    if (rest.front() != ':') bad(fmt::format("has '{}' where ':' and a port are expected", rest));
    parts.port = rest.substr(1);
    return parts;
  }

  [[nodiscard]] Rule host_rule(const Parts& parts) const {
    std::optional<IpBytes> ip = parse_ip(parts.host);
    if (parts.bracketed && (!ip || parts.host.find(':') == text_.npos)) bad("has no IPv6 address in its brackets");
    if (ip) return network_rule(*ip, parts);
    if (parts.bits) bad("has '/', but no IP address before it: a block is written as in 10.0.0.0/8");
    if (parts.host == "*") return {.kind = Rule::Kind::anywhere, .network = {}, .bits = 0, .name = {}, .port = {}};
    bool below = parts.host.starts_with(kBelow);
    std::string_view host = parts.host.substr(below ? kBelow.size() : 0);
    if (host.find('*') != host.npos)
      bad("has '*' where it means nothing: write *.example.com for what is below a name");
    if (ends_in_number(host))
      bad("is no IP address: four decimal numbers without leading zeros are one, as in 10.0.0.5");
    std::optional<std::string> name = normal_host_name(host);
    if (!name) bad("is no host name");
    Rule rule;
    rule.kind = below ? Rule::Kind::subdomains : Rule::Kind::name;
    if (is_localhost(*name)) {
      if (below || *name != "localhost") bad("is a name for this host: write localhost");
      rule.kind = Rule::Kind::localhost;
    }
    rule.name = *name;
    return rule;
  }

  [[nodiscard]] Rule network_rule(const IpBytes& ip, const Parts& parts) const {
    bool four = parts.host.find(':') == text_.npos;
    Rule rule;
    rule.kind = Rule::Kind::network;
    rule.network = ip;
    rule.bits = parts.bits ? parse_bits(*parts.bits, four) : kIpBits;
    if (rule.bits == kIpBits) {
      if (destination_of(ip) != ip) rule.network = meant_address(ip);
    } else if (IpBytes block = prefix_of(ip, rule.bits); block != ip) {
      bad(fmt::format("has bits set behind its prefix: the block is {}/{}", format(block),
                      is_ipv4(block) ? rule.bits - kMappedBits : rule.bits));
    } else if (!is_ipv4(ip) && ip != IpBytes{} && destination_of(ip) != ip) {
      bad("is a block of IPv6 addresses that lead to IPv4 ones: give the block of those");
    }
    return rule;
  }

  /// Of an address that leads elsewhere.
  [[nodiscard]] IpBytes meant_address(const IpBytes& ip) const {
    IpBytes destination = destination_of(ip);
    if (destination == kLoopback4 || destination == kLoopback6) bad("leads to this host: write localhost");
    return destination;
  }

  [[nodiscard]] unsigned parse_bits(std::string_view digits, bool four) const {
    unsigned most = four ? kIpBits - kMappedBits : kIpBits;
    unsigned bits = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || bits > most) {
      bad(fmt::format("has no number from 0 to {} after '/'", most));
    }
    return four ? kMappedBits + bits : bits;
  }

  [[nodiscard]] Rule unix_rule(std::string_view path) const {
    if (!path.starts_with('/')) bad("has no absolute path after unix:");
    if (!is_unix_rule_path(path)) {
      bad(fmt::format("has a path with '.', '..', '//', '/' at its end or more than {} bytes",
                      sizeof(sockaddr_un::sun_path) - 1));
    }
    Rule rule;
    rule.kind = Rule::Kind::unix_path;
    rule.name = path;
    return rule;
  }

  std::string_view text_;
};

}  // namespace

BadRule::BadRule(std::string_view rule, const std::string& reason)
    : Error("the rule '{}' {}; a rule is one of {}", rule, reason, kRuleForms), reason_(reason) {}

Rule Rule::parse(std::string_view text) {
  return Parser(text).parse();
}

bool Rule::covers(const IpBytes& ip, u16 to_port) const {
  if (!covers_port(to_port)) return false;
  if (kind == Kind::localhost) return ip == kLoopback4 || ip == kLoopback6;
  // A short IPv6 prefix such as ::/0 is not about IPv4 addresses, although their mapped form is in it.
  if (kind != Kind::network || is_ipv4(network) != is_ipv4(ip) || !same_prefix(ip, network, bits)) return false;
  Classification found = classify(ip);
  return !is_special(found.scope) || bits >= found.prefix_bits;
}

bool Rule::covers_name(std::string_view host) const {
  if (kind == Kind::name) return host == name;
  return kind == Kind::subdomains && host.size() > name.size() + 1 && host.ends_with(name) &&
         host[host.size() - name.size() - 1] == '.';
}

bool is_unix_rule_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() >= sizeof(sockaddr_un::sun_path)) return false;
  if (path.find('\0') != path.npos) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(part.size());
  }
  return true;
}

}  // namespace mayfly::net
