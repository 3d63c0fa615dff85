"""The Anthropic client for Python, as its README shows it."""

import json

import anthropic
from serve import parameters, serve


def client(task):
    base = task["base"].removesuffix("/v1")
    return anthropic.Anthropic(base_url=base, api_key=task.get("key", "none"), default_headers=task.get("headers"))


def body(task):
    content = task["prompt"]
    if "image" in task:
        source = {"type": "base64", "media_type": "image/png", "data": task["image"].split(",")[1]}
        content = [{"type": "text", "text": content}, {"type": "image", "source": source}]
    messages = [{"role": "user", "content": content}]
    asked = {"model": task["model"], "messages": messages, "max_tokens": task.get("maxTokens", 64)}
    asked["extra_body"] = {"temperature": 0}  # of which newer models of its maker have none
    if "effort" in task:
        asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    if "schema" in task:
        asked["output_config"] = {"format": {"type": "json_schema", "schema": task["schema"]}}
    return asked


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def chat(task):
    message = client(task).messages.create(**body(task))
    reasoning = "".join(block.thinking for block in message.content if block.type == "thinking")
    told = getattr(message, "realmesh", None)
    return {"text": text_of(message), "reasoning": reasoning, **({} if told is None else {"receipt": told["receipt"]})}


def stream(task):
    with client(task).messages.stream(**body(task)) as events:
        pieces = sum(1 for _ in events.text_stream)
        return {"text": text_of(events.get_final_message()), "pieces": pieces}


def schema(task):
    return {"object": json.loads(text_of(client(task).messages.create(**body(task))))}


def tools(task):
    asked = body(task)
    asked["tools"] = [{"name": name, "description": name, "input_schema": parameters()} for name in task["tools"]]
    calls = []
    while True:
        with client(task).messages.stream(**asked) as events:
            message = events.get_final_message()
        used = [block for block in message.content if block.type == "tool_use"]
        if not used:
            return {"text": text_of(message), "calls": calls}
        calls += [{"name": block.name, "arguments": block.input} for block in used]
        results = [{"type": "tool_result", "tool_use_id": block.id, "content": task["result"]} for block in used]
        asked["messages"] += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def models(task):
    return {"models": [model.id for model in client(task).models.list()], "one": client(task).models.retrieve(task["model"]).id}


def abort(task):
    with client(task).messages.create(**body(task), stream=True) as events:
        for event in events:
            if event.type == "content_block_delta":
                break
    return {"left": True}


def describe(error):
    told = getattr(error, "body", None)
    code = told.get("error", {}).get("type") if isinstance(told, dict) else None
    return {"status": getattr(error, "status_code", None), "code": code}


serve(
    anthropic.__version__,
    {
        "chat": chat,
        "stream": stream,
        "schema": schema,
        "tools": tools,
        "vision": chat,
        "reasoning": chat,
        "models": models,
        "abort": abort,
    },
    describe,
)
