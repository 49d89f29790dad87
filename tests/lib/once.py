"""One resend, whatever happens to it: what is shown agrees with what arrived."""
import os, subprocess


def resend(machine, case, *options, **more):
    return subprocess.Popen([os.environ["BOUNCEBOX"], "resend", "--yes", *options, case], env=machine.env,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def check(machine, sink, name, what, tally):
    """What is shown agrees with what arrived"""
    handling = machine.cases("to:" + name)[name]["handling"]
    arrived = sink.delivered()[name]
    allowed = ("open", "due", "doubt") if arrived == 0 else ("resent", "doubt")
    assert arrived <= 1 and handling in allowed, (what, name, arrived, handling)
    tally[(arrived, handling)] += 1
    return handling


def again(machine, sink, name, case, handling):
    """Nothing is lost: what is open or due goes and arrives once. What is in doubt waits for a person"""
    before = sink.delivered()[name]
    if handling == "due":
        machine.run("sync", "--send-due", status=None)
    elif handling != "resent":
        process = resend(machine, case)
        process.communicate(timeout=120)
        assert handling == "open" or process.returncode == 1, (name, handling)
    after = sink.delivered()[name]
    assert after == (before if handling == "doubt" else 1), (name, handling, before, after)
