"""Finds the functions of C++ and Python sources and how long they are."""
import ast
import re

# Comments, raw strings, strings and characters; a digit separator, as in 1'000, is no quote.
_OPAQUE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
                     re.DOTALL)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_ACCESS = re.compile(r"\b(?:public|private|protected)\s*:(?!:)")
_CONTAINER = re.compile(r"\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)


def _blanked(match):
    return re.sub(r"[^\n]", " ", match[0])


def _opens_function(statement):
    """Whether the `{` behind this text begins a function's body."""
    if _CONTAINER.match(statement) and not re.search(r"\)\s*(?:const|noexcept|override|\s)*$", statement):
        return False
    return ")" in statement and not re.search(r"[=,(]\s*$", statement)


def cpp_functions(text):
    """Yields (first line, number of lines, head) of each function; what is defined inside of one belongs to it."""
    text = _PREPROCESSOR.sub(_blanked, _OPAQUE.sub(_blanked, text))
    text = _ACCESS.sub(";", text)
    line = 1
    depth = 0
    statement = ""
    function = None  # (depth, first line, head) of the function we are in
    for character in text:
        if character == "\n":
            line += 1
        if character == "{":
            if function is None and _opens_function(statement):
                first_line = line - statement.strip().count("\n")
                function = (depth, first_line, " ".join(statement.split()))
            depth += 1
        elif character == "}":
            depth -= 1
            if function is not None and function[0] == depth:
                yield function[1], line - function[1] + 1, function[2]
                function = None
        statement = "" if character in "{};" else statement + character


def python_functions(text):
    """Yields the same of a Python source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1, node.name
