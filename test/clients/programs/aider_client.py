"""Aider as a command, without a repository: one message, its answer, and no edits."""

import os
import re
import sys
from importlib.metadata import version

from command import CommandError, describe, run
from serve import serve

SETTINGS = (
    "--no-git --yes-always --no-check-update --no-show-release-notes --no-show-model-warnings --analytics-disable --no-analytics"
    " --no-pretty --no-fancy-input --no-detect-urls --no-suggest-shell-commands --map-tokens 0"
).split()


def ask(task, *args, leave=None):
    model = ["--model", f"openai/{task['model']}", "--openai-api-base", task["base"], "--openai-api-key", task.get("key", "none")]
    command = [os.path.join(os.path.dirname(sys.executable), "aider"), *SETTINGS, *model, "--chat-mode", "ask", *args]
    got = run([*command, "--message", task["prompt"]], leave=leave)
    failed = re.search(r"litellm\.(?:exceptions\.)?(\w+)|has hit a (token limit)", got["text"] + got["said"])
    if failed:
        raise CommandError(failed[1] or failed[2], got["text"] + got["said"])
    return got


def answer_of(text):
    """What stands between what aider says of itself before and behind the answer."""
    return re.split(r"\nTokens: ", text.split("Repo-map: disabled")[-1])[0].strip()


def answer_begun(text):
    return "Repo-map: disabled" in text and answer_of(text) != ""


def chat(task):
    return {"text": answer_of(ask(task, "--no-stream")["text"])}


def stream(task):
    got = ask(task)
    return {"text": answer_of(got["text"]), "pieces": got["pieces"]}


def abort(task):
    ask(task, leave=answer_begun)
    return {"left": True}


serve(version("aider-chat"), {"chat": chat, "stream": stream, "abort": abort}, describe)
