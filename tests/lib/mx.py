#!/usr/bin/env python3
"""The mail servers of all recipients, in one small SMTP server.

  mx.py PORT SPOOL      PORT 0 takes a free one; prints 'ready PORT'

What is said to RCPT TO <anyone@DOMAIN> is the first line of SPOOL/answers/DOMAIN,
read anew each time, so that a test can mend a server while it runs. Without that
file the recipient is accepted, and the message is written to SPOOL/delivered/ as
one file a recipient: 'X-Envelope: MAIL…|RCPT…' and the bytes as they came.
Answers beside a reply line: 'lost' (the connection drops after the final dot).
"""
import asyncio, itertools, os, sys

count = itertools.count()


def answer_of(spool, domain):
    try:
        with open(os.path.join(spool, "answers", domain), "rb") as f:
            return f.readline().strip()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return b""


async def serve(reader, writer, spool):
    async def say(line):
        writer.write(line + b"\r\n")
        await writer.drain()

    mail, rcpts = b"", []
    try:
        await say(b"220 mx.test ESMTP")
        while True:
            word = (await reader.readline()).strip()
            if not word:
                return
            up = word.upper()
            if up.startswith(b"EHLO"):
                for cap in (b"mx.test", b"PIPELINING", b"8BITMIME", b"SMTPUTF8", b"ENHANCEDSTATUSCODES"):
                    await say(b"250-" + cap)
                await say(b"250 DSN")
            elif up.startswith(b"HELO"):
                await say(b"250 mx.test")
            elif up.startswith(b"MAIL"):
                mail, rcpts = word, []
                await say(b"250 2.1.0 ok")
            elif up.startswith(b"RCPT"):
                address = word.split(b"<", 1)[-1].split(b">", 1)[0].decode("utf-8", "replace")
                domain = os.path.basename(address.rpartition("@")[2].lower())
                said = answer_of(spool, domain)
                if said and said != b"lost":
                    await say(said)
                    if said.startswith(b"421"):
                        return
                else:
                    rcpts.append((word, said))
                    await say(b"250 2.1.5 ok")
            elif up == b"DATA":
                if not rcpts:
                    await say(b"503 5.5.1 no valid recipients")
                    continue
                await say(b"354 go on")
                body = []
                while True:
                    line = await reader.readline()
                    if not line:
                        return
                    if line == b".\r\n":
                        break
                    body.append(line[1:] if line.startswith(b".") else line)
                if any(said == b"lost" for _, said in rcpts):
                    writer.transport.abort()
                    return
                for rcpt, _ in rcpts:
                    name = "%06d.eml" % next(count)
                    tmp = os.path.join(spool, name + ".tmp")
                    with open(tmp, "wb") as f:
                        f.write(b"X-Envelope: " + mail + b"|" + rcpt + b"\r\n" + b"".join(body))
                    os.rename(tmp, os.path.join(spool, "delivered", name))
                await say(b"250 2.0.0 queued as " + name.encode())
            elif up == b"QUIT":
                await say(b"221 bye")
                return
            else:
                await say(b"250 2.0.0 ok")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main(port, spool):
    for folder in ("answers", "delivered"):
        os.makedirs(os.path.join(spool, folder), exist_ok=True)
    server = await asyncio.start_server(
        lambda r, w: serve(r, w, spool), "127.0.0.1", port, limit=1 << 26)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
