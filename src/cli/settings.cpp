#include "cli/settings.h"

#include <algorithm>
#include <set>

#include "cli/value.h"
#include "cli/volume.h"
#include "net/rule.h"

namespace mayfly::cli {
namespace {

Setting default_setting(const Option& option) {
  Setting setting{&option, {}, Origin::fallback, "default"};
  if (!option.fallback.empty()) setting.values.emplace_back(option.fallback);
  return setting;
}

/// Flags and variables bear the option's name; a line of a file has to be told which.
std::string label(const Setting& setting) {
  if (setting.origin != Origin::file) return setting.place;
  return fmt::format("{}: {}", setting.place, setting.option->name);
}

void check_backends(const Settings& settings) {
  const std::vector<backend::Target>& backends = settings.config().backends;
  if (backends.size() > backend::kMaxTargets) {
    throw UsageError("there are {} of --backend, but no more than {} are possible (from {})", backends.size(),
                     backend::kMaxTargets, settings.at("backend").place);
  }
  std::set<std::string_view> names;
  for (const backend::Target& target : backends) {
    if (names.insert(target.name).second) continue;
    throw UsageError("--backend {}={}: there is another backend named {} (from {})", target.name, target.url,
                     target.name, settings.at("backend").place);
  }
}

void check_tls(const Settings& settings) {
  const Config& config = settings.config();
  if (config.admin && config.admin->tls) {
    throw UsageError("--admin {}: the admin interface does not speak TLS (from {})", config.admin->text,
                     settings.at("admin").place);
  }
  for (const http::Endpoint& endpoint : config.listen) {
    if (!endpoint.tls || (config.tls_cert && config.tls_key)) continue;
    throw UsageError("--listen {}: TLS needs a certificate and its key: --tls-cert FILE --tls-key FILE (from {})",
                     endpoint.text, settings.at("listen").place);
  }
}

void check_together(const Settings& settings) {
  const Config& config = settings.config();
  check_tls(settings);
  if (config.vms < config.threads) {
    throw UsageError("--vms {} is fewer than --threads {}: each thread needs a machine (from {} and {})", config.vms,
                     config.threads, settings.at("vms").place, settings.at("threads").place);
  }
  if (config.request_memory_bytes > config.memory_bytes) {
    throw UsageError("--request-memory {} is more than --memory {} (from {} and {})",
                     format_size(config.request_memory_bytes), format_size(config.memory_bytes),
                     settings.at("request-memory").place, settings.at("memory").place);
  }
  if (config.tcp && config.warmup_requests.value_or(0) != 0) {
    throw UsageError("--warmup {} are requests of HTTP, which --tcp knows nothing of (from {} and {})",
                     *config.warmup_requests, settings.at("warmup").place, settings.at("tcp").place);
  }
  if (config.linger.count() != 0 && config.isolation == http::Isolation::none) {
    throw UsageError(
        "--linger-ms {}: with --isolate none no machine is reset after a request, so none can linger "
        "before that (from {} and {})",
        config.linger.count(), settings.at("linger-ms").place, settings.at("isolate").place);
  }
  check_backends(settings);
  for (const std::string& text : config.allow_net) {
    const net::Rule rule = net::Rule::parse(text);
    if (rule.kind != net::Rule::Kind::unix_path) continue;
    if (const Volume* volume = volume_on_the_way(config.volumes, rule.name); volume != nullptr) {
      throw UsageError(
          "--allow-net {} lies in the writable volume {}, where the program could put a link to any other socket "
          "(from {} and {})",
          text, volume->host.string(), settings.at("allow-net").place, settings.at("volume").place);
    }
  }
}

}  // namespace

Settings::Settings(std::span<const Setting> given) {
  for (const Option& option : all_options()) settings_.push_back(default_setting(option));
  for (const Setting& setting : given) override_with(setting);
  for (const Setting& setting : settings_) store(setting);
  for (Setting& setting : settings_) {
    if (setting.option->derive == nullptr || !setting.values.empty()) continue;
    setting.values.push_back(setting.option->derive(config_));
    store(setting);
  }
  check_together(*this);
}

const Setting& Settings::at(std::string_view name) const {
  auto found =
      std::find_if(settings_.begin(), settings_.end(), [&](const Setting& s) { return s.option->name == name; });
  if (found == settings_.end()) throw Error("there is no option named {}", name);
  return *found;
}

void Settings::override_with(const Setting& setting) {
  Setting& current = settings_[static_cast<std::size_t>(setting.option - all_options().data())];
  if (setting.origin >= current.origin) current = setting;
}

void Settings::store(const Setting& setting) {
  const Option& option = *setting.option;
  if (setting.values.size() > 1 && !option.repeatable) {
    throw UsageError("{}: given {} times, but takes one value", label(setting), setting.values.size());
  }
  for (const std::string& value : setting.values) {
    try {
      if (option.store != nullptr) option.store(config_, option, value);
    } catch (const BadValue& bad) {
      throw UsageError("{}: '{}' {}; accepted: {}", label(setting), value, bad.what(), accepted_form(option));
    }
  }
}

}  // namespace mayfly::cli
