"""The files of this repository: what git tracks, and what it would, were it added."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def repo_files(*suffixes):
    """Paths relative to ROOT, sorted; with suffixes given, only those that end in one of them."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                             capture_output=True, check=True).stdout.decode()
    names = sorted(set(filter(None, listing.split("\0"))))
    files = [pathlib.Path(name) for name in names if not suffixes or name.endswith(suffixes)]
    return [file for file in files if (ROOT / file).is_file()]


def text_of(file):
    """A file's text, or None if it is binary."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
