// Programs that need child processes: the log says which call, of which program, and what to do.
#include <gtest/gtest.h>

#include "e2e/places.h"
#include "started_program.h"

namespace mayfly::servers {
namespace {

TEST(Children, GunicornsWorkersAreReported) {
  ServerProgram gunicorn = python_program("gunicorn", "");
  gunicorn.command = {"/usr/bin/gunicorn", "--bind", "127.0.0.1:@PORT@", "flask_app:app"};
  const Place place(gunicorn, 8000);
  Start start;
  start.folder = place.folder();
  Strings arguments = {"run", "--env=PYTHONDONTWRITEBYTECODE=1", "--"};
  arguments.insert(arguments.end(), place.command().begin(), place.command().end());
  const e2e::Outcome outcome = e2e::run_mayfly(arguments, start);
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.err.find("not supported: fork by /usr/bin/python3.11: a machine runs one process; set the program "
                             "to work in one (no daemon, no worker processes)"),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace mayfly::servers
