"""llama.cpp's HTTP server in this process, by the Python package xllamacpp.

Its one argument is JSON: {"port": 8080, "set": {"model.path": "x.gguf", "n_ctx": 2048}}, where `set` names fields of llama.cpp's own
parameters. The port answers 503 while the model loads; then one line of JSON is printed. The process ends when its standard input ends,
so that no server outlives the test that started it.
"""

import json
import os
import sys

import xllamacpp

# One thread: llama.cpp's barriers spin, and on a machine with other work that costs a hundredfold.
SETTINGS = {
    "hostnames": ["127.0.0.1"],
    "n_gpu_layers": 0,
    "cpuparams.n_threads": 1,
    "cpuparams_batch.n_threads": 1,
    "warmup": False,
    "use_jinja": True,
    "endpoint_metrics": True,
    "endpoint_slots": True,
    "endpoint_props": True,
}


def assign(target, path, value):
    *way, field = path.split(".")
    for step in way:
        target = getattr(target, step)
    setattr(target, field, value)


def main():
    wanted = json.loads(sys.argv[1])
    os.nice(5)
    params = xllamacpp.CommonParams()
    params.port = wanted["port"]
    for path, value in {**SETTINGS, **wanted["set"]}.items():
        assign(params, path, set(value) if path == "model_alias" else value)
    server = xllamacpp.Server(params)
    print(json.dumps({"event": "ready", "url": server.listening_address}), flush=True)
    sys.stdin.read()
    # The server's own shutdown waits for queries that run; the test has seen what it came for.
    os._exit(0)


main()
