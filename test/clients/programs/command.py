"""A program that is used as a command, once for each task."""

import os
import re
import signal
import subprocess
import tempfile


class CommandError(Exception):
    """The command failed, or said that the server refused it."""

    def __init__(self, name, text):
        super().__init__(text)
        self.name = name
        status = re.search(r"Error code: (\d{3})", text)
        code = re.search(r"'code': '(\w+)'", text)
        self.status_code = int(status[1]) if status else None
        self.code = code[1] if code else None


def describe(error):
    return {"name": getattr(error, "name", type(error).__name__), "status": getattr(error, "status_code", None), "code": getattr(error, "code", None)}


def run(args, env=None, leave=None):
    """What it prints, in as many pieces as came; it is interrupted once what it printed makes `leave` true."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            args, cwd=folder, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        pieces = []
        while piece := os.read(child.stdout.fileno(), 65536):
            pieces.append(piece)
            if leave and leave(b"".join(pieces).decode(errors="ignore")):
                child.send_signal(signal.SIGINT)
        said = child.stderr.read().decode()
        return {"text": b"".join(pieces).decode(), "pieces": len(pieces), "said": said, "status": child.wait()}
