"""Which function gets which fixture of events/, in which order, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A fixture, and whether an answer is what it should be."""

    name: str
    holds: Callable[[dict], bool]
    # A fixture of queue.* is what a message says: it comes in an event like this one.
    within: str | None = None


def status(*codes: int) -> Callable[[dict], bool]:
    return lambda answer: answer.get("statusCode") in codes


def batch(answer: dict) -> bool:
    """Every message of the batch is done."""
    return answer == {"batchItemFailures": []}


def says(*fields: str) -> Callable[[dict], bool]:
    return lambda answer: "errorType" not in answer and all(field in answer for field in fields)


def synced(answer: dict) -> bool:
    return [run["state"] for run in answer.get("runs", [])] == ["done"]


# The functions of a stage work side by side, the events of each one after the other.
STAGES: list[dict[str, list[Event]]] = [
    {
        "SchemaMigratorFunction": [
            Event("schema-migrator.json", says("applied")),
            Event("schema-migrator.check.json", says()),
            Event("schema-migrator.custom-resource.json", says("PhysicalResourceId")),
        ],
        "DataActionWebhookFunction": [
            Event("data-action-webhook.json", status(202)),
            Event("data-action-webhook.base64.json", status(202)),
            # Its signatures are none, joined by a gateway as good ones would be.
            Event("data-action-webhook.joined-headers.json", status(401)),
            Event("data-action-webhook.health.json", status(200)),
        ],
    },
    {
        "ConversationEmbedderFunction": [
            Event("conversation-embedder.json", batch),
            Event("queue.conversations.v1.json", batch, within="conversation-embedder.json"),
            Event("conversation-embedder.reembed.json", says()),
            Event("conversation-embedder.switch-model.json", says()),
            Event("conversation-embedder.replay.json", says()),
            Event("conversation-embedder.expire.json", says()),
        ],
        "KnowledgeSyncFunction": [
            Event("knowledge-sync.foresee.json", says()),
            Event("knowledge-sync.sync.json", synced),
            Event("knowledge-sync.reconcile.json", synced),
            Event("knowledge-sync.json", says("runs")),
            Event("queue.knowledge.v1.json", says("runs"), within="knowledge-sync.json"),
        ],
        "TranscriptIntakeFunction": [
            Event("transcript-intake.json", status(202)),
            Event("transcript-intake.lines.json", says()),
            Event("transcript-intake.metrics.json", status(200)),
        ],
    },
    {
        "SearchFunction": [
            Event("search.knowledge.json", status(200)),
            Event("search.conversations.json", status(200)),
            # Nobody stored a conversation of that name.
            Event("search.conversation.json", status(404)),
        ],
        "SnippetRankerFunction": [
            Event("snippet-ranker.ranking.json", status(200)),
            Event("snippet-ranker.click.json", status(200, 201)),
            Event("snippet-ranker.tick.json", says()),
        ],
        "TranscriptInjectorFunction": [
            Event("transcript-injector.drain.json", lambda answer: answer.get("injected", 0) > 0),
            Event("transcript-injector.requeue.json", says()),
        ],
        "KnowledgeRefreshFunction": [Event("knowledge-refresh.json", status(202))],
        "OpsConsoleFunction": [
            Event("ops-console.roll_up.json", says()),
            Event("ops-console.json", status(200)),
        ],
        "VectorKeeperFunction": [
            Event("vector-keeper.json", batch),
            Event("queue.segments.v1.json", batch, within="vector-keeper.json"),
            Event("vector-keeper.keep.json", says()),
        ],
        "AssistCardsFunction": [
            Event("assist-cards.json", batch),
            Event("queue.interactions.v1.json", batch, within="assist-cards.json"),
            Event("assist-cards.tidy.json", says()),
        ],
        # It listens for as long as it may; meanwhile somebody speaks.
        "AssistListenerFunction": [Event("assist-listener.json", lambda answer: answer.get("forwarded", 0) > 0)],
    },
    {"ConversationEmbedderFunction": [Event("conversation-embedder.erase.json", says("receipt_id"))]},
]
