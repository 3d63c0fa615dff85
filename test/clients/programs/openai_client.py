"""The OpenAI client for Python, as its README shows it."""

import json

import openai
from serve import parameters, serve


def client(task):
    return openai.OpenAI(base_url=task["base"], api_key=task.get("key", "none"), default_headers=task.get("headers"))


def body(task):
    content = task["prompt"]
    if "image" in task:
        content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": task["image"], "detail": "low"}}]
    asked = {"model": task["model"], "messages": [{"role": "user", "content": content}], "temperature": 0}
    if "maxTokens" in task:
        asked["max_tokens"] = task["maxTokens"]
    if "effort" in task:
        asked["reasoning_effort"] = task["effort"]
    if "schema" in task:
        wanted = {"name": "answer", "strict": True, "schema": task["schema"]}
        asked["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return asked


def chat(task):
    reply = client(task).chat.completions.create(**body(task))
    message = reply.choices[0].message
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None), **receipt(reply)}


def receipt(reply):
    told = getattr(reply, "realmesh", None)
    return {} if told is None else {"receipt": told["receipt"]}


def stream(task):
    pieces = 0
    with client(task).chat.completions.stream(**body(task), stream_options={"include_usage": True}) as events:
        for event in events:
            pieces += event.type == "content.delta"
        return {"text": events.get_final_completion().choices[0].message.content, "pieces": pieces}


def schema(task):
    return {"object": json.loads(client(task).chat.completions.create(**body(task)).choices[0].message.content)}


def tools(task):
    asked = body(task)
    asked["tools"] = [
        {"type": "function", "function": {"name": name, "strict": True, "parameters": {**parameters(), "additionalProperties": False}}}
        for name in task["tools"]
    ]
    with client(task).chat.completions.stream(**asked) as events:
        events.until_done()
        first = events.get_final_completion().choices[0].message
    asked["messages"] += [{"role": "assistant", "content": first.content, "tool_calls": [call.model_dump() for call in first.tool_calls]}]
    asked["messages"] += [{"role": "tool", "tool_call_id": call.id, "content": task["result"]} for call in first.tool_calls]
    last = client(task).chat.completions.create(**asked).choices[0].message
    calls = [{"name": call.function.name, "arguments": call.function.parsed_arguments} for call in first.tool_calls]
    return {"text": last.content, "calls": calls}


def embeddings(task):
    data = client(task).embeddings.create(model=task["model"], input=task["inputs"]).data
    return {"vectors": [entry.embedding for entry in data]}


def completions(task):
    reply = client(task).completions.create(model=task["model"], prompt=task["prompt"], max_tokens=task["maxTokens"], temperature=0)
    return {"text": reply.choices[0].text}


def models(task):
    return {"models": [model.id for model in client(task).models.list()], "one": client(task).models.retrieve(task["model"]).id}


def abort(task):
    with client(task).chat.completions.create(**body(task), stream=True) as events:
        for event in events:
            if event.choices and event.choices[0].delta.content:
                break
    return {"left": True}


serve(
    openai.__version__,
    {
        "chat": chat,
        "stream": stream,
        "schema": schema,
        "tools": tools,
        "vision": chat,
        "reasoning": chat,
        "embeddings": embeddings,
        "completions": completions,
        "models": models,
        "abort": abort,
    },
)
