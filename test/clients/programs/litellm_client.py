"""LiteLLM as a library, with the gateway as an OpenAI-compatible server."""

import json
from importlib.metadata import version

import litellm
from serve import parameters, serve

litellm.drop_params = False


def settings(task):
    asked = {"model": f"openai/{task['model']}", "api_base": task["base"], "api_key": task.get("key", "none")}
    if "headers" in task:
        asked["extra_headers"] = task["headers"]
    if "effort" in task:
        asked["reasoning_effort"] = task["effort"]
        asked["allowed_openai_params"] = ["reasoning_effort"]
    if "maxTokens" in task:
        asked["max_tokens"] = task["maxTokens"]
    if "schema" in task:
        wanted = {"name": "answer", "strict": True, "schema": task["schema"]}
        asked["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return asked


def question(task):
    if "image" not in task:
        return [{"role": "user", "content": task["prompt"]}]
    parts = [{"type": "text", "text": task["prompt"]}, {"type": "image_url", "image_url": {"url": task["image"]}}]
    return [{"role": "user", "content": parts}]


def chat(task):
    message = litellm.completion(messages=question(task), temperature=0, **settings(task)).choices[0].message
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None)}


def stream(task):
    chunks = litellm.completion(messages=question(task), temperature=0, stream=True, **settings(task))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def schema(task):
    return {"object": json.loads(chat(task)["text"])}


def tools(task):
    made = [{"type": "function", "function": {"name": name, "parameters": parameters()}} for name in task["tools"]]
    messages = question(task)
    chunks = list(litellm.completion(messages=messages, tools=made, stream=True, **settings(task)))
    first = litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": task["result"]} for call in first.tool_calls]
    last = litellm.completion(messages=[*messages, first.model_dump(), *results], tools=made, **settings(task)).choices[0].message
    calls = [{"name": call.function.name, "arguments": json.loads(call.function.arguments)} for call in first.tool_calls]
    return {"text": last.content, "calls": calls}


def embeddings(task):
    data = litellm.embedding(input=task["inputs"], **settings(task)).data
    return {"vectors": [entry["embedding"] for entry in data]}


def completions(task):
    asked = {**settings(task), "model": f"text-completion-openai/{task['model']}"}
    return {"text": litellm.text_completion(prompt=task["prompt"], temperature=0, **asked).choices[0].text}


def models(task):
    found = litellm.get_valid_models(check_provider_endpoint=True, custom_llm_provider="openai", api_base=task["base"], api_key="none")
    return {"models": [name.removeprefix("openai/") for name in found]}


def abort(task):
    chunks = litellm.completion(messages=question(task), stream=True, **settings(task))
    for chunk in chunks:
        if chunk.choices[0].delta.content:
            break
    chunks.completion_stream.close()
    return {"left": True}


def describe(error):
    code = getattr(error, "code", None) or ((getattr(error, "body", None) or {}).get("code"))
    return {"status": getattr(error, "status_code", None), "code": code if isinstance(code, str) else None}


serve(
    version("litellm"),
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
    describe,
)
