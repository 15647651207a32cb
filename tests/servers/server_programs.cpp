#include "server_programs.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "e2e/places.h"

namespace mayfly::servers {
namespace {

std::string source(const std::string& name) {
  return e2e::existing(std::string(MAYFLY_SERVER_SOURCES "/") + name);
}

void add_native(std::vector<ServerProgram>& programs) {
  for (const std::string linking : {"dynamic", "static", "static-pie"}) {
    for (const std::string libc : {"c", "musl"}) {
      for (const std::string model : {"accept", "epoll", "poll", "select", "threads"}) {
        programs.push_back(built_program(libc + "-" + model + "-" + linking));
      }
    }
    programs.push_back(built_program("cpp-threads-" + linking));
  }
  for (const std::string name : {"go-cgo0", "go-cgo1", "rust"}) programs.push_back(built_program(name));
}

void add_python(std::vector<ServerProgram>& programs) {
  programs.push_back(python_program("python-http", "http_server.py"));
  programs.push_back(python_program("python-asyncio", "asyncio_streams.py"));
  ServerProgram flask = python_program("python-flask", "flask_app.py");
  flask.keeps_connections = false;
  programs.push_back(flask);
  ServerProgram uvicorn = python_program("python-uvicorn", "asgi_app.py");
  uvicorn.command = {"/usr/bin/uvicorn", "--port", "@PORT@", "asgi_app:app"};
  programs.push_back(uvicorn);
}

std::string nginx_page() {
  std::ostringstream page;
  for (int line = 1000; line < 1600; ++line) page << "<p>Line " << line << " of a page of some thirty kilobytes.</p>\n";
  return page.str();
}

std::string text_of_source(const std::string& name) {
  std::ifstream file(source(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

ServerProgram nginx() {
  return {.name = "nginx",
          .command = {"/usr/sbin/nginx", "-p", ".", "-c", "nginx.conf"},
          .files = {{"nginx.conf", text_of_source("nginx/nginx.conf")}, {"page.html", nginx_page()}}};
}

}  // namespace

std::string name_of_parameter(const testing::TestParamInfo<ServerProgram>& parameter) {
  std::string name = parameter.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

ServerProgram built_program(const std::string& name) {
  return {.name = name, .command = {std::string(MAYFLY_SERVER_BINARIES "/") + name}};
}

ServerProgram python_program(const std::string& name, const std::string& script) {
  return {.name = name, .command = {"/usr/bin/python3.11", script}, .folder = source("python")};
}

ServerProgram sqlite_program(const std::string& file, const std::string& journal) {
  return {.name = "python-sqlite",
          .command = {"/usr/bin/python3.11", "sqlite_app.py"},
          .files = {{"sqlite_app.py", text_of_source("python/sqlite_app.py")}},
          .environment = {"DATABASE=" + file, "JOURNAL=" + journal}};
}

std::vector<ServerProgram> server_programs() {
  std::vector<ServerProgram> programs;
  add_native(programs);
  add_python(programs);
  programs.push_back(nginx());
  return programs;
}

}  // namespace mayfly::servers
