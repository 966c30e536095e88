"""Transcripts validated the reference's way: its checks over dicts, and the same with pydantic models in front.

The one argument is the file with a transcript, which is parsed once. It plays rounds of WAYS (rounds.py); an empty line asks for the payload.
"""

import json
import sys
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

import rounds

MOST_BYTES = 1_048_576
MOST_MESSAGES = 500


class Party(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    type: Literal["agent", "customer"]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    id: str | None = None
    sender: Party = Field(alias="from")
    to: Party
    text: str
    timestamp: str
    type: str = "text"
    format: str = "plain"


class Transcript(BaseModel):
    model_config = ConfigDict(extra="forbid")
    interaction_id: str
    agent_id: str
    customer_id: str
    messages: list[Message]


def is_encodable(text):
    try:
        text.encode("utf-8")
        return True
    except UnicodeEncodeError:
        return False


def never_goes_back(messages):
    previous = None
    for message in messages:
        written = message.get("timestamp")
        if not written:
            return False
        try:
            current = datetime.fromisoformat(written.replace("Z", "+00:00"))
            if previous and current < previous:
                return False
            previous = current
        except ValueError:
            return False
    return True


def build(interaction_id, agent_id, customer_id, messages):
    if len(messages) > MOST_MESSAGES:
        raise ValueError("there are too many messages")
    for message in messages:
        if not is_encodable(message.get("text", "")):
            raise ValueError("a text is not UTF-8")
    if not never_goes_back(messages):
        raise ValueError("a timestamp goes back")
    payload = {
        "channel": "webchat",
        "from": {"id": agent_id, "type": "agent"},
        "to": {"id": customer_id, "type": "customer"},
        "properties": {"interactionId": interaction_id},
        "messages": [
            {
                "id": message.get("id", f"msg_{place}"),
                "from": message["from"],
                "to": message["to"],
                "text": message["text"],
                "timestamp": message["timestamp"],
                "type": message.get("type", "text"),
                "format": message.get("format", "plain"),
            }
            for place, message in enumerate(messages)
        ],
    }
    written = json.dumps(payload)
    if len(written.encode("utf-8")) > MOST_BYTES:
        raise ValueError("the payload is too large")
    return written


def plain(transcript):
    return build(
        transcript["interaction_id"], transcript["agent_id"], transcript["customer_id"], transcript["messages"]
    )


def with_models(transcript):
    return plain(Transcript.model_validate(transcript).model_dump(by_alias=True))


WAYS = {"plain": plain, "pydantic": with_models}


def main():
    with open(sys.argv[1], "rb") as file:
        transcript = json.load(file)
    rounds.serve(WAYS, transcript, plain)


main()
