#include "outside_runtime.h"

#include <algorithm>

#include "places.h"

namespace mayfly::e2e {

std::string name_of(Runtime runtime) {
  switch (runtime) {
    case Runtime::cpp:
      return "cpp";
    case Runtime::deno:
      return "deno";
    case Runtime::node:
      return "node";
    case Runtime::python:
      return "python";
  }
  return "";
}

Server asking_server(Runtime runtime, const std::string& backend, const Strings& options) {
  Strings all = options;
  all.push_back("--env=BACKEND=" + backend);
  for (const std::string name : {"--warmup=3", "--vms=2", "--audit=1"}) {
    const std::string option = name.substr(0, name.find('=') + 1);
    if (std::none_of(options.begin(), options.end(), [&](const auto& given) { return given.starts_with(option); })) {
      all.push_back(name);
    }
  }
  Start start;
  start.folder = existing(MAYFLY_SOURCE "/tests/e2e/apps/outside");
  switch (runtime) {
    case Runtime::deno:
      all.push_back("--runtime=" + deno());
      return {"serve", all, {app("outside/deno.mjs")}, start};
    case Runtime::node:
      return {"run", all, {existing("/usr/bin/node"), app("outside/node.mjs")}, start};
    case Runtime::python:
      return {"run", all, {existing("/usr/bin/python3"), app("outside/server.py")}, start};
    case Runtime::cpp:
      break;
  }
  return {"run", all, {test_server()}, start};
}

Server allowed_server(Runtime runtime, const std::string& backend, const Strings& options) {
  Strings all = {"--allow-net=" + backend};
  all.insert(all.end(), options.begin(), options.end());
  return asking_server(runtime, backend, all);
}

Server backend_server(Runtime runtime, const std::string& url, const Strings& options) {
  Strings all = {"--backend=api=" + url};
  all.insert(all.end(), options.begin(), options.end());
  return asking_server(runtime, "api.mayfly:80", all);
}

}  // namespace mayfly::e2e
