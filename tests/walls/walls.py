#!/usr/bin/env python3
"""Checks the walls of the house: who may include and call what, and how large a
thing may be. Prints each finding as file:line: words. Exit status 1 if there is one.

    walls.py TREE
"""
import pathlib
import re
import subprocess
import sys
import tempfile

# A room, and the rooms that it may include (the floors below it, and itself).
ROOMS = {
    "base": "base",
    "msg": "base msg",
    "bounce": "base msg bounce",
    "net": "base msg net",
    "store": "base msg bounce store",
    "work": "base msg bounce net store work",
    "tui": "base msg bounce net store work tui",
}
# A library, and the only places (rooms, or one file) that may know of it.
LIBRARIES = [
    (r"n?curses(w)?(/.*)?\.h|term\.h", ["tui/term.c"]),
    (r"libetpan/.*", ["net"]),
    (r"openssl/(ssl|err|x509.*|bio)\.h", ["net"]),
    (r"openssl/.*", ["net", "store"]),
    (r"sqlite3\.h", ["store"]),
    (r"ini\.h", ["base"]),
    (r"idn2\.h", ["net"]),
    (r"iconv\.h", ["msg"]),
    (r"pthread\.h", ["base", "net", "work"]),
]
PURE = ["msg", "bounce"]
IMPURE_CALLS = """fopen freopen fdopen fclose fread fwrite fgets fgetc getline printf fprintf puts
    fputs putchar perror open openat creat close read write pread pwrite stat lstat fstat unlink
    rename mkdir opendir socket connect accept bind listen send recv poll select getaddrinfo
    pthread_create pthread_mutex_lock fork execv execvp posix_spawn time clock clock_gettime
    gettimeofday sleep usleep nanosleep getenv secure_getenv setenv setlocale rand random signal
    sigaction exit""".split()
IMPURE_HEADERS = r"(pthread|unistd|fcntl|poll|signal|dirent|netdb|sys/.*)\.h"
NEVER = """strcpy strcat sprintf vsprintf gets system popen strtok alloca tmpnam mktemp
    asctime ctime gmtime localtime inet_ntoa strerror_l""".split()
MAX_FILE_LINES = 600
# Tables: data, line by line.
LONG_FILES = ["mail/base/utf8_table.h"]
TEST_SUFFIXES = (".c", ".h", ".py", ".sh")
WARN_FUNCTION_LINES = 60
MAX_FUNCTION_LINES = 80


def room_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "mail" and len(parts) > 2 else parts[0]


def without_comments(text):
    """Comments and the insides of strings become blanks; lines stay where they are."""

    def blank(match):
        word = match.group(0)
        if word[0] in "\"'":
            return word[0] + " " * (len(word) - 2) + word[0]
        return re.sub(r"[^\n]", " ", word)

    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


class Checker:
    def __init__(self, tree):
        self.tree = pathlib.Path(tree)
        self.findings = []
        self.warnings = []
        self.files = sorted(
            str(p.relative_to(self.tree))
            for top in ("mail", "tui")
            for p in (self.tree / top).rglob("*.[ch]")
        )
        # Tests include what they like, but a person reads them, too.
        self.tests = sorted(
            str(p.relative_to(self.tree))
            for p in (self.tree / "tests").rglob("*")
            if p.suffix in TEST_SUFFIXES
        )

    def find(self, path, line, words):
        self.findings.append(f"{path}:{line}: {words}")

    def check_include(self, path, line, kind, name):
        room = room_of(path)
        if kind == '"':
            target = name.split("/")[0]
            if "/" not in name or target not in ROOMS:
                self.find(path, line, f'"{name}" names no room')
            elif target not in ROOMS.get(room, "").split():
                self.find(path, line, f'{room} may not include "{name}"')
            return
        for pattern, owners in LIBRARIES:
            if re.fullmatch(pattern, name):
                if room not in owners and path not in owners:
                    self.find(path, line, f"<{name}> belongs to {' and '.join(owners)}")
                return
        if room in PURE and re.fullmatch(IMPURE_HEADERS, name):
            self.find(path, line, f"<{name}> in {room}, which is pure")

    def check_calls(self, path, number, line):
        for name in re.findall(r"(?<![\w.>])([a-z_]\w*)\s*\(", line):
            if name in NEVER:
                self.find(path, number, f"{name}() is never used here")
            elif room_of(path) in PURE and name in IMPURE_CALLS:
                self.find(path, number, f"{name}() in {room_of(path)}, which is pure")

    def check_functions(self, path, lines):
        """House style: the name, and both braces of the body, begin a line."""
        name, begin = "", 0
        for number, line in enumerate(lines, 1):
            match = re.match(r"(\w+)\(", line)
            if match:
                name = match.group(1)
            if line.rstrip() == "{":
                begin = number
            elif line.rstrip() == "}" and begin:
                length = number - begin - 1
                words = f"{name} has {length} lines"
                if length > MAX_FUNCTION_LINES:
                    self.find(path, begin, f"{words}, at most {MAX_FUNCTION_LINES} are allowed")
                elif length > WARN_FUNCTION_LINES:
                    self.warnings.append(f"{path}:{begin}: {words}")
                begin = 0

    def check_file(self, path):
        text = (self.tree / path).read_text(errors="replace")
        plain = without_comments(text)
        lines = plain.split("\n")
        for number, raw in enumerate(text.split("\n"), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', raw)
            if match:
                self.check_include(path, number, *match.groups())
            if re.search(r"\b(TODO|FIXME|XXX)\b", raw):
                self.find(path, number, "a note to ourselves: do it or leave it out")
        for number, line in enumerate(lines, 1):
            if not line.lstrip().startswith("#"):
                self.check_calls(path, number, line)
        self.check_functions(path, lines)
        self.check_size(path, len(lines) - 1)

    def check_size(self, path, n_lines):
        if n_lines > MAX_FILE_LINES and path not in LONG_FILES:
            self.find(path, n_lines, f"over {MAX_FILE_LINES} lines")

    def check_header_alone(self, path):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "alone.c"
            source.write_text(f'#include "{self.tree / path}"\nint alone;\n')
            command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-w"]
            command += [f"-I{self.tree}/mail", f"-I{self.tree}", str(source)]
            run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            words = next((w for w in run.stderr.split("\n") if "error" in w), run.stderr)
            self.find(path, 1, f"does not stand alone: {words.split('error: ')[-1]}")

    def run(self):
        for path in self.files:
            self.check_file(path)
            if path.endswith(".h"):
                self.check_header_alone(path)
        for path in self.tests:
            text = (self.tree / path).read_text(errors="replace")
            self.check_size(path, text.count("\n"))
        for words in self.warnings:
            print(f"long: {words}")
        for words in self.findings:
            print(words)
        print(f"{len(self.files) + len(self.tests)} files, {len(self.findings)} findings")
        return 1 if self.findings or not self.files else 0


if __name__ == "__main__":
    sys.exit(Checker(sys.argv[1]).run())
