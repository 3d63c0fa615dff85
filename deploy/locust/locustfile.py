"""RENT-A-HAL's stress test against a realmesh node: users at `/api/chat` and on the socket `/ws`.

    pip install -r requirements.txt
    locust --host http://127.0.0.1:5000            # 1,000 users, ten more each second, see locust.conf
    locust --host http://127.0.0.1:5000 -u 50 -r 5 -t 1m --headless ChatUser

A node where a key is needed takes it from REALMESH_API_KEY. What the users ask is STRESS_PROMPT.
"""

import json
import os
import time

import gevent
import gevent.event
import websocket
from locust import HttpUser, User, between, events, task

KEY = os.environ.get("REALMESH_API_KEY", "")
PROMPT = os.environ.get("STRESS_PROMPT", "Hello, MTOR!")

# Seconds after which a query counts as lost.
PATIENCE = float(os.environ.get("STRESS_PATIENCE", "60"))


def headers():
    return {"Authorization": f"Bearer {KEY}"} if KEY else {}


def query():
    return {"prompt": PROMPT, "query_type": "chat", "model_type": "huggingface", "model_name": "gpt2"}


class ChatUser(HttpUser):
    """Asks by REST, reads the answer, thinks, and asks again."""

    wait_time = between(1, 5)

    @task
    def chat(self):
        with self.client.post(
            "/api/chat", json=query(), headers=headers(), timeout=PATIENCE, catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"{response.status_code}: {response.text[:200]}")
            elif not isinstance(response.json(), str) or response.json() == "":
                response.failure("the answer is no text")


class SocketUser(User):
    """Holds one socket as a browser does, and asks on it. What others are told arrives there too."""

    wait_time = between(1, 5)

    def on_start(self):
        self.answers = []
        self.answered = gevent.event.Event()
        address = self.host.rstrip("/").replace("http", "ws", 1) + "/ws"
        begun = time.perf_counter()
        failure = None
        try:
            self.socket = websocket.create_connection(
                address, timeout=PATIENCE, header=[f"{name}: {value}" for name, value in headers().items()]
            )
            # A browser reads for as long as the page is open.
            self.socket.settimeout(None)
        except Exception as error:
            failure = error
            raise
        finally:
            self.tell("connect", begun, failure)
        self.reader = gevent.spawn(self.read)

    def on_stop(self):
        self.reader.kill()
        self.socket.close()

    def read(self):
        try:
            while True:
                message = json.loads(self.socket.recv())
                if message["type"] in ("query_result", "error"):
                    self.answers.append(message)
                    self.answered.set()
                elif message["type"] == "ping":
                    self.socket.send(json.dumps({"type": "pong"}))
        except (websocket.WebSocketException, OSError, ValueError) as error:
            self.answers.append({"type": "error", "message": f"the socket closed: {error}"})
            self.answered.set()

    @task
    def submit(self):
        self.answers.clear()
        self.answered.clear()
        begun = time.perf_counter()
        failure = None
        try:
            self.socket.send(json.dumps({"type": "submit_query", "query": query()}))
            if not self.answered.wait(PATIENCE):
                failure = TimeoutError("no answer in time")
            elif self.answers[0]["type"] == "error":
                failure = RuntimeError(self.answers[0]["message"])
        except (websocket.WebSocketException, OSError) as error:
            failure = error
        self.tell("submit_query", begun, failure)

    def tell(self, name, begun, failure):
        size = sum(len(str(answer.get("result", ""))) for answer in self.answers)
        events.request.fire(
            request_type="WS",
            name=name,
            response_time=(time.perf_counter() - begun) * 1000,
            response_length=size,
            exception=failure,
            context={},
        )
