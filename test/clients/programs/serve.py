"""The loop of a Python program: a task per line in, what came of it per line out (test/clients/client-program.ts)."""

import json
import os
import sys

# What a failure is asked through.
ASKED_BY = {
    **{"wrongModel": "chat", "badRequest": "chat", "wrongKey": "chat", "tooLong": "chat", "refused": "schema"},
    **{"parallel": "tools", "roundTrip": "tools", "receipts": "chat"},
}
# Libraries may print; the lines for the tests go to the true standard output.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(line):
    print(json.dumps(line, default=str), file=ANSWERS, flush=True)


def plain(error):
    """Status and code as most clients keep them."""
    return {"status": getattr(error, "status_code", None), "code": getattr(error, "code", None)}


def serve(version, features, describe=plain):
    """Serves tasks until the input ends; `describe` tells status and code of an exception, and its name where it is another."""
    say({"version": version})
    for line in sys.stdin:
        task = json.loads(line)
        run = features.get(task["feature"]) or features[ASKED_BY[task["feature"]]]
        try:
            say({"value": run(task)})
        except Exception as error:  # whatever it is, it is what the test is about
            say({"error": {"name": type(error).__name__, "message": str(error)[:500], **describe(error)}})


def parameters():
    """The parameters of each tool."""
    return {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
