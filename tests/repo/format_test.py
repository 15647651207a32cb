#!/usr/bin/env python3
"""Fails for C and C++ files that clang-format would change."""
import subprocess
import sys

from repo_files import ROOT, repo_files

files = repo_files(".h", ".cpp", ".c")
if not files:
    sys.exit("format: found no file to check")
ended = subprocess.run(["clang-format", "--dry-run", "-Werror", *map(str, files)], cwd=ROOT, capture_output=True,
                       text=True, check=False)
unformatted = sorted({line.split(":")[0] for line in ended.stderr.splitlines() if "[-Wclang-format" in line})
if ended.returncode != 0:
    print(ended.stderr if not unformatted else "")
    sys.exit("format: mend with\n  clang-format -i " + " ".join(unformatted))
