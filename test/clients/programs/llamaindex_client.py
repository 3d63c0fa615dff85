"""LlamaIndex with its classes for servers that speak OpenAI's API."""

import base64
import gc
import json
from importlib.metadata import version

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool, ToolMetadata
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from serve import serve


def model(task, **more):
    settings = {"is_chat_model": True, "is_function_calling_model": True, "context_window": 2048, **more}
    if "maxTokens" in task:
        settings["max_tokens"] = task["maxTokens"]
    extra = {}
    if "effort" in task:
        extra["reasoning_effort"] = task["effort"]
    if "schema" in task:
        wanted = {"name": "answer", "strict": True, "schema": task["schema"]}
        extra["response_format"] = {"type": "json_schema", "json_schema": wanted}
    asking = {"api_base": task["base"], "api_key": task.get("key", "none"), "default_headers": task.get("headers")}
    return OpenAILike(model=task["model"], temperature=0, additional_kwargs=extra, **asking, **settings)


def question(task):
    blocks = [TextBlock(text=task["prompt"])]
    if "image" in task:
        blocks.append(ImageBlock(image=base64.b64decode(task["image"].split(",")[1]), image_mimetype="image/png"))
    return [ChatMessage(role="user", blocks=blocks)]


def chat(task):
    return {"text": model(task).chat(question(task)).message.content}


def stream(task):
    pieces = [reply.delta for reply in model(task).stream_chat(question(task))]
    return {"text": "".join(piece for piece in pieces if piece), "pieces": len(pieces)}


def schema(task):
    return {"object": json.loads(chat(task)["text"])}


def tools(task):
    def made(name):
        def act(place: str) -> str:
            return task["result"]

        return FunctionTool(act, ToolMetadata(name=name, description=name, fn_schema=FunctionTool.from_defaults(act).metadata.fn_schema))

    all_tools = [made(name) for name in task["tools"]]
    llm = model(task)
    first = llm.chat_with_tools(all_tools, chat_history=question(task), allow_parallel_tool_calls=True)
    calls = llm.get_tool_calls_from_response(first)
    results = [ChatMessage(role="tool", content=task["result"], additional_kwargs={"tool_call_id": call.tool_id}) for call in calls]
    last = llm.chat_with_tools(all_tools, chat_history=[*question(task), first.message, *results])
    return {"text": last.message.content, "calls": [{"name": call.tool_name, "arguments": call.tool_kwargs} for call in calls]}


def embeddings(task):
    maker = OpenAILikeEmbedding(model_name=task["model"], api_base=task["base"], api_key="none")
    return {"vectors": maker.get_text_embedding_batch(task["inputs"])}


def completions(task):
    return {"text": model(task, is_chat_model=False).complete(task["prompt"]).text}


def abort(task):
    pieces = model(task).stream_chat(question(task))
    while not next(pieces).delta:
        pass
    del pieces  # closing it leaves the connection open
    gc.collect()
    return {"left": True}


serve(
    version("llama-index-llms-openai-like"),
    {
        "chat": chat,
        "stream": stream,
        "schema": schema,
        "tools": tools,
        "vision": chat,
        "embeddings": embeddings,
        "completions": completions,
        "abort": abort,
    },
)
