"""LangChain for Python."""

from importlib.metadata import version

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from serve import parameters, serve


def model(task):
    more = {key: task[name] for name, key in [("maxTokens", "max_tokens"), ("effort", "reasoning_effort")] if name in task}
    asking = {"api_key": task.get("key", "none"), "default_headers": task.get("headers")}
    return ChatOpenAI(model=task["model"], base_url=task["base"], temperature=0, **asking, **more)


def question(task):
    if "image" not in task:
        return [HumanMessage(task["prompt"])]
    parts = [{"type": "text", "text": task["prompt"]}, {"type": "image_url", "image_url": {"url": task["image"]}}]
    return [HumanMessage(parts)]


def chat(task):
    return {"text": model(task).invoke(question(task)).text}


def stream(task):
    pieces = [chunk.text for chunk in model(task).stream(question(task))]
    return {"text": "".join(pieces), "pieces": len(pieces)}


def schema(task):
    wanted = {"title": "answer", **task["schema"]}
    return {"object": model(task).with_structured_output(wanted, method="json_schema").invoke(question(task))}


def tools(task):
    made = [{"type": "function", "function": {"name": name, "parameters": parameters()}} for name in task["tools"]]
    able = model(task).bind_tools(made)
    first = able.invoke(question(task))
    results = [ToolMessage(task["result"], tool_call_id=call["id"]) for call in first.tool_calls]
    last = able.invoke([*question(task), first, *results])
    return {"text": last.text, "calls": [{"name": call["name"], "arguments": call["args"]} for call in first.tool_calls]}


def embeddings(task):
    # By default it sends tokens of OpenAI's own models, for which it needs a file from the Internet.
    maker = OpenAIEmbeddings(model=task["model"], base_url=task["base"], check_embedding_ctx_length=False)
    return {"vectors": maker.embed_documents(task["inputs"])}


def completions(task):
    writer = OpenAI(model=task["model"], base_url=task["base"], temperature=0, max_tokens=task["maxTokens"])
    texts = [answers[0].text for answers in writer.generate([task["prompt"], task["prompt"]]).generations]
    assert texts[0] == texts[1], texts
    return {"text": texts[0]}


def abort(task):
    pieces = model(task).stream(question(task))
    while not next(pieces).text:
        pass
    pieces.close()
    return {"left": True}


serve(
    version("langchain-openai"),
    {
        "chat": chat,
        "stream": stream,
        "schema": schema,
        "tools": tools,
        "vision": chat,
        "reasoning": chat,
        "embeddings": embeddings,
        "completions": completions,
        "abort": abort,
    },
)
