"""Instructor: answers as objects of a class."""

from importlib.metadata import version
from typing import Iterable, Literal, Union

import instructor
import openai
from pydantic import BaseModel, ConfigDict, create_model
from serve import serve

def client(task, mode):
    asking = openai.OpenAI(base_url=task["base"], api_key=task.get("key", "none"), default_headers=task.get("headers"))
    return instructor.from_openai(asking, mode=mode)


def question(task):
    more = {"max_tokens": task["maxTokens"]} if "maxTokens" in task else {}
    return {"model": task["model"], "messages": [{"role": "user", "content": task["prompt"]}], "temperature": 0, **more}


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    city: Literal["Paris", "Rome"]
    capital: bool


class Impossible(BaseModel):
    """Its schema points to nothing."""

    @classmethod
    def model_json_schema(cls, *_args, **_kwargs):
        return {"title": "Impossible", "type": "object", "properties": {"city": {"$ref": "#/nope/x"}}}


def schema(task):
    shape = Impossible if "$ref" in str(task.get("schema")) else Answer
    asking = client(task, instructor.Mode.JSON_SCHEMA).chat.completions
    whole = asking.create(response_model=shape, **question(task))
    *_, last = asking.create_partial(response_model=shape, **question(task))
    assert last.model_dump() == whole.model_dump(), last
    return {"object": whole.model_dump()}


def tools(task):
    shapes = [create_model(name, place=(str, ...)) for name in task["tools"]]
    mode = instructor.Mode.TOOLS if len(shapes) == 1 else instructor.Mode.PARALLEL_TOOLS
    wanted = shapes[0] if len(shapes) == 1 else Iterable[Union[tuple(shapes)]]
    got = client(task, mode).chat.completions.create(response_model=wanted, **question(task))
    made = [got] if len(shapes) == 1 else list(got)
    return {"calls": [{"name": type(one).__name__, "arguments": one.model_dump()} for one in made]}


def describe(error):
    """Its exceptions wrap the client's."""
    cause = error
    while not hasattr(cause, "status_code") and cause.__cause__ is not None:
        cause = cause.__cause__
    return {"status": getattr(cause, "status_code", None), "code": getattr(cause, "code", None)}


serve(version("instructor"), {"chat": schema, "schema": schema, "tools": tools}, describe)
