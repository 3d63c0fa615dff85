"""Simon Willison's `llm` as a command, with the gateway's models in its extra-openai-models.yaml."""

import base64
import json
import os
import sys
import tempfile
from importlib.metadata import version

from command import CommandError, describe, run
from serve import serve

HOME = tempfile.mkdtemp(prefix="llm-")
CALLS = os.path.join(HOME, "calls")
COMMAND = [os.path.join(os.path.dirname(sys.executable), "llm"), "--no-log"]
FUNCTION = """
def {name}(place: str) -> str:
    "{name}"
    with open({calls!r}, "a") as file:
        file.write(json.dumps({{"name": {name!r}, "arguments": {{"place": place}}}}) + "\\n")
    return {result!r}
"""


def ask(task, *args, leave=None, completion=False):
    able = {"supports_schema": True, "supports_tools": True, "vision": True, "reasoning": True, "completion": completion}
    model = {"model_id": "here", "model_name": task["model"], "api_base": task["base"], "headers": task.get("headers") or {}, "api_key_name": "here", **able}
    with open(os.path.join(HOME, "extra-openai-models.yaml"), "w") as file:
        json.dump([model], file)
    options = [["-o", key, str(task[name])] for name, key in [("maxTokens", "max_tokens"), ("effort", "reasoning_effort")] if name in task]
    line = [COMMAND[0], "prompt", "-n", "-m", "here", "--key", task.get("key", "none"), "-o", "temperature", "0", *sum(options, []), *args, task["prompt"]]
    got = run(line, {"LLM_USER_PATH": HOME}, leave)
    if got["status"] != 0 and not leave:
        raise CommandError("Error", got["said"])
    return got


def chat(task):
    got = ask(task, "--no-stream")
    return {"text": got["text"], "reasoning": got["said"]}


def stream(task):
    return ask(task)


def schema(task):
    return {"object": json.loads(ask(task, "--no-stream", "--schema", json.dumps(task["schema"]))["text"])}


def tools(task):
    open(CALLS, "w").close()
    functions = "".join(FUNCTION.format(name=name, calls=CALLS, result=task["result"]) for name in task["tools"])
    text = ask(task, "--functions", f"import json\n{functions}")["text"]
    with open(CALLS) as file:
        return {"text": text, "calls": [json.loads(line) for line in file]}


def vision(task):
    path = os.path.join(HOME, "picture.png")
    with open(path, "wb") as file:
        file.write(base64.b64decode(task["image"].split(",")[1]))
    return ask(task, "-a", path)


def completions(task):
    return {"text": ask(task, "--no-stream", completion=True)["text"].removesuffix("\n")}


def abort(task):
    ask(task, leave=str.strip)
    return {"left": True}


serve(
    version("llm"),
    {
        "chat": chat,
        "stream": stream,
        "schema": schema,
        "tools": tools,
        "vision": vision,
        "reasoning": chat,
        "completions": completions,
        "abort": abort,
    },
    describe,
)
