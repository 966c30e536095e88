"""What peers that embed share: the provider; those of the bench `conversations` also the payloads and their text."""

import json
import os

DATABASE_URL = os.environ["DATABASE_URL"]
PROVIDER_URL = os.environ["EMBEDDING_BASE_URL"] + "/v1"
PROVIDER_KEY = "sk-bench"
MODEL = "text-embedding-3-small"
DIMENSIONS = 1536
FIELDS = {"subject": "Subject", "transcript.agent": "Agent", "transcript.customer": "Customer"}


def read_payloads():
    """The first COUNT webhook bodies, one in a line."""
    with open(os.environ["CONVERSATIONS"], encoding="utf-8") as lines:
        return [line for line, _ in zip(lines, range(int(os.environ["COUNT"])))]


def text_of(data):
    """The mapped fields, each with its label."""
    found = ((label, follow(data, path)) for path, label in FIELDS.items())
    return "\n".join(f"{label}: {words}" for label, words in found if words)


def follow(data, path):
    """The text at a dotted path, or nothing."""
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else None


def tags_of(text, conversation_id):
    """The reference's tags."""
    lower = text.lower()
    markers = ("@gmail.com", "@yahoo.com", "SSN:", "Credit Card:", "DOB:")
    if any(word in lower for word in ("refund", "return", "cancel")):
        intent = "billing_dispute"
    elif any(word in lower for word in ("help", "issue", "broken", "error")):
        intent = "technical_support"
    else:
        intent = "general_inquiry"
    return {
        "source": "cxone_data_action",
        "conversation_id": conversation_id,
        "content_length": len(text),
        "contains_pii": any(marker in text for marker in markers),
        "intent_category": intent,
    }


def read(line):
    """A payload, and its text."""
    payload = json.loads(line)
    return payload, text_of(payload["data"])
