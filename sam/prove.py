"""Invokes the built functions with the fixtures of events/ and says whether they did their work.

Called by prove.sh, in the virtual environment that it made, with a Docker daemon that answers.
"""

import base64
import gzip
import http.server
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

import boto3
import botocore.exceptions

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGE = sys.argv[1]
ENVIRONMENT = json.loads((ROOT / "sam/env.local.json").read_text())
WEBHOOK = ENVIRONMENT["DataActionWebhookFunction"]
PORT = int(ENVIRONMENT["Parameters"]["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
QUEUE = WEBHOOK["CONVERSATIONS_QUEUE_URL"].rsplit("/", 1)[1]
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


def start_moto(host: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "moto.server", "--host", host, "--port", str(PORT)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def client(service: str, host: str):
    return boto3.client(service, endpoint_url=f"http://{host}:{PORT}")


def prepare(moto: subprocess.Popen, host: str) -> str:
    """Makes the queue and the secret that the fixtures expect, as soon as moto answers; returns the queue's URL."""
    for _ in range(150):
        if moto.poll() is not None:
            sys.exit(f"moto ended; is {host}:{PORT} taken?")
        try:
            url = client("sqs", host).create_queue(QueueName=QUEUE)["QueueUrl"]
            break
        except botocore.exceptions.EndpointConnectionError:
            time.sleep(0.2)
    else:
        sys.exit("moto did not answer within 30 s")
    bearer = FIXTURE["headers"]["authorization"].removeprefix("Bearer ")
    signing = "whsec_" + base64.b64encode(b"only for the proof, 32 bytes it is").decode()
    keys = {"standard-webhooks": [signing], "bearer": [bearer]}
    client("secretsmanager", host).create_secret(Name=WEBHOOK["WEBHOOK_KEYS_SECRET_ID"], SecretString=json.dumps(keys))
    return url


def invoke(function: str, event: pathlib.Path) -> dict:
    """What `sam local invoke` prints for one event."""
    command = ("sam", "local", "invoke", function, "--config-env", "x86_64", "--skip-pull-image", "--event", str(event))
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "sam", timeout=300)
    print(f"sam: {function} {event.name}: {time.monotonic() - began:.1f} s: {done.stdout.strip()}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"no answer from {function}:\n{done.stderr}")


def invoke_changed(function: str, event: dict) -> dict:
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "changed.json")
        path.write_text(json.dumps(event))
        return invoke(function, path)


def expect(what: str, actual, expected) -> None:
    if actual != expected:
        sys.exit(f"{what}: expected {expected!r}, got {actual!r}")


def received(host: str, url: str) -> list[dict]:
    """Takes all messages off the queue."""
    found = []
    while messages := client("sqs", host).receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            client("sqs", host).delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def body_of(message: dict) -> str:
    raw = base64.b64decode(message["body"])
    return (gzip.decompress(raw) if "gzip" in message["encoding"] else raw).decode()


def prove_accepted(host: str, url: str, event: str) -> None:
    answer = invoke("DataActionWebhookFunction", ROOT / "events" / event)
    expect("status", answer.get("statusCode"), 202)
    receipt = json.loads(answer["body"])
    expect("fields of the receipt", sorted(receipt), ["conversation_id", "event_key", "receipt_id"])
    expect("conversation", receipt["conversation_id"], json.loads(FIXTURE["body"])["conversationId"])
    messages = received(host, url)
    expect("messages in the queue", len(messages), 1)
    expect("the message carries the receipt", {name: messages[0].get(name) for name in receipt}, receipt)
    expect("the message carries the body as it came", body_of(messages[0]), FIXTURE["body"])


def prove_refused(host: str, url: str) -> None:
    event = json.loads(json.dumps(FIXTURE))
    event["headers"]["authorization"] += "-forged"
    expect("status", invoke_changed("DataActionWebhookFunction", event).get("statusCode"), 401)
    expect("messages in the queue", received(host, url), [])


def prove_healthy() -> None:
    answer = invoke("DataActionWebhookFunction", ROOT / "events/data-action-webhook.health.json")
    expect("status", answer.get("statusCode"), 200)


class Answers(http.server.BaseHTTPRequestHandler):
    """Takes what CloudFormation would take at the pre-signed URL of a custom resource."""

    taken: list[dict] = []

    def do_PUT(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def prove_migrator_answers(host: str) -> None:
    """Deleting the custom resource needs no database, so it shows that this function starts and is heard."""
    event = json.loads((ROOT / "events/schema-migrator.custom-resource.json").read_text())
    with http.server.HTTPServer((host, 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://host.docker.internal:{server.server_port}/"
        invoke_changed("SchemaMigratorFunction", event | {"RequestType": "Delete", "ResponseURL": url})
        server.shutdown()
    expect("answers to CloudFormation", [answer["Status"] for answer in Answers.taken], ["SUCCESS"])


def main() -> None:
    host = address_for_containers()
    moto = start_moto(host)
    try:
        url = prepare(moto, host)
        prove_accepted(host, url, "data-action-webhook.json")
        prove_accepted(host, url, "data-action-webhook.base64.json")
        prove_refused(host, url)
        prove_healthy()
        prove_migrator_answers(host)
    finally:
        moto.terminate()
        moto.wait()


if __name__ == "__main__":
    main()
