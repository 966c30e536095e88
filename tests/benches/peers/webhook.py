"""data-action-webhook as a Python Lambda handler: the same request, the same checks, the same message, the same answers.

The peer of the benches, written as one would write it for speed: clients and keys at import, the standard library where it
suffices, connections kept open.
"""

import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import struct
import time
import uuid
from datetime import datetime, timezone

import boto3
from botocore.config import Config

QUEUE_URL = os.environ["CONVERSATIONS_QUEUE_URL"]
SECRET_ID = os.environ["WEBHOOK_KEYS_SECRET_ID"]
KEYS_TTL_SECONDS = int(os.environ.get("KEYS_TTL_SECONDS", "300"))
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_MESSAGE_BYTES = 1_048_576 - 1_024
COMPRESS_OVER = 256 * 1024
TOLERANCE_SECONDS = 300
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
CORRELATION_ID = re.compile(r"[A-Za-z0-9\-_.=:]{1,128}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

CONFIG = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "max_attempts": 3}, tcp_keepalive=True
)
SESSION = boto3.session.Session()
SQS = SESSION.client("sqs", config=CONFIG)
SECRETS = SESSION.client("secretsmanager", config=CONFIG)


class Refused(Exception):
    """An answer that is not 202."""

    def __init__(self, status, title, errors=None):
        super().__init__(title)
        self.status, self.title, self.errors = status, title, errors


def read_keys():
    """The live keys of Standard Webhooks."""
    secret = json.loads(SECRETS.get_secret_value(SecretId=SECRET_ID)["SecretString"])
    return [base64.b64decode(key.removeprefix("whsec_")) for key in secret["standard-webhooks"]]


KEYS, KEYS_READ_AT = read_keys(), time.monotonic()


def live_keys():
    """The keys, read again when they are old."""
    global KEYS, KEYS_READ_AT
    if time.monotonic() - KEYS_READ_AT > KEYS_TTL_SECONDS:
        KEYS, KEYS_READ_AT = read_keys(), time.monotonic()
    return KEYS


def verify(headers, body):
    """Standard Webhooks: HMAC-SHA256 over id, timestamp and raw body; every key and every signature is tried."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not MESSAGE_ID.fullmatch(message_id) or not timestamp.removeprefix("-").isdecimal():
        raise Refused(401, "Authentication failed")
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused(401, "Authentication failed")
    signed = f"{message_id}.{timestamp}.".encode() + body
    sent = [word[3:] for word in headers.get("webhook-signature", "").split() if word.startswith("v1,")]
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in live_keys()]
    if not any(hmac.compare_digest(one, other) for one in expected for other in sent[:16]):
        raise Refused(401, "Authentication failed")


def is_text(value, most):
    """One line of text that is not empty."""
    return isinstance(value, str) and value.strip() and len(value) <= most and not CONTROL.search(value)


def instant(value):
    """An ISO 8601 instant with an offset, or nothing."""
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return at.astimezone(timezone.utc) if at.tzinfo else None


def rfc3339(at):
    return at.isoformat().replace("+00:00", "Z")


def parse(body):
    """The event and its four fields; every broken rule at once."""
    try:
        event = json.loads(body)
    except ValueError:
        raise Refused(400, "The request breaks rules", [{"pointer": "", "detail": "is not JSON"}]) from None
    if not isinstance(event, dict):
        raise Refused(400, "The request breaks rules", [{"pointer": "", "detail": "must be a JSON object"}])
    at = instant(event.get("timestamp"))
    rules = {
        "/event": is_text(event.get("event"), 128),
        "/timestamp": at,
        "/conversationId": is_text(event.get("conversationId"), 255),
        "/data": isinstance(event.get("data"), dict),
    }
    errors = [{"pointer": pointer, "detail": "is missing or malformed"} for pointer, kept in rules.items() if not kept]
    if errors:
        raise Refused(400, "The request breaks rules", errors)
    return event, at


def event_key(event, at):
    """What makes a repeat a repeat: a digest of source, conversation, event, instant and canonical body."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256()
    for part in ("cxone_data_action", event["conversationId"], event["event"], rfc3339(at), canonical):
        part = part.encode()
        digest.update(struct.pack(">Q", len(part)) + part)
    return digest.hexdigest()


def pack(event, at, body):
    """The message for the queue, and what the caller is told about it."""
    encoding, packed = "base64", body
    if (len(body) + 2) // 3 * 4 > COMPRESS_OVER:
        encoding, packed = "gzip+base64", gzip.compress(body, compresslevel=6)
    receipt = {
        "receipt_id": str(uuid.uuid4()),
        "event_key": event_key(event, at),
        "conversation_id": event["conversationId"],
    }
    message = {
        "version": 1,
        **receipt,
        "event": event["event"],
        "timestamp": rfc3339(at),
        "received_at": rfc3339(datetime.now(timezone.utc)),
        "encoding": encoding,
        "body": base64.b64encode(packed).decode(),
    }
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        raise Refused(413, "Too large")
    return text, receipt


def enqueue(text, correlation_id):
    """A message counts as sent when SQS has named it."""
    try:
        sent = SQS.send_message(
            QueueUrl=QUEUE_URL,
            MessageBody=text,
            MessageAttributes={"correlation_id": {"DataType": "String", "StringValue": correlation_id}},
        )
    except Exception as error:
        raise Refused(503, "Unavailable for now") from error
    return sent["MessageId"]


def receive(event, headers, correlation_id):
    body = event.get("body") or ""
    body = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(body) > MAX_BODY_BYTES:
        raise Refused(413, "Too large")
    verify(headers, body)
    parsed, at = parse(body)
    text, receipt = pack(parsed, at, body)
    message_id = enqueue(text, correlation_id)
    print(json.dumps({"level": "INFO", "message": "enqueued", "queue.message_id": message_id, **receipt}))
    return receipt


def reply(status, content_type, body, correlation_id):
    headers = {"content-type": content_type, "cache-control": "no-store", "x-correlation-id": correlation_id}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body), "isBase64Encoded": False}


def handler(event, context):
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    request_id = event.get("requestContext", {}).get("requestId", "")
    sent = (headers.get("x-correlation-id", ""), request_id)
    correlation_id = next((one for one in sent if CORRELATION_ID.fullmatch(one)), None) or str(uuid.uuid4())
    try:
        receipt = receive(event, headers, correlation_id)
    except Refused as refused:
        body = {"title": refused.title, "status": refused.status, "correlation_id": correlation_id}
        if refused.errors:
            body["errors"] = refused.errors
        return reply(refused.status, "application/problem+json", body, correlation_id)
    return reply(202, "application/json", receipt, correlation_id)
