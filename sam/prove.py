"""Invokes the built functions with every fixture of events/, asks the local API, and says whether they did their work.

Called by prove.sh, in the virtual environment that it made, with a Docker daemon that answers.
"""

import base64
import concurrent.futures
import contextlib
import gzip
import hmac
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from prove_events import STAGES, Event
from prove_world import BEARER, KEY, NAME, ROOT, SIGNING, World, listens, wait_for

IMAGE = sys.argv[1]
API_PORT = 3000
# Containers that start at the same time; more only wait for the processor.
SIDE_BY_SIDE = 3
FIXTURE = json.loads((ROOT / "events/data-action-webhook.json").read_text())


def address_for_containers() -> str:
    """Where to listen so that containers reach us as host.docker.internal: the bridge, or loopback in Docker Desktop."""
    command = ("docker", "run", "--rm", "--add-host", "us:host-gateway", "--entrypoint", "cat", IMAGE, "/etc/hosts")
    hosts = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    bridge = next(line.split()[0] for line in hosts.splitlines() if line.split()[1:] == ["us"])
    try:
        with socket.create_server((bridge, 0)):
            return bridge
    except OSError:
        return "127.0.0.1"


def expect(what: str, actual, expected) -> None:
    if actual != expected:
        sys.exit(f"{what}: expected {expected!r}, got {actual!r}")


def received(world: World, queue: str) -> list[dict]:
    """Takes all messages off the queue."""
    found, client, url = [], world.client("sqs"), world.queue(queue)
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def body_of(message: dict) -> str:
    raw = base64.b64decode(message["body"])
    return (gzip.decompress(raw) if "gzip" in message["encoding"] else raw).decode()


class Answers(http.server.BaseHTTPRequestHandler):
    """Takes what CloudFormation would take at the pre-signed URL of a custom resource."""

    taken: list[dict] = []

    def do_PUT(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Proof:
    """The invocations, and what they leave in the world."""

    def __init__(self, world: World) -> None:
        self.world, self.wrong, self.is_over = world, [], threading.Event()
        self.cloud_formation = http.server.HTTPServer((world.host, 0), Answers)
        threading.Thread(target=self.cloud_formation.serve_forever, daemon=True).start()

    def read(self, event: Event) -> dict:
        """The event of a fixture."""
        said = json.loads((ROOT / "events" / event.name).read_text())
        if event.within:
            whole = json.loads((ROOT / "events" / event.within).read_text())
            whole["Records"][0]["body"] = json.dumps(said)
            return whole
        if "ResponseURL" in said:
            said["ResponseURL"] = f"http://{NAME}:{self.cloud_formation.server_port}/"
        return said

    def invoke(self, function: str, name: str, event: dict) -> dict:
        """What `sam local invoke` prints for one event."""
        path = self.world.folder / f"{name}.{threading.get_ident()}"
        path.write_text(json.dumps(event))
        command = ["sam", "local", "invoke", function, *self.world.flags(), "--event", str(path)]
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "sam", timeout=300)
        said = done.stdout.strip()
        print(f"sam: {function} {name}: {time.monotonic() - began:.1f} s: {said[:300]}", flush=True)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise RuntimeError(f"no answer from {function} to {name}:\n{done.stderr}") from None

    def work_through(self, function: str, events: list[Event]) -> int:
        for event in events:
            answer = self.invoke(function, event.name, self.read(event))
            if not event.holds(answer):
                self.wrong.append(f"{function} {event.name}: this is not what should come of it: {answer}")
        return len(events)

    def every_event(self) -> None:
        """Every fixture, stage by stage; and none is left out."""
        named = {event.name for stage in STAGES for events in stage.values() for event in events}
        expect("events", sorted(named), sorted(path.name for path in (ROOT / "events").glob("*.json")))
        count = 0
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for stage in STAGES:
                if "AssistListenerFunction" in stage:
                    threading.Thread(target=self.speak, daemon=True).start()
                # The longest first.
                order = sorted(stage.items(), key=lambda one: one[0] != "AssistListenerFunction")
                count += sum(pool.map(lambda one: self.work_through(*one), order))
        self.is_over.set()
        if self.wrong:
            raise RuntimeError("\n".join(self.wrong))
        print(f"sam: {count} events of {len(named)} fixtures", flush=True)

    def speak(self) -> None:
        """Says something as soon as somebody listens, however long a container takes to start, and again while somebody does."""
        said = {"interaction": "proof-1", "text": "Where is my order?", "speaker": "customer"}
        while not self.is_over.wait(1):
            if self.world.control("GET", "stream")["connections"]:
                self.world.control("POST", "stream/say", said)

    def effects(self) -> None:
        """What must have come of it beside the answers."""
        messages = received(self.world, "conversations")
        expect("messages in the queue", len(messages), 2)
        for message in messages:
            expect("the message carries the body as it came", body_of(message), FIXTURE["body"])
        heard = [message["interaction_id"] for message in received(self.world, "interactions.fifo")]
        expect("utterances in the queue", set(heard), {"proof-1"})
        expect("dead letters", received(self.world, "conversations-dlq"), [])
        expect("answers to CloudFormation", [answer["Status"] for answer in Answers.taken], ["SUCCESS"])

    def refused(self) -> None:
        """A forgery comes to nothing."""
        event = json.loads(json.dumps(FIXTURE))
        event["headers"]["authorization"] += "-forged"
        answer = self.invoke("DataActionWebhookFunction", "forged.json", event)
        expect("status", answer.get("statusCode"), 401)
        expect("messages in the queue", received(self.world, "conversations"), [])

    def api(self) -> None:
        """`sam local start-api` serves the webhook and search."""
        command = ["sam", "local", "start-api", *self.world.flags(), "--port", str(API_PORT)]
        with open(self.world.folder / "api.log", "w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT / "sam")
            try:
                wait_for("start-api", lambda: listens("127.0.0.1", API_PORT), server)
                self.ask_api()
            finally:
                server.terminate()
                server.wait()

    def ask_api(self) -> None:
        bearer, key = {"authorization": f"Bearer {BEARER}"}, {"x-api-key": f"fixture.{KEY}"}
        question = json.dumps({"query": "reset the router", "limit": 5})
        for path, headers, body, status in [
            ("/webhooks/data-action", bearer, FIXTURE["body"], 202),
            ("/webhooks/data-action", signature(FIXTURE["body"]), FIXTURE["body"], 202),
            ("/webhooks/data-action", signature("another body"), FIXTURE["body"], 401),
            ("/webhooks/data-action", {"authorization": "Bearer forged"}, FIXTURE["body"], 401),
            ("/webhooks/data-action/health", {}, None, 200),
            ("/search/knowledge", key, question, 200),
            ("/search/conversations", key, question, 200),
            ("/search/knowledge", {}, question, 401),
        ]:
            code, said = ask(path, headers, body)
            print(f"sam: start-api {path}: {code}: {said[:160]}", flush=True)
            expect(path, code, status)
            if path == "/search/knowledge" and status == 200:
                expect("whether something is found", bool(json.loads(said)["results"]), True)
        expect("messages in the queue", len(received(self.world, "conversations")), 2)


def signature(body: str) -> dict[str, str]:
    """The headers of a sender who signs as Standard Webhooks says."""
    name, now = "msg_proof", str(int(time.time()))
    made = hmac.digest(base64.b64decode(SIGNING), f"{name}.{now}.{body}".encode(), "sha256")
    return {"webhook-id": name, "webhook-timestamp": now, "webhook-signature": "v1," + base64.b64encode(made).decode()}


def ask(path: str, headers: dict, body: str | None) -> tuple[int, str]:
    headers = {"content-type": "application/json"} | headers
    data = None if body is None else body.encode()
    request = urllib.request.Request(f"http://127.0.0.1:{API_PORT}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with contextlib.closing(refused):
            return refused.code, refused.read().decode()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sam-world.", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        world = World(address_for_containers(), pathlib.Path(folder))
        try:
            world.start()
            proof = Proof(world)
            # Alone: the first one makes the image that all containers are started from.
            proof.refused()
            proof.every_event()
            proof.effects()
            proof.api()
        except RuntimeError as failure:
            sys.exit(str(failure))
        finally:
            world.stop()


if __name__ == "__main__":
    main()
