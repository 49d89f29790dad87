#!/usr/bin/env python3
"""Do the weights of causes mean something? Of the causes that `parse --json` puts
first with about 0.9, nine of ten should be right.

   CORPUS=FOLDER bench_weights.py [-v]

FOLDER holds labelled bounces: expected.tsv (file, recipient, status, replycode,
reason, …) with the reasons of Sisimai, which are coarse and not always right, and
diagnostics.tsv with causes read by hand, which win where both are there. A label
stands for any of the causes beside it."""
import collections
import json
import os
import subprocess
import sys

PROGRAM = os.environ.get("BOUNCEBOX", "build/bouncebox")
CORPUS = os.environ.get("CORPUS", "")
NETWORK = "connect-timeout connect-refused no-route local-net conn-drop dns-temp expired"
HAND = {
    "network": NETWORK,
    "dns-recipient-domain": "no-domain null-mx dns-temp",
    "server-resource": "resource host-full config",
    "unknown-expired": "expired",
    "mailbox-full": "mailbox-full",
    "routing-loop": "loop",
    "recipient-unknown": "user-unknown user-disabled",
    "server-error": "resource config dns-temp host-full protocol",
    "sender-dns": "ptr auth sender-config",
    "policy-rate-limit": "rate",
    "busy-or-refused-unspecified": "rate resource connect-refused greylist",
    "dns-temporary": "dns-temp no-domain",
}
REASONS = {
    "userunknown": "user-unknown user-disabled user-moved",
    "mailboxfull": "mailbox-full",
    "hostunknown": "no-domain null-mx dns-temp",
    "networkerror": NETWORK + " loop no-domain",
    "expired": NETWORK + " greylist rate resource mailbox-full no-domain",
    "suspend": "user-disabled mailbox-full",
    "hasmoved": "user-moved",
    "filtered": "user-unknown user-disabled policy content-policy",
    "mesgtoobig": "too-big",
    "exceedlimit": "too-big rate",
    "emailtoolarge": "too-big",
    "virusdetected": "content-virus content-policy",
    "spamdetected": "content-spam content-policy reputation",
    "contenterror": "content-policy protocol content-spam",
    "securityerror": "content-policy policy auth tls content-virus",
    "policyviolation": "policy content-policy rate reputation auth protocol",
    "blocked": "reputation policy ptr connect-refused rate auth relay greylist",
    "badreputation": "reputation",
    "requireptr": "ptr",
    "norelaying": "relay",
    "notaccept": "null-mx no-domain policy",
    "rejected": "policy auth sender-config content-policy reputation user-unknown no-domain relay",
    "authfailure": "auth",
    "notcompliantrfc": "protocol content-policy auth",
    "speeding": "rate",
    "ratelimited": "rate",
    "toomanyconn": "rate resource",
    "systemfull": "host-full",
    "systemerror": "resource config loop host-full no-domain local-net dns-temp sender-config"
                   " conn-drop protocol own-limit",
    "mailererror": "config resource user-unknown",
    "failedstarttls": "tls",
    "syntaxerror": "protocol config",
    "suppressed": "own-limit user-unknown",
}


def rows(name):
    with open(os.path.join(CORPUS, name), encoding="utf-8", errors="replace") as f:
        for line in list(f)[1:]:
            yield line.rstrip("\n").split("\t")


def labels():
    """(file, recipient) -> label, the causes that it stands for."""
    found = {}
    for cells in rows("expected.tsv"):
        if len(cells) > 4 and cells[4] in REASONS:
            found[cells[0], cells[1].lower()] = (cells[4], REASONS[cells[4]].split())
    for cells in rows("diagnostics.tsv"):
        if len(cells) > 10 and cells[4] in HAND:
            found[cells[0], cells[10].lower()] = (cells[4], HAND[cells[4]].split())
    return found


def main():
    if not CORPUS:
        print("no CORPUS: nothing to hold the weights against")
        return 0
    out = subprocess.run([PROGRAM, "parse", "--json", os.path.join(CORPUS, "maildir")],
                         stdout=subprocess.PIPE, check=True)
    known, right, total, seen, silent = labels(), collections.Counter(), collections.Counter(), set(), 0
    for line in out.stdout.decode().splitlines():
        message = json.loads(line)
        name = os.path.relpath(message["file"], CORPUS)
        if os.path.basename(name) in seen:
            continue  # the same with other line ends
        seen.add(os.path.basename(name))
        for r in message["recipients"]:
            label, causes = known.get((name, r["address"].lower()), (None, None))
            if label is None or r["state"] == "delivered":
                continue
            if not r["causes"]:
                silent += 1
                continue
            first = r["causes"][0]
            bucket = int(first["weight"] * 10 + 1e-9)
            total[bucket] += 1
            right[bucket] += first["cause"] in causes
            if "-v" in sys.argv and first["cause"] not in causes:
                print("%.2f %-16s %-16s %s\n     %s" % (first["weight"], first["cause"], label, name,
                                                       r["diagnostic"][:150]))
    for bucket in sorted(total, reverse=True):
        print("weight 0.%dx: %3d of %3d right, %3.0f %%"
              % (bucket, right[bucket], total[bucket], 100.0 * right[bucket] / total[bucket]))
    print("no cause:   %3d" % silent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
