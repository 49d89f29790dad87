#!/usr/bin/env python3
"""Turns the tables of this folder into C, and checks them while it does.

   tables.py SOURCE_FOLDER OUTPUT.c

Each mistake is printed as `file:line: words`; one mistake fails the build."""
import collections
import os
import re
import sys

ADVICE = ["ask", "yes", "wait", "after-fix", "no"]
VERDICTS = ["ambiguous", "soft", "hard"]
OWNERS = ["nobody", "sender", "sender-admin", "recipient", "recipient-admin", "time"]
TIERS = ["specific", "generic", "wrapper"]
SIDES = ["any", "receiver", "sender"]
COMMANDS = ["resend", "resend-later", "note-recipient", "note-postmaster", "original", "raw",
            "diagnose", "ignore", "filter-domain", "-"]
# In the order of enum cause.
CAUSES = """unknown connect-timeout connect-refused no-route local-net conn-drop dns-temp no-domain
null-mx tls greylist rate reputation content-spam content-virus content-policy too-big mailbox-full
host-full resource expired auth ptr policy user-unknown user-disabled user-moved relay loop
sender-config own-limit config too-many-rcpt protocol i18n""".split()
COLUMNS = {
    "causes.tsv": "id title meaning owner resend permanent wait_s wait_max_s wait_text steps prevention",
    "codes.tsv": "pattern title meaning reply_codes reference classes cause owner note wait_text steps"
                 " prevention",
    "diagnostics.tsv": "pattern vendor cause remedy source codes verdict resend tier",
    "mtas.tsv": "id name interval warning_s lifetime_s source",
    "vendors.tsv": "kind vendor match side cause title meaning source",
}
MAX_FRAGMENT = 200   # match.c remembers where the last 256 characters stood
MAX_SLOTS = 512      # rows with '*': each has a small state in match.c
NO_CLASS = 255       # no class of bytes has this number
MIN_FRAGMENT = 3     # a shorter one says nothing
DENSE_DEPTH = 2      # states up to this depth have a full row

problems = []


def problem(row, words):
    problems.append("%s:%d: %s" % (row.file, row.line, words))


class Row(object):
    def __init__(self, path, line, names, cells):
        self.file, self.line = path, line
        self.__dict__.update(zip(names, cells))


def read_table(folder, name):
    path = os.path.join(folder, name)
    names, rows, seen_head = COLUMNS[name].split(), [], False
    with open(path, encoding="utf-8") as f:
        for line, text in enumerate(f, 1):
            text = text.rstrip("\n")
            if text.startswith("#") or not text:
                continue
            cells = text.split("\t")
            row = Row(path, line, names, cells + [""] * len(names))
            if not seen_head:
                seen_head = True
                if cells != names:
                    problem(row, "the columns must be: " + " ".join(names))
            elif len(cells) != len(names):
                problem(row, "%d columns, not %d" % (len(cells), len(names)))
            else:
                rows.append(row)
    return rows


def one_of(row, column, allowed):
    value = getattr(row, column)
    if value not in allowed:
        problem(row, "unknown %s '%s'; allowed: %s" % (column, value, " ".join(allowed)))
        setattr(row, column, allowed[0])


def filled(row, *columns):
    for column in columns:
        if not getattr(row, column).strip() or getattr(row, column) == "-":
            problem(row, "empty " + column)


def once(rows, key, what):
    seen = {}
    for row in rows:
        k = key(row)
        if k in seen:
            problem(row, "duplicate %s '%s', first in line %d" % (what, k, seen[k].line))
        seen.setdefault(k, row)


def read_steps(row):
    """"resend: words | -: words" becomes lines "COMMAND TAB words"."""
    lines = []
    for step in row.steps.split(" | ") if row.steps else []:
        command, colon, words = step.partition(": ")
        if not colon or command not in COMMANDS or not words.strip():
            problem(row, "bad step '%s'; wanted 'COMMAND: words', COMMAND one of %s"
                    % (step, " ".join(COMMANDS)))
        lines.append("%s\t%s" % ("" if command == "-" else command, words))
    row.steps = "\n".join(lines)


def check_causes(rows):
    once(rows, lambda r: r.id, "cause")
    for row in rows:
        one_of(row, "id", CAUSES)
        one_of(row, "owner", OWNERS)
        one_of(row, "resend", ADVICE)
        one_of(row, "permanent", ["no", "yes"])
        filled(row, "title", "meaning", "wait_text", "steps", "prevention")
        read_steps(row)
        for column in ("wait_s", "wait_max_s"):
            if not getattr(row, column).isdigit():
                problem(row, "%s is no number of seconds" % column)
                setattr(row, column, "0")
    for missing in [c for c in CAUSES if c not in {r.id for r in rows}]:
        problems.append("%s: no row for the cause '%s'" % (rows[0].file if rows else "causes.tsv", missing))


def check_codes(rows):
    once(rows, lambda r: r.pattern, "code")
    for row in rows:
        if not re.match(r"^(X\.\d+\.\d+|[245]\.\*\.\*|X\.\d+\.\*|[245]\d\d|[245]\d\*)$", row.pattern):
            problem(row, "bad code '%s'" % row.pattern)
        one_of(row, "cause", CAUSES)
        one_of(row, "owner", OWNERS)
        filled(row, "title", "meaning", "reference")
        read_steps(row)


def match_in(general, special):
    """Does every text that `special` matches also match `general`?"""
    at, text = 0, special.replace("*", "\0")
    for fragment in general.split("*"):
        hit = text.find(fragment, at)
        if hit < 0:
            return False
        at = hit + len(fragment)
    return True


def check_pattern(row, pattern):
    if pattern != pattern.lower():
        problem(row, "pattern '%s' has capitals: texts are matched in lower case" % pattern)
    if re.search(r"\s\s|[\t\r\n]", pattern):
        problem(row, "pattern '%s' has white space that never matches: texts are folded" % pattern)
    for fragment in pattern.split("*"):
        if len(fragment.strip()) < MIN_FRAGMENT and len(fragment.encode()) < MIN_FRAGMENT:
            problem(row, "fragment '%s' of '%s' is shorter than %d" % (fragment, pattern, MIN_FRAGMENT))
        if len(fragment.encode()) > MAX_FRAGMENT:
            problem(row, "fragment '%s' is longer than %d" % (fragment, MAX_FRAGMENT))
        if re.search(r"[^\s<>@]@[^\s<>@]", fragment):
            problem(row, "pattern '%s' holds an address: addresses are matched as '@'" % pattern)


def check_diagnostics(rows):
    once(rows, lambda r: r.pattern, "pattern")
    for row in rows:
        one_of(row, "cause", CAUSES)
        one_of(row, "verdict", VERDICTS)
        one_of(row, "resend", ADVICE)
        one_of(row, "tier", TIERS)
        filled(row, "pattern", "vendor", "source")
        if row.remedy == "":
            problem(row, "empty remedy; '-' where the cause's steps say enough")
        check_pattern(row, row.pattern)
    for i, row in enumerate(rows):
        for earlier in rows:
            before = (TIERS.index(earlier.tier), earlier.line) < (TIERS.index(row.tier), row.line)
            if before and earlier.pattern != row.pattern and match_in(earlier.pattern, row.pattern):
                problem(row, "unreachable: '%s' is caught by '%s' in line %d first"
                        % (row.pattern, earlier.pattern, earlier.line))
                break


def check_mtas(rows):
    once(rows, lambda r: r.id, "mail system")
    for row in rows:
        filled(row, "id", "name", "interval", "source")
        for column in ("warning_s", "lifetime_s"):
            if not getattr(row, column).isdigit():
                problem(row, "%s is no number of seconds" % column)


def check_vendors(rows):
    names = {r.vendor for r in rows if r.kind == "name"}
    once([r for r in rows if r.kind == "name"], lambda r: r.vendor, "vendor")
    once([r for r in rows if r.kind == "token"], lambda r: r.match, "token")
    once([r for r in rows if r.kind == "reading"], lambda r: r.vendor + " " + r.match, "reading")
    for row in rows:
        one_of(row, "kind", ["name", "token", "reading"])
        if row.vendor not in names:
            problem(row, "unknown vendor '%s': it has no name row" % row.vendor)
        if row.kind == "name":
            filled(row, "title")
        elif row.kind == "token":
            filled(row, "match", "source")
            check_pattern(row, row.match)
        else:
            check_reading(row)


def check_reading(row):
    filled(row, "title", "meaning", "source")
    one_of(row, "cause", CAUSES)
    one_of(row, "side", SIDES)
    m = re.match(r"^([X245])\.(\d+)\.(\d+)(?:-(\d+))?$", row.match)
    if not m:
        problem(row, "bad code '%s'" % row.match)
        m = re.match(r"^([X245])\.(\d+)\.(\d+)(?:-(\d+))?$", "X.0.0")
    row.cls = 0 if m.group(1) == "X" else int(m.group(1))
    row.subject, row.low = int(m.group(2)), int(m.group(3))
    row.high = int(m.group(4) or m.group(3))
    if row.high < row.low:
        problem(row, "the range '%s' is empty" % row.match)


class Automaton(object):
    """Aho and Corasick, over the bytes of the fragments of all patterns."""

    def __init__(self, patterns):
        self.go, self.fail, self.depth, self.uses = [{}], [0], [0], [[]]
        slots = 0
        for row, pattern in enumerate(patterns):
            fragments = [f.encode("utf-8") for f in pattern.split("*")]
            slot = slots if len(fragments) > 1 else 0
            slots += len(fragments) > 1
            for index, fragment in enumerate(fragments):
                self.add(fragment, (row, slot, len(fragment), index, index == len(fragments) - 1))
        self.slots = slots
        self.link()

    def add(self, fragment, use):
        state = 0
        for byte in fragment:
            if byte not in self.go[state]:
                self.go[state][byte] = len(self.go)
                self.go.append({})
                self.fail.append(0)
                self.depth.append(self.depth[state] + 1)
                self.uses.append([])
            state = self.go[state][byte]
        self.uses[state].append(use)

    def link(self):
        """Numbers the states by breadth, finds where each falls back to."""
        order, new = [0], {}
        for state in order:
            order.extend(self.go[state][b] for b in sorted(self.go[state]))
        new = {old: i for i, old in enumerate(order)}
        self.go = [{b: new[t] for b, t in self.go[old].items()} for old in order]
        self.depth = [self.depth[old] for old in order]
        self.uses = [self.uses[old] for old in order]
        self.fail = [0] * len(order)
        for state in range(len(self.go)):
            for byte, to in self.go[state].items():
                back = self.fail[state]
                while state and back and byte not in self.go[back]:
                    back = self.fail[back]
                self.fail[to] = self.go[back].get(byte, 0) if state else 0
        for state in range(1, len(self.go)):  # breadth first: the shorter is complete
            self.uses[state] = self.uses[state] + self.uses[self.fail[state]]
        self.put_chains_together()

    def put_chains_together(self):
        """Numbers the deep states anew: the first edge of each leads to the next number,
        so that most steps of a walk stay within a line of the cache."""
        order = list(range(self.dense()))
        open_states = [t for s in reversed(order) for b, t in sorted(self.go[s].items(), reverse=True)
                       if t >= len(order)]
        while open_states:
            state = open_states.pop()
            order.append(state)
            open_states.extend(self.go[state][b] for b in sorted(self.go[state], reverse=True))
        new = {old: i for i, old in enumerate(order)}
        self.go = [{b: new[t] for b, t in self.go[old].items()} for old in order]
        self.depth = [self.depth[old] for old in order]
        self.uses = [self.uses[old] for old in order]
        self.fail = [new[self.fail[old]] for old in order]

    def first_edge(self, state):
        return min(self.go[state]) if self.go[state] else None

    def step(self, state, byte):
        while state and byte not in self.go[state]:
            state = self.fail[state]
        return self.go[state].get(byte, 0)

    def classes(self):
        used = sorted({b for edges in self.go for b in edges} | {0x20, 0x27, 0x40})
        table = [0] * 256
        for i, byte in enumerate(used, 1):
            table[byte] = i
        for byte in range(ord("A"), ord("Z") + 1):
            table[byte] = table[byte + 32]
        for byte in b"\t\r\n\v\f":
            table[byte] = table[0x20]
        return used, table

    def dense(self):
        return sum(1 for d in self.depth if d <= DENSE_DEPTH)

    def pack(self, number):
        """Lays the edges of the deep states, but their first ones, over each other (row
        displacement). Base 0: there are none."""
        base, owner, to = [0] * len(self.go), {}, {}
        first_free = 1  # no class has the number 0
        deep = sorted(range(self.dense(), len(self.go)), key=lambda s: -len(self.go[s]))
        for state in deep:
            edges = {b: t for b, t in self.go[state].items() if b != self.first_edge(state)}
            keys = [number[b] for b in edges]
            if not keys:
                continue
            at = max(1, first_free - min(keys))
            while any(at + k in owner for k in keys):
                at += 1
            base[state] = at
            for byte, target in edges.items():
                owner[at + number[byte]], to[at + number[byte]] = state, target
            while first_free in owner:
                first_free += 1
        size = max(list(owner) + [0]) + 300  # any class may be added to any base
        return base, [(owner.get(i, 0), to.get(i, 0)) for i in range(size)]


def c_string(text):
    out = []
    for byte in text.encode("utf-8"):
        c = chr(byte)
        if c in "\\\"":
            out.append("\\" + c)
        elif c == "\n":
            out.append("\\n")
        elif c == "\t":
            out.append("\\t")
        elif 32 <= byte < 127 and c != "?":
            out.append(c)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def c_enum(prefix, text):
    return prefix + re.sub(r"[^A-Z0-9]", "_", text.upper())


def c_numbers(kind, name, numbers):
    lines, numbers = [], list(numbers)
    for i in range(0, len(numbers), 20):
        lines.append("\t" + ",".join(str(n) for n in numbers[i:i + 20]) + ",")
    return "const %s %s[] = {\n%s\n};\n" % (kind, name, "\n".join(lines))


def c_rows(kind, name, rows):
    return "const struct %s %s[] = {\n%s};\nconst size_t %s_n = %d;\n\n" % (
        kind, name, "".join("\t{%s},\n" % ", ".join(row) for row in rows), name, len(rows))


def write_words(out, causes, codes, diagnostics, mtas):
    out.write(c_rows("mta_info", "mta_table", [
        [c_string(r.id), c_string(r.name), c_string(r.interval), r.warning_s, r.lifetime_s]
        for r in mtas]))
    by_id = {r.id: r for r in causes}
    out.write(c_rows("cause_info", "cause_table", [
        [c_enum("CAUSE_", c), c_string(c), c_string(r.title), c_string(r.meaning),
         c_enum("OWNER_", r.owner), c_enum("RESEND_", r.resend),
         "true" if r.permanent == "yes" else "false", r.wait_s, r.wait_max_s,
         c_string(r.wait_text), c_string(r.steps), c_string(r.prevention)]
        for c, r in ((c, by_id[c]) for c in CAUSES)]))
    out.write(c_rows("code_info", "code_table", [
        [c_string(r.pattern), c_string(r.title), c_string(r.meaning), c_string(r.reply_codes),
         c_string(r.reference), c_string(r.classes), c_enum("CAUSE_", r.cause),
         c_enum("OWNER_", r.owner), c_string(r.note), c_string(r.wait_text), c_string(r.steps),
         c_string(r.prevention)] for r in codes]))
    out.write(c_rows("diagnostic_info", "diagnostic_table", [
        [c_string(r.pattern), c_string(r.vendor), c_enum("CAUSE_", r.cause),
         c_string("" if r.remedy == "-" else r.remedy),
         c_string(r.source), c_string("" if r.codes == "-" else r.codes),
         c_enum("VERDICT_", r.verdict), c_enum("RESEND_", r.resend), str(TIERS.index(r.tier))]
        for r in diagnostics]))


def write_code_index(out, codes):
    index = [[0] * 32 for _ in range(8)]
    for i, row in enumerate(codes, 1):
        m = re.match(r"^X\.(\d+)\.(\d+)$", row.pattern)
        if m and int(m.group(1)) < 8 and int(m.group(2)) < 32:
            index[int(m.group(1))][int(m.group(2))] = i
        elif m:
            problem(row, "code '%s' is beyond the index" % row.pattern)
    out.write("const unsigned char code_index[CODE_SUBJECTS][CODE_DETAILS] = {\n%s};\n\n" % "".join(
        "\t{%s},\n" % ", ".join(str(n) for n in line) for line in index))


def write_vendors(out, vendors):
    names = [r for r in vendors if r.kind == "name"]
    number = {r.vendor: i for i, r in enumerate(names)}
    out.write(c_rows("vendor_info", "vendor_table", [
        [c_string(r.vendor), c_string(r.title)] for r in names]))
    out.write(c_rows("reading_info", "reading_table", [
        ["&vendor_table[%d]" % number[r.vendor], str(r.cls), str(r.subject), str(r.low), str(r.high),
         c_enum("SIDE_", r.side), c_enum("CAUSE_", r.cause), c_string(r.title),
         c_string(r.meaning), c_string(r.source)] for r in vendors if r.kind == "reading"]))
    tokens = [r for r in vendors if r.kind == "token"]
    out.write(c_numbers("unsigned char", "match_token_vendor", [number[r.vendor] for r in tokens]))
    return [r.match for r in tokens]


def write_automaton(out, patterns):
    a = Automaton(patterns)
    used, table = a.classes()
    n_classes = len(used) + 1
    number = {b: i for i, b in enumerate(used, 1)}
    if len(a.go) > 65535 or a.slots > MAX_SLOTS or n_classes >= NO_CLASS:
        problems.append("tables.py: %d states, %d rows with '*', %d characters: too many for the "
                        "automaton" % (len(a.go), a.slots, n_classes))
        return
    lists, at, where = [], {}, []
    for uses in a.uses:
        key = tuple(uses)
        if not uses:
            where.append(0)
            continue
        if key not in at:
            at[key] = len(lists) + 1
            lists.extend((u, i == len(uses) - 1) for i, u in enumerate(uses))
        where.append(at[key])
    base, cells = a.pack(number)
    dense = [a.step(s, used[c - 1]) if c else 0 for s in range(a.dense()) for c in range(n_classes)]
    out.write("const unsigned match_n_classes = %d;\nconst unsigned match_n_dense = %d;\n"
              "const unsigned match_n_states = %d;\nconst unsigned match_n_slots = %d;\n"
              % (n_classes, a.dense(), len(a.go), a.slots))
    out.write("const unsigned char match_blank = %d, match_quote = %d, match_at = %d;\n"
              % (number[0x20], number[0x27], number[0x40]))
    out.write(c_numbers("unsigned char", "match_class", table))
    out.write(c_numbers("uint16_t", "match_dense", dense))
    firsts = [number.get(a.first_edge(s), NO_CLASS) if s >= a.dense() else NO_CLASS
              for s in range(len(a.go))]
    out.write("const struct match_state match_states[] = {\n%s};\n" % "".join(
        "\t{%d, %d, %d, %d},\n" % state for state in zip(base, a.fail, where, firsts)))
    out.write("const struct match_cell match_cells[] = {\n%s};\n" % "".join(
        "\t{%d, %d},\n" % cell for cell in cells))
    out.write("const struct match_use match_uses[] = {\n\t{0, 0, 0, 0, false, true},\n%s};\n" % "".join(
        "\t{%d, %d, %d, %d, %s, %s},\n" % (row, slot, n, index, str(last).lower(), str(end).lower())
        for (row, slot, n, index, last), end in lists))


def main(folder, output):
    causes, codes = read_table(folder, "causes.tsv"), read_table(folder, "codes.tsv")
    diagnostics, vendors = read_table(folder, "diagnostics.tsv"), read_table(folder, "vendors.tsv")
    check_causes(causes)
    check_codes(codes)
    check_diagnostics(diagnostics)
    check_vendors(vendors)
    mtas = read_table(folder, "mtas.tsv")
    check_mtas(mtas)
    if not problems:
        diagnostics.sort(key=lambda r: (TIERS.index(r.tier), r.line))
        with open(output + ".new", "w") as out:
            out.write("/* Made by tables.py from the tables of mail/bounce. */\n"
                      "#include \"bounce/match.h\"\n\n")
            write_words(out, causes, codes, diagnostics, mtas)
            write_code_index(out, codes)
            tokens = write_vendors(out, vendors)
            write_automaton(out, [r.pattern for r in diagnostics] + tokens)
    for words in problems:
        print(words, file=sys.stderr)
    if problems:
        return 1
    os.replace(output + ".new", output)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: tables.py SOURCE_FOLDER OUTPUT.c")
    sys.exit(main(sys.argv[1], sys.argv[2]))
