// Sends a page of about 30 KB that is composed once, at start-up.
#include <string>
#include <string_view>

#include "native/epoll_server.h"

namespace {

constexpr int kRows = 290;

std::string compose_page() {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Times table</title></head>\n"
      "<body>\n<h1>Squares and cubes</h1>\n<table>\n";
  for (int number = 1; number <= kRows; ++number) {
    const std::string text = std::to_string(number);
    page += "<tr id=\"row-" + text + "\"><th scope=\"row\">" + text + "</th>";
    page += "<td class=\"square\">" + std::to_string(number * number) + "</td>";
    page += "<td class=\"cube\">" + std::to_string(number * number * number) + "</td></tr>\n";
  }
  page += "</table>\n</body>\n</html>\n";
  return page;
}

}  // namespace

int main() {
  const std::string page = compose_page();
  return mayfly::examples::serve_main([&page](std::string_view) {
    return mayfly::examples::Response{"text/html; charset=utf-8", page};
  });
}
