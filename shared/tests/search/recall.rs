//! What a graph finds beside what looking at every vector finds, plain and with filters that hang together with the vectors.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use shared::db::knowledge_vectors::{Graph, ensure_graph};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::search::{Filter, Snapshot};
use shared::db::{Database, vector_segments};
use shared::domain::query::KnowledgeQuery;
use shared::domain::{Embedding, Provider, Space};
use shared::retrieval::CANDIDATES;
use shared::testing::{TestDatabase, proof_size};
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// How many are compared, of those that search asks for.
const BEST: usize = 20;
/// How many kinds of texts there are: texts of a kind lie together.
const KINDS: usize = 60;

struct World {
    database: Database,
    bystander: Client,
    dimensions: u16,
    centres: Vec<Vec<f32>>,
}

fn noise(rng: &mut Rng, dimensions: u16) -> Vec<f32> {
    // The sum of some even numbers is nearly normal.
    let one = |_| (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
    (0..dimensions).map(one).collect()
}

fn add(one: &[f32], other: &[f32], share: f32) -> Vec<f32> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one + share * other)
        .collect()
}

fn text(vector: &[f32]) -> String {
    let numbers: Vec<_> = vector.iter().map(|number| format!("{number:.5}")).collect();
    format!("[{}]", numbers.join(","))
}

impl World {
    /// Articles of one piece each, in a territory for every three kinds: who filters by territory filters by direction.
    async fn make(name: &str, count: usize, dimensions: u16) -> Option<Self> {
        let test = TestDatabase::create(name).await?;
        let database = test.database().unwrap();
        let soon = Instant::now() + Duration::from_secs(20);
        migrate(&database, MIGRATIONS, soon).await.unwrap();
        let space = Space {
            provider: Provider::Local,
            name: "one".to_owned(),
            dimensions,
        };
        vector_segments::open(&database, &space).await.unwrap();
        let bystander = test.bystander().await.unwrap();
        let mut rng = Rng::with_seed(11);
        let centres: Vec<_> = (0..KINDS).map(|_| noise(&mut rng, dimensions)).collect();
        let rows = "INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
            SELECT 'a-' || n, 'live', now(), sha256('x'), '' FROM generate_series(0, $1::int8 - 1) n";
        bystander
            .query_typed(rows, &[(&i64::try_from(count).unwrap(), Type::INT8)])
            .await
            .unwrap();
        let rows = format!("INSERT INTO knowledge_documents (article_id, locale, title, metadata)
            SELECT 'a-' || n, 'en-US', 'A title', jsonb_build_object('territory', 'T' || (n % {KINDS}) / 3, 'rare', n % 97, 'article_id', 'a-' || n)
            FROM generate_series(0, {count} - 1) n ORDER BY n;
            INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
            SELECT id, 0, '', 'text', sha256('x') FROM knowledge_documents ORDER BY id");
        bystander.batch_execute(&rows).await.unwrap();
        let all: Vec<usize> = (0..count).collect();
        for some in all.chunks(2_000) {
            let vectors = some.iter().map(|number| {
                let noise = noise(&mut rng, dimensions);
                text(&add(&centres[number % KINDS], &noise, 0.7))
            });
            let vectors: Vec<String> = vectors.collect();
            let ids: Vec<i64> = some
                .iter()
                .map(|number| i64::try_from(*number).unwrap() + 1)
                .collect();
            let insert = "INSERT INTO knowledge_vectors SELECT id, 1, v::vector FROM unnest($1::int8[], $2::text[]) AS n (id, v)";
            let values = [
                (&ids as _, Type::INT8_ARRAY),
                (&vectors as _, Type::TEXT_ARRAY),
            ];
            bystander.query_typed(insert, &values).await.unwrap();
        }
        bystander.batch_execute("ANALYZE").await.unwrap();
        Some(Self {
            database,
            bystander,
            dimensions,
            centres,
        })
    }

    fn question(&self, rng: &mut Rng, kind: usize) -> Embedding {
        let noise = noise(rng, self.dimensions);
        Embedding::parse(add(&self.centres[kind], &noise, 0.7), self.dimensions).unwrap()
    }

    async fn nearest(&self, body: &Value, question: &Embedding) -> (Vec<i64>, Duration) {
        let query = KnowledgeQuery::parse(body.to_string().as_bytes()).unwrap();
        let filter = Filter::of_knowledge(&query, None);
        let mut connection = self.database.connection().await.unwrap();
        let snapshot = Snapshot::begin(&self.database, &mut connection)
            .await
            .unwrap();
        let began = Instant::now();
        let few = snapshot.few(&filter).await.unwrap();
        let near = snapshot
            .nearest(&filter, few.as_deref(), question, CANDIDATES)
            .await
            .unwrap();
        let took = began.elapsed();
        snapshot.end().await.unwrap();
        assert!(near.is_sorted_by(|one, other| one.cosine >= other.cosine));
        (near.iter().take(BEST).map(|one| one.doc.0).collect(), took)
    }

    async fn exact(&self, metadata: &Value, question: &Embedding) -> Vec<i64> {
        let exact = "SELECT v.chunk_id FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id
            JOIN knowledge_documents d ON d.id = c.document_id WHERE d.metadata @> $2::text::jsonb
            ORDER BY v.embedding <=> $1::text::vector LIMIT 20";
        let (question, metadata) = (text(question.as_slice()), metadata.to_string());
        let values = [(&question as _, Type::TEXT), (&metadata as _, Type::TEXT)];
        let rows = self.bystander.query_typed(exact, &values).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The mean share of the exact best that is found, of so many questions, and how long the slowest twentieth took.
    async fn recall(
        &self,
        name: &str,
        questions: usize,
        ask: impl Fn(&mut Rng) -> (usize, Value, Value),
    ) -> f64 {
        let mut rng = Rng::with_seed(5);
        let (mut hits, mut all, mut times) = (0, 0, Vec::new());
        for _ in 0..questions {
            let (kind, body, metadata) = ask(&mut rng);
            let question = self.question(&mut rng, kind);
            let (found, took) = self.nearest(&body, &question).await;
            let exact = self.exact(&metadata, &question).await;
            assert_eq!(found.len(), exact.len(), "{name}: {body}");
            hits += exact.iter().filter(|doc| found.contains(doc)).count();
            all += exact.len();
            times.push(took);
        }
        times.sort();
        let (hits, all) = (u32::try_from(hits).unwrap(), u32::try_from(all).unwrap());
        let recall = f64::from(hits) / f64::from(all);
        println!(
            "{name}: recall {recall:.4}, p50 {:?}, p95 {:?}",
            times[questions / 2],
            times[questions * 19 / 20]
        );
        recall
    }
}

#[tokio::test]
async fn a_graph_finds_what_looking_at_all_finds() {
    let (count, dimensions) = (
        proof_size(15_000, 100_000),
        if proof_size(0, 1) == 1 { 384 } else { 64 },
    );
    let Some(world) = World::make("a_graph_finds", count, dimensions).await else {
        return;
    };
    let questions = proof_size(40, 200);
    let began = Instant::now();
    assert_eq!(
        ensure_graph(&world.database, 10_000).await.unwrap(),
        Graph::Built
    );
    println!(
        "{count} vectors of {dimensions} numbers: the graph took {:?}",
        began.elapsed()
    );
    assert_eq!(
        ensure_graph(&world.database, 10_000).await.unwrap(),
        Graph::Stands
    );

    let plain = |rng: &mut Rng| (rng.usize(..KINDS), json!({ "query": "x" }), json!({}));
    let plain = world.recall("plain", questions, plain).await;
    assert!(plain >= 0.99, "{plain}");

    // Half of the territories, and questions from the other half: what lies near does not pass.
    let half: Vec<_> = (0..10).map(|number| format!("T{number}")).collect();
    let against = |rng: &mut Rng| {
        let body = json!({ "query": "x", "territories": half });
        (rng.usize(30..KINDS), body, json!({}))
    };
    let mut rng = Rng::with_seed(5);
    let (mut hits, mut all) = (0_u32, 0_u32);
    for _ in 0..questions {
        let (kind, body, _) = against(&mut rng);
        let question = world.question(&mut rng, kind);
        let (found, _) = world.nearest(&body, &question).await;
        let exact = world.exact_among(&question).await;
        assert_eq!(found.len(), exact.len());
        hits += u32::try_from(exact.iter().filter(|doc| found.contains(doc)).count()).unwrap();
        all += u32::try_from(exact.len()).unwrap();
    }
    let against = f64::from(hits) / f64::from(all);
    println!("against the direction: recall {against:.4}");
    assert!(against >= 0.95, "{against}");

    let with = |rng: &mut Rng| {
        let kind = rng.usize(..KINDS);
        let territory = format!("T{}", kind / 3);
        (
            kind,
            json!({ "query": "x", "territories": [territory] }),
            json!({ "territory": territory }),
        )
    };
    let with = world
        .recall("with the direction, few", questions, with)
        .await;
    assert!(with >= 0.95, "{with}");

    let across = |rng: &mut Rng| {
        let rare = rng.u8(..97);
        (
            rng.usize(..KINDS),
            json!({ "query": "x", "metadata": { "rare": rare } }),
            json!({ "rare": rare }),
        )
    };
    let across = world
        .recall("across all directions, few", questions, across)
        .await;
    assert!(
        (across - 1.0).abs() < f64::EPSILON,
        "few are looked at one by one: {across}"
    );
}

impl World {
    async fn exact_among(&self, question: &Embedding) -> Vec<i64> {
        let exact = "SELECT v.chunk_id FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id
            JOIN knowledge_documents d ON d.id = c.document_id WHERE substr(d.metadata->>'territory', 2)::int < 10
            ORDER BY v.embedding <=> $1::text::vector LIMIT 20";
        let question = text(question.as_slice());
        let rows = self
            .bystander
            .query_typed(exact, &[(&question as _, Type::TEXT)])
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}
