"""Articles the reference's way: a page after the other, an article after the other, its text by BeautifulSoup, one embedding of its
first 8,191 characters through a client made for it, one row, committed.

Two things are kinder than the document: the client is httpx, which costs less than the one of openai, and links are not checked.
KEEPS_OPEN lets it use one client for all embeddings.
"""

import asyncio
import os
import time
from datetime import datetime, timezone

import httpx
import psycopg
from bs4 import BeautifulSoup

import contest
import rounds

CXONE_URL = os.environ["CXONE_URL"]
LANGUAGE = os.environ["LANGUAGE"]
COUNT = int(os.environ["COUNT"])
KEEPS_OPEN = bool(os.environ["KEEPS_OPEN"])
LIMIT = 100
RETRIES = 3
# Without it CXone answers with a page for people.
JSON = {"Accept": "application/json"}

TABLE = f"""
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE reference_knowledge (
        id text PRIMARY KEY,
        title text NOT NULL,
        body_text text NOT NULL,
        embedding vector({contest.DIMENSIONS}) NOT NULL,
        language text NOT NULL,
        territory text NOT NULL,
        modified_date timestamptz NOT NULL,
        version bigint NOT NULL,
        broken_links text[] NOT NULL,
        indexed_at timestamptz NOT NULL
    )
"""
INSERT = """
    INSERT INTO reference_knowledge VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, body_text = excluded.body_text, embedding = excluded.embedding,
        language = excluded.language, territory = excluded.territory, modified_date = excluded.modified_date,
        version = excluded.version, broken_links = excluded.broken_links, indexed_at = excluded.indexed_at
"""


class Token:
    """The bearer token, kept until shortly before it expires."""

    def __init__(self):
        self.text, self.expires_at = None, 0.0

    async def get(self):
        if self.text and time.time() < self.expires_at - 30:
            return self.text
        form = {
            "grant_type": "client_credentials",
            "client_id": "local-client",
            "client_secret": "local-secret",
            "scope": "knowledge:read",
        }
        async with httpx.AsyncClient(timeout=15.0, headers=JSON) as client:
            response = await client.post(f"{CXONE_URL}/as/token.oauth2", data=form)
            response.raise_for_status()
        payload = response.json()
        self.text, self.expires_at = payload["access_token"], time.time() + payload["expires_in"]
        return self.text


async def request(client, token, params):
    for attempt in range(RETRIES):
        headers = {"Authorization": f"Bearer {await token.get()}"}
        response = await client.get(f"{CXONE_URL}/api/v2/knowledge/articles", params=params, headers=headers)
        if response.status_code == 429:
            await asyncio.sleep(2**attempt)
            continue
        response.raise_for_status()
        return response.json()["articles"]
    raise RuntimeError("CXone stays busy")


async def poll_articles(client, token):
    offset = 0
    while True:
        params = {"limit": LIMIT, "offset": offset, "modifiedSince": "2000-01-01T00:00:00Z", "language": LANGUAGE}
        articles = await request(client, token, params)
        for article in articles:
            yield article
        if len(articles) < LIMIT:
            return
        offset += LIMIT


def transform(raw):
    locale = raw.get("locales", {}).get(LANGUAGE)
    if not locale:
        return None
    return {
        "id": raw["uuid"],
        "title": locale.get("title", ""),
        "body_html": locale.get("content", ""),
        "modified_date": raw.get("modifiedDate", ""),
        "version": raw.get("version", 0),
        "territory": raw.get("territory", ""),
    }


def new_client():
    return httpx.AsyncClient(timeout=30.0)


async def embed(client, text):
    response = await client.post(
        f"{contest.PROVIDER_URL}/embeddings",
        headers={"Authorization": f"Bearer {contest.PROVIDER_KEY}"},
        json={"model": contest.MODEL, "input": [text[:8191]]},
    )
    response.raise_for_status()
    return response.json()["data"][0]["embedding"]


async def index(connection, kept, article):
    text = BeautifulSoup(article["body_html"], "html.parser").get_text(separator=" ", strip=True)
    if kept:
        vector = await embed(kept, text)
    else:
        async with new_client() as client:
            vector = await embed(client, text)
    row = (article["id"], article["title"], text, str(vector), LANGUAGE, article["territory"])
    row += (article["modified_date"], article["version"], [], datetime.now(timezone.utc))
    await connection.execute(INSERT, row)


async def sync(connection, kept):
    """The first COUNT articles."""
    versions, token = {}, Token()
    async with httpx.AsyncClient(timeout=30.0, headers=JSON) as client:
        async for raw in poll_articles(client, token):
            article = transform(raw)
            if not article or article["modified_date"] <= versions.get(article["id"], ""):
                continue
            await index(connection, kept, article)
            versions[article["id"]] = article["modified_date"]
            if len(versions) == COUNT:
                return


async def main():
    connection = await psycopg.AsyncConnection.connect(contest.DATABASE_URL, autocommit=True)
    await connection.execute(TABLE)
    rounds.ready()
    if KEEPS_OPEN:
        async with new_client() as kept:
            await sync(connection, kept)
    else:
        await sync(connection, None)
    rounds.done()
    await connection.close()


asyncio.run(main())
