#include "supervisor/supervisor.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/error.h"

namespace mayfly::supervisor {
namespace {

/// Beyond the drain timeout, within which an app ends by itself.
constexpr std::chrono::seconds kKillMargin{5};

}  // namespace

Supervisor::Supervisor(loop::EventLoop& loop, spdlog::logger& log, const SupervisorOptions& options, OnStart on_start)
    : loop_(loop),
      log_(log),
      options_(options),
      on_start_(std::move(on_start)),
      entrance_(loop, log, options.listen, options.routes, options.http,
                [this](RoutingTable::App app, int connection, bool tls) { return apps_[app]->pass(connection, tls); }),
      services_{.loop = loop,
                .log = log,
                .launch = options.launch,
                .on_ready = [this](AppProcess& /*app*/) { note_ready(); },
                .on_end = [this](AppProcess& app) { note_end(app); },
                .on_room = [this](AppProcess& app) { entrance_.retry(number_of(app)); }},
      kill_timer_(loop.timers(), [this] {
        for (const auto& app : apps_) {
          if (app->is_running())
            log_.warn("{}: the app's process (pid {}) does not end: it is killed", app->name(), app->pid());
          app->kill();
        }
      }) {
  if (options_.tls) {
    keys_.emplace(*options_.tls);
    services_.answer_key = [this](std::string_view question) { return keys_->answer(question); };
  }
  for (const AppSpec& spec : options_.apps) apps_.push_back(std::make_unique<AppProcess>(services_, spec));
}

bool Supervisor::run() {
  if (options_.admin) open_admin();
  for (const auto& app : apps_) app->start();
  while (!is_over()) {
    loop_.turn();
    entrance_.clean_up();
  }
  return started_ && !failed_;
}

void Supervisor::stop() {
  if (std::exchange(stopping_, true)) return;
  ready_ = false;
  entrance_.close();
  for (const auto& app : apps_) app->stop();
  kill_timer_.arm(loop_.now() + options_.http.timeouts.drain + kKillMargin);
}

void Supervisor::signal(int number) {
  if (number == SIGHUP && keys_) {
    try {
      keys_->reload();
    } catch (const Error& error) {
      log_.error("the certificate in use stays: {}", error.what());
    }
  }
  for (const auto& app : apps_) app->signal(number);
}

void Supervisor::note_ready() {
  ready_ = all_ready() && !stopping_;
  if (started_ || !ready_) return;
  started_ = true;
  on_start_();
  entrance_.open();
}

void Supervisor::note_end(AppProcess& app) {
  ready_ = false;
  if (stopping_) return;
  if (!started_) {
    failed_ = true;
    return stop();
  }
  entrance_.retry(number_of(app));
}

bool Supervisor::is_over() const {
  return stopping_ && std::ranges::none_of(apps_, [](const auto& app) { return app->is_running(); });
}

bool Supervisor::all_ready() const {
  return std::ranges::all_of(apps_, [](const auto& app) { return app->is_ready(); });
}

RoutingTable::App Supervisor::number_of(const AppProcess& app) const {
  const auto found = std::ranges::find_if(apps_, [&](const auto& one) { return one.get() == &app; });
  return static_cast<RoutingTable::App>(found - apps_.begin());
}

void Supervisor::open_admin() {
  admin::Routes routes;
  routes.add("GET", "/-/healthz", [] { return admin::Response{.body = "ok\n"}; });
  routes.add("GET", "/-/readyz", [this] {
    if (ready_) return admin::Response{.body = "ready\n"};
    return admin::Response{.status = 503, .body = "not ready: an app is being started, or the server stops\n"};
  });
  admin_.emplace(*options_.admin, std::move(routes), log_);
  log_.info("the admin interface is on {}", admin_->address());
}

}  // namespace mayfly::supervisor
