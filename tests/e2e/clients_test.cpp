// Well-known clients that measure, or show pages.
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "cli/test_folder.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

std::string installed(const std::string& path) {
  if (!std::filesystem::exists(path)) throw std::runtime_error(path + " is missing: scripts/setup installs it");
  return path;
}

Outcome wrk(const Server& server, const std::string& path) {
  Start start;
  start.command = {installed("/usr/bin/wrk"), "-t", "1", "-c", "8", "-d", "1s", "http://" + server.address() + path};
  return run(start);
}

/// What a page has become once it is loaded. @param folder for what the browser writes
Outcome dump_page(const Server& server, const cli::TestFolder& folder) {
  Start start;
  start.command = {installed("/usr/bin/chromium"), "--headless", "--no-sandbox", "--disable-gpu",
                   "--disable-dev-shm-usage", "--no-first-run", "--disable-crash-reporter",
                   // It has nobody to talk to but the server.
                   "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--no-proxy-server",
                   "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
                   "--disable-extensions", "--disable-sync", "--user-data-dir=" + folder.path().string(),
                   "--timeout=45000",  // it dumps what it has by then
                   "--dump-dom", "http://" + server.address() + "/"};
  start.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.path().string(), "LANG=C.UTF-8"};
  return run(start);
}

TEST(Clients, WrkSeesNoErrors) {
  const Server server = Server::run({"--warmup=5", "--vms=3"});
  for (const std::string path : {"/hello", "/big?100", "/pieces"}) {
    const Outcome outcome = wrk(server, path);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find(" requests in "), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find(" 0 requests in "), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find("Non-2xx"), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.out.find("Socket errors"), std::string::npos) << outcome.out;
  }
}

TEST(Clients, ChromiumShowsAStreamedPageThatFollowsEvents) {
  const cli::TestFolder folder;
  const Server server = Server::serve(app("page.mjs"), {"--warmup=5", "--vms=3", "--audit=1"});
  const Outcome chromium = dump_page(server, folder);
  EXPECT_EQ(chromium.status, 0) << chromium.err;
  const std::string& page = chromium.out;
  EXPECT_NE(page.find("<main><p id=\"slow\">rendered later</p></main>"), std::string::npos) << page << chromium.err;
  // Each of the browser's requests is the first of its machine after the warm-up.
  EXPECT_NE(page.find("<ol id=\"events\" data-state=\"complete\"><li>1 request 6</li><li>2 request 6</li>"
                      "<li>3 request 6</li></ol>"),
            std::string::npos)
      << page << chromium.err;
}

}  // namespace
}  // namespace mayfly::e2e
