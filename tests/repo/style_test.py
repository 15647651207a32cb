#!/usr/bin/env python3
"""The rules of style that no compiler checks."""
import re
import unittest

from functions import cpp_functions, python_functions
from repo_files import ROOT, repo_files, text_of

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
CODE = (".h", ".cpp", ".c", ".S", ".py", ".js", ".jsx", ".mjs", ".cmake", "CMakeLists.txt")
# Spelt so that this file passes its own test.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
REGISTRY = re.compile(r"https?://[\w.-]*(registry|mirror|artifact|proxy|npmjs|pypi|crates|debian\.org)[\w.-]*", re.IGNORECASE)
LOCKFILES = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "deno.lock", "Cargo.lock")


def is_script(file):
    return file.suffix == "" and text_of(file).startswith("#!")


class Style(unittest.TestCase):
    def none(self, findings, rule):
        findings = list(findings)
        if findings:
            self.fail(rule + "\n  " + "\n  ".join(findings))

    def test_files_are_short(self):
        files = [file for file in repo_files() if str(file).endswith(CODE) or (text_of(file) and is_script(file))]
        lengths = [(file, text_of(file).count("\n")) for file in files]
        self.none((f"{file}: {lines} lines" for file, lines in lengths if lines > MAX_FILE_LINES),
                  f"files have at most {MAX_FILE_LINES} lines")

    def test_functions_are_short(self):
        functions = [(file, *function) for file in repo_files(".h", ".cpp", ".c") for function in
                     cpp_functions(text_of(file))]
        functions += [(file, *function) for file in repo_files(".py") for function in python_functions(text_of(file))]
        self.assertGreater(len(functions), 10)
        self.none((f"{file}:{line}: {length} lines: {head}" for file, line, length, head in functions
                   if length > MAX_FUNCTION_LINES), f"functions have at most {MAX_FUNCTION_LINES} lines")

    def test_nothing_is_left_unfinished(self):
        self.none(self.lines_matching(UNFINISHED), "what is left to do belongs into an issue")

    def test_no_registry_is_named(self):
        self.none(self.lines_matching(REGISTRY), "the user's configuration says where packages come from")

    def test_lockfiles_do_not_say_where_packages_came_from(self):
        locks = repo_files(*LOCKFILES)
        self.assertTrue(locks)
        self.none((str(lock) for lock in locks if '"resolved"' in text_of(lock)),
                  "lockfiles are written with omit-lockfile-registry-resolved")

    def test_headers_are_guarded(self):
        self.none((str(file) for file in repo_files(".h") if "#pragma once" not in text_of(file)),
                  "headers have #pragma once")

    def test_text_ends_in_one_newline_and_lines_in_no_blank(self):
        texts = [(file, text_of(file)) for file in repo_files()]
        self.none((str(file) for file, text in texts if text and
                   (not text.endswith("\n") or text.endswith("\n\n") or re.search(r"[ \t]$", text, re.MULTILINE))),
                  "no trailing blanks, one newline at the end of a file")

    @staticmethod
    def lines_matching(pattern):
        for file in repo_files():
            for number, line in enumerate((text_of(file) or "").splitlines(), 1):
                if pattern.search(line):
                    yield f"{file}:{number}: {line.strip()[:120]}"


class FunctionFinder(unittest.TestCase):
    def lengths(self, source):
        return [(line, length) for line, length, _ in cpp_functions(source)]

    def test_a_function_counts_from_its_head_to_its_brace(self):
        self.assertEqual(self.lengths("int f(int a,\n      int b) {\n  return a;\n}\n"), [(1, 4)])

    def test_methods_count_and_their_class_does_not(self):
        source = "namespace n {\nclass C {\n public:\n  C() : a_(1) {}\n  void g() const {\n    if (a_) {\n    }\n  }\n};\n}\n"
        self.assertEqual(self.lengths(source), [(4, 1), (5, 4)])

    def test_initializers_are_not_functions(self):
        self.assertEqual(self.lengths("constexpr Row kRows[] = {\n  {1, f(2)},\n  {2, 3},\n};\n"), [])

    def test_braces_in_text_do_not_count(self):
        source = "void f() {\n  g('{', \"}\", 1'000);  // }\n  /* } */\n}\n#define OPEN {\nvoid h() {\n}\n"
        self.assertEqual(self.lengths(source), [(1, 4), (6, 2)])

    def test_struct_results_and_lambdas(self):
        self.assertEqual(self.lengths("struct S f(int a) {\n  auto g = [] {\n    return 1;\n  };\n}\n"), [(1, 5)])


if __name__ == "__main__":
    assert ROOT.is_dir()
    unittest.main()
