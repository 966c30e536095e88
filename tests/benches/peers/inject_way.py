"""Transcripts injected the reference's way: one request after the other, without a session, each with its record of the audit in memory.

The arguments are the tenant's address, how many to inject, and the file with one as it is posted. It says "ready", waits for a line, injects
them, and says "done".
"""

import json
import random
import sys
import time
from datetime import datetime, timezone

import requests

import rounds

MOST_TRIES = 5


class Auth:
    def __init__(self, base_url):
        self.base_url = base_url
        self.token = None
        self.expires_at = 0.0

    def get_token(self):
        if self.token and time.time() < self.expires_at - 60:
            return self.token
        form = {
            "grant_type": "client_credentials",
            "client_id": "local-client",
            "client_secret": "local-secret",
            "scope": "conversations:chat:write conversations:read",
        }
        headers = {"Accept": "application/json"}
        answer = requests.post(f"{self.base_url}/oauth/token", data=form, headers=headers, timeout=10)
        answer.raise_for_status()
        told = answer.json()
        self.token = told["access_token"]
        self.expires_at = time.time() + told["expires_in"]
        return self.token


class Injector:
    def __init__(self, auth):
        self.auth = auth
        self.success_count = 0
        self.failure_count = 0
        self.total_latency = 0.0
        self.audit_log = []

    def inject(self, payload):
        url = f"{self.auth.base_url}/api/v2/conversations/channels/chat"
        for attempt in range(MOST_TRIES):
            headers = {"Authorization": f"Bearer {self.auth.get_token()}", "Content-Type": "application/json"}
            started = time.perf_counter()
            try:
                answer = requests.post(url, headers=headers, json=payload, timeout=30)
            except requests.exceptions.RequestException as error:
                self.failure_count += 1
                return False, {"error": str(error)}
            self.total_latency += time.perf_counter() - started
            if answer.status_code == 201:
                self.success_count += 1
                return True, answer.json()
            if answer.status_code == 429:
                time.sleep(int(answer.headers.get("Retry-After", 2**attempt + random.uniform(0, 1))))
                continue
            self.failure_count += 1
            return False, answer.json()
        self.failure_count += 1
        return False, {"error": "Max retries exceeded"}

    def process(self, interaction_id, payload):
        success, result = self.inject(payload)
        record = {
            "status": "injected" if success else "injection_failed",
            "conversation_id": result.get("conversationId", "unknown"),
            "interaction_id": interaction_id,
            "archive_success": success,
            "timestamp": datetime.now(timezone.utc).isoformat(),
        }
        self.audit_log.append(record)


def main():
    base_url, count = sys.argv[1], int(sys.argv[2])
    with open(sys.argv[3], "rb") as file:
        template = json.load(file)
    injector = Injector(Auth(base_url))
    injector.auth.get_token()
    payloads = [
        {**template, "properties": {"interactionId": f"{template['properties']['interactionId']}-{number}"}}
        for number in range(count)
    ]
    rounds.ready()
    for payload in payloads:
        injector.process(payload["properties"]["interactionId"], payload)
    rounds.done()


main()
