"""Snippets ranked the reference's way: its two pydantic models with their validators, which round, refuse duplicates, multiply and sort.

The one argument is the file with the body of a request. It plays rounds of WAYS (rounds.py); an empty line asks for the payload.
"""

import json
import sys

from pydantic import BaseModel, ConfigDict, field_validator

import rounds


class Snippet(BaseModel):
    snippet_id: str
    relevance_score: float
    boost_factor: float = 1.0
    metadata: dict[str, str] = {}

    @field_validator("relevance_score")
    @classmethod
    def score(cls, value: float) -> float:
        if not 0.0 <= value <= 1.0:
            raise ValueError("Relevance score must be between 0.0 and 1.0")
        return round(value, 4)


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid")
    session_id: str
    max_result_window: int = 10
    snippets: list[Snippet]

    @field_validator("max_result_window")
    @classmethod
    def window(cls, value: int) -> int:
        if not 1 <= value <= 50:
            raise ValueError("Max result window must be between 1 and 50")
        return value

    @field_validator("snippets")
    @classmethod
    def order(cls, value: list[Snippet]) -> list[Snippet]:
        seen = set()
        ranked = []
        for one in value:
            if one.snippet_id in seen:
                raise ValueError(f"Duplicate snippet_id detected: {one.snippet_id}")
            seen.add(one.snippet_id)
            # A model of its own for each, so that the validators run twice, as they do there.
            ranked.append(
                Snippet(
                    snippet_id=one.snippet_id,
                    relevance_score=one.relevance_score * one.boost_factor,
                    boost_factor=one.boost_factor,
                    metadata=one.metadata,
                )
            )
        ranked.sort(key=lambda one: one.relevance_score, reverse=True)
        return ranked[:50]


WAYS = {
    "ranked": Payload.model_validate_json,
    # As the reference hands it to its client, which makes JSON of it.
    "sent": lambda body: json.dumps(Payload.model_validate_json(body).model_dump(by_alias=False)),
    "sent-fast": lambda body: Payload.model_validate_json(body).model_dump_json(),
}


def main():
    with open(sys.argv[1], "rb") as file:
        body = file.read()
    rounds.serve(WAYS, body, WAYS["sent"])


main()
