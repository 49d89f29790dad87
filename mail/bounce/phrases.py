#!/usr/bin/env python3
"""Turns phrases.tsv into C and checks it: phrases.py FOLDER OUTPUT.c"""
import sys

KINDS = ["intro", "intro-delay", "intro-ok", "toward", "fail-to", "fail", "permanent", "delay", "expired", "ok",
         "original", "header", "shortened", "stop", "label", "not", "from", "away", "digest", "complaint", "list", "mta",
         "subject-fail", "subject-delay", "subject-ok", "subject-away", "subject-complaint",
         "subject-forward"]


def hash_of(b):
    """The same as in phrase.c: four bytes, or eight where a phrase has them."""
    if len(b) < 8:
        return ((int.from_bytes(b[:4], "little") * 2654435761) & 0xFFFFFFFF) >> 20
    return ((int.from_bytes(b[:8], "little") * 0x9E3779B97F4A7C15) & (1 << 64) - 1) >> 52


def begin_of(b):
    """The same as in phrase.c."""
    return ((int.from_bytes(b[:4], "little") * 2654435761) & 0xFFFFFFFF) >> 17


def tail_of(b):
    """Its last eight bytes, or four where it has no eight."""
    return int.from_bytes(b[-8:] if len(b) >= 8 else b[-4:], "little")


def c_string(b):
    out = ""
    for x in b:
        if x in (0x22, 0x5C):
            out += "\\" + chr(x)
        elif 0x20 <= x < 0x7F:
            out += chr(x)
        else:
            out += "\\%03o" % x
    return '"%s"' % out


def read(path):
    rows, seen = [], {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        where = "%s:%d" % (path, number)
        if len(cells) not in (2, 3):
            sys.exit("%s: want kind, phrase and perhaps an argument" % where)
        kind, phrase, arg = cells[0], cells[1], cells[2] if len(cells) == 3 else ""
        if kind not in KINDS:
            sys.exit("%s: no such kind: %s" % (where, kind))
        if phrase != phrase.lower() or "  " in phrase:
            sys.exit("%s: not in lower case with single blanks: %s" % (where, phrase))
        raw = phrase.encode()
        if raw[0] <= 0x20:
            sys.exit("%s: begins with a blank: %s" % (where, phrase))
        if not 4 <= len(raw) <= 250:
            sys.exit("%s: 4 to 250 bytes, please: %s" % (where, phrase))
        group = "subject" if kind.startswith("subject") else "text"
        if (raw, group) in seen:
            sys.exit("%s: again, as in line %d: %s" % (where, seen[raw, group], phrase))
        seen[raw, group] = number
        if (kind == "mta") != bool(arg):
            sys.exit("%s: an argument goes with mta only" % where)
        rows.append(((len(raw) >= 8) * 4096 + hash_of(raw), raw, KINDS.index(kind), arg))
    return sorted(rows)


def main():
    folder, output = sys.argv[1], sys.argv[2]
    rows = read(folder + "/phrases.tsv")
    first, count = [0] * 8192, [0] * 8192
    for i, row in enumerate(rows):
        if count[row[0]] == 0:
            first[row[0]] = i
        count[row[0]] += 1
    with open(output, "w", encoding="ascii") as o:
        o.write('/* Made from phrases.tsv: change that. */\n#include "bounce/phrase.h"\n\n')
        o.write("const struct phrase phrase_table[] = {\n")
        for _, raw, kind, arg in rows:
            o.write("\t{%s, UINT64_C(%d), %d, %d, %s},\n"
                    % (c_string(raw), tail_of(raw), len(raw), kind, c_string(arg.encode())))
        o.write("};\nconst size_t phrase_table_n = %d;\n" % len(rows))
        begins = [0] * 4096
        for _, raw, _, _ in rows:
            begins[begin_of(raw) >> 3] |= 1 << (begin_of(raw) & 7)
        o.write("const uint8_t phrase_begins[4096] = {%s};\n" % ",".join(map(str, begins)))
        for name, values in (("first", first), ("count", count)):
            o.write("const uint16_t phrase_%s[8192] = {%s};\n" % (name, ",".join(map(str, values))))


main()
