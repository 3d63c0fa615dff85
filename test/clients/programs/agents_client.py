"""OpenAI's Agents SDK, told to use chat completions: its default is the Responses API."""

import asyncio
import json
from importlib.metadata import version

from agents import Agent, AgentOutputSchemaBase, FunctionTool, ModelSettings, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI
from openai.types.shared import Reasoning
from serve import parameters, serve

set_tracing_disabled(True)


class Shape(AgentOutputSchemaBase):
    """A JSON schema as it was given."""

    def __init__(self, schema):
        self.schema = schema

    def is_plain_text(self):
        return False

    def name(self):
        return "answer"

    def json_schema(self):
        return self.schema

    def is_strict_json_schema(self):
        return True

    def validate_json(self, json_str):
        return json.loads(json_str)


def agent(task, **more):
    settings = {"temperature": 0}
    if "maxTokens" in task:
        settings["max_tokens"] = task["maxTokens"]
    if "effort" in task:
        settings["reasoning"] = Reasoning(effort=task["effort"])
    if "schema" in task:
        more["output_type"] = Shape(task["schema"])
    asking = AsyncOpenAI(base_url=task["base"], api_key=task.get("key", "none"), default_headers=task.get("headers"))
    model = OpenAIChatCompletionsModel(task["model"], asking)
    return Agent(name="assistant", model=model, model_settings=ModelSettings(**settings), **more)


def question(task):
    if "image" not in task:
        return task["prompt"]
    parts = [{"type": "input_text", "text": task["prompt"]}, {"type": "input_image", "image_url": task["image"], "detail": "low"}]
    return [{"role": "user", "content": parts}]


def chat(task):
    result = asyncio.run(Runner.run(agent(task), question(task)))
    thoughts = [part.text for item in result.new_items if item.type == "reasoning_item" for part in item.raw_item.summary]
    return {"text": result.final_output, "reasoning": "".join(thoughts)}


def schema(task):
    return {"object": asyncio.run(Runner.run(agent(task), question(task))).final_output}


def stream(task):
    async def run():
        result = Runner.run_streamed(agent(task), question(task))
        pieces = 0
        async for event in result.stream_events():
            pieces += event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
        return {"text": result.final_output, "pieces": pieces}

    return asyncio.run(run())


def tools(task):
    calls = []

    def made(name):
        async def act(_context, given):
            calls.append({"name": name, "arguments": json.loads(given)})
            return task["result"]

        schema = {**parameters(), "additionalProperties": False}
        return FunctionTool(name=name, description=name, params_json_schema=schema, on_invoke_tool=act)

    result = asyncio.run(Runner.run(agent(task, tools=[made(name) for name in task["tools"]]), question(task)))
    return {"text": result.final_output, "calls": calls}


def abort(task):
    async def run():
        result = Runner.run_streamed(agent(task), question(task))
        async for event in result.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                result.cancel()
        return {"left": True}

    return asyncio.run(run())


serve(
    version("openai-agents"),
    {"chat": chat, "stream": stream, "schema": schema, "tools": tools, "vision": chat, "reasoning": chat, "abort": abort},
)
