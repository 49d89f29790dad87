"""The SMTP server of smtp_sink.py as a part of a scene, and what it took."""
import collections, json, os, re, subprocess, sys

from postfix import LIB


class Sink:
    def __init__(self, scene, name="sink"):
        self.dir = scene.dir + "/" + name
        os.makedirs(self.dir + "/accepted", exist_ok=True)
        self.plan({})
        self.process = subprocess.Popen([sys.executable, LIB + "/smtp_sink.py", self.dir],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        scene.callback(self.stop)
        for line in self.process.stdout:
            if line.startswith("SMTP_PORT="):
                self.port = int(line.split("=")[1])
            if line.startswith("READY"):
                break

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)

    def plan(self, plan):
        with open(self.dir + "/plan.json.new", "w") as f:
            json.dump(plan, f)
        os.rename(self.dir + "/plan.json.new", self.dir + "/plan.json")

    def names(self):
        return sorted(n for n in os.listdir(self.dir + "/accepted") if not n.endswith(".part"))

    def messages(self):
        """[(envelope, bytes)], oldest first"""
        out = []
        for name in self.names():
            with open(os.path.join(self.dir, "accepted", name), "rb") as f:
                out.append(tuple(f.read().split(b"\r\n\r\n", 1)))
        return out

    def delivered(self):
        """{recipient: how often}"""
        count = collections.Counter()
        for envelope, _ in self.messages():
            count.update(a.decode() for a in re.findall(rb"RCPT TO:<([^>]*)>", envelope, re.I))
        return count

    def dialogue(self):
        """About how many bytes a client says"""
        return 60 + max(os.path.getsize(os.path.join(self.dir, "accepted", n)) for n in self.names())
