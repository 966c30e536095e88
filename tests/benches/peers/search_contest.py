"""What the peers of the bench `search` share: the same questions with their vectors, and rounds on demand.

Each line on standard input asks for a round. Its answer is a line of JSON with an object for each question: how many milliseconds it took,
and the passages that it found, best first. The interpreter, the imports and the connections are there before.
"""

import json
import os
import sys
import time

DATABASE_URL = os.environ["DATABASE_URL"]
TABLE = "peer_passages"
# Passages that a question finds, on every side.
FOUND = 20


def read_questions():
    """Every question: its text and its vector."""
    with open(os.environ["QUESTIONS"], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def serve(ask):
    """Plays rounds until nobody asks for one; `ask` takes a text and a vector, and gives the names of passages."""
    questions = read_questions()
    print("ready", flush=True)
    while sys.stdin.readline():
        answers = []
        for question in questions:
            started = time.perf_counter()
            found = ask(question["text"], question["vector"])
            answers.append({"ms": (time.perf_counter() - started) * 1000, "found": found})
        print(json.dumps(answers), flush=True)
