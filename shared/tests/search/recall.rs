//! What a graph finds beside what looking at every vector finds, plain and under filters that hang together with the vectors.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use shared::db::knowledge_vectors::{Graph, ensure_graph};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::search::{Filter, Snapshot};
use shared::db::{Database, vector_segments};
use shared::domain::query::KnowledgeQuery;
use shared::domain::{Embedding, Provider, Space};
use shared::retrieval::NEAREST;
use shared::testing::{TestDatabase, proof_size};
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// How many are compared, of those that search asks for when it asks for least.
const BEST: usize = 20;
/// How many kinds of texts there are: texts of a kind lie together.
const KINDS: usize = 60;

const FILL: &str = "
    INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
    SELECT 'a-' || n, 'live', now(), sha256('x'), '' FROM generate_series(1, COUNT) n;
    INSERT INTO knowledge_documents (article_id, locale, title, metadata)
    SELECT 'a-' || n, 'en-US', 'A title',
        jsonb_build_object('territory', 'T' || ((n - 1) % 60) / 3, 'half', (n - 1) % 60 < 30, 'rare', n % 97, 'id', n)
    FROM generate_series(1, COUNT) n ORDER BY n;
    INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
    SELECT id, 0, '', 'text', sha256('x') FROM knowledge_documents ORDER BY id";

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
        let mut rng = Rng::with_seed(11);
        let world = Self {
            database,
            bystander: test.bystander().await.unwrap(),
            dimensions,
            centres: (0..KINDS).map(|_| noise(&mut rng, dimensions)).collect(),
        };
        let fill = FILL.replace("COUNT", &count.to_string());
        world.bystander.batch_execute(&fill).await.unwrap();
        let insert = "INSERT INTO knowledge_vectors SELECT id, 1, v::vector FROM unnest($1::int8[], $2::text[]) AS n (id, v)";
        for some in (0..count).collect::<Vec<_>>().chunks(2_000) {
            let vectors: Vec<String> = some
                .iter()
                .map(|at| text(&world.near(&mut rng, at % KINDS)))
                .collect();
            let ids: Vec<i64> = some
                .iter()
                .map(|at| i64::try_from(*at).unwrap() + 1)
                .collect();
            let values = [
                (&ids as _, Type::INT8_ARRAY),
                (&vectors as _, Type::TEXT_ARRAY),
            ];
            world.bystander.query_typed(insert, &values).await.unwrap();
        }
        world.bystander.batch_execute("ANALYZE").await.unwrap();
        Some(world)
    }

    /// What the articles' graph is over.
    async fn operators(&self) -> String {
        let operators =
            "SELECT o.opcname::text FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0]
            WHERE i.indexrelid = 'knowledge_vectors_graph_1'::regclass";
        let row = self.bystander.query_typed_one(operators, &[]).await;
        row.unwrap().get(0)
    }

    /// A vector of this kind.
    fn near(&self, rng: &mut Rng, kind: usize) -> Vec<f32> {
        let noise = noise(rng, self.dimensions);
        let both = self.centres[kind].iter().zip(&noise);
        both.map(|(centre, noise)| centre + 0.7 * noise).collect()
    }

    /// The best by search.
    async fn search(&self, body: &Value, question: &Embedding) -> Vec<i64> {
        let query = KnowledgeQuery::parse(body.to_string().as_bytes()).unwrap();
        let filter = Filter::of_knowledge(&query, None);
        let mut connection = self.database.connection().await.unwrap();
        let snapshot = Snapshot::begin(&self.database, &mut connection)
            .await
            .unwrap();
        let few = snapshot.few(&filter).await.unwrap();
        let near = snapshot
            .nearest(&filter, few.as_deref(), question, NEAREST)
            .await
            .unwrap();
        snapshot.end().await.unwrap();
        assert!(near.is_sorted_by(|one, other| one.cosine >= other.cosine));
        near.iter().take(BEST).map(|one| one.doc.0).collect()
    }

    /// The best of all that contain these metadata.
    async fn exact(&self, metadata: &Value, question: &Embedding) -> Vec<i64> {
        let exact = "SELECT v.chunk_id FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id
            JOIN knowledge_documents d ON d.id = c.document_id WHERE d.metadata @> $2::text::jsonb
            ORDER BY v.embedding <=> $1::text::vector LIMIT 20";
        let (question, metadata) = (text(question.as_slice()), metadata.to_string());
        let values = [(&question as _, Type::TEXT), (&metadata as _, Type::TEXT)];
        let rows = self.bystander.query_typed(exact, &values).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The mean share of the exact best that is found. `ask` gives the kind of the question, the filter, and what passes it.
    #[expect(clippy::print_stdout, reason = "the figures are read")]
    async fn recall(&self, name: &str, ask: impl Fn(&mut Rng) -> (usize, Value, Value)) -> f64 {
        let mut rng = Rng::with_seed(5);
        let (mut hits, mut all, mut times) = (0_u32, 0_u32, Vec::new());
        for _ in 0..proof_size(40, 200) {
            let (kind, mut body, metadata) = ask(&mut rng);
            body["query"] = json!("words");
            let question = self.near(&mut rng, kind);
            let question = Embedding::parse(question, self.dimensions).unwrap();
            let began = Instant::now();
            let found = self.search(&body, &question).await;
            times.push(began.elapsed());
            let exact = self.exact(&metadata, &question).await;
            assert_eq!(found.len(), exact.len(), "{name}: {body}");
            let is_found = |doc: &&i64| found.contains(doc);
            hits += u32::try_from(exact.iter().filter(is_found).count()).unwrap();
            all += u32::try_from(exact.len()).unwrap();
        }
        times.sort();
        let recall = f64::from(hits) / f64::from(all);
        let (p50, p95) = (times[times.len() / 2], times[times.len() * 19 / 20]);
        println!("{name}: recall@{BEST} {recall:.4}, p50 {p50:?}, p95 {p95:?}");
        recall
    }
}

#[tokio::test]
async fn a_graph_finds_what_looking_at_all_finds() {
    let (count, numbers) = (proof_size(15_000, 100_000), proof_size(64, 384));
    let dimensions = u16::try_from(numbers).unwrap();
    let Some(world) = World::make("a_graph_finds", count, dimensions).await else {
        return;
    };
    let graph = ensure_graph(&world.database, 10_000).await.unwrap();
    assert_eq!(graph, Graph::Built);
    let any = |rng: &mut Rng| rng.usize(..KINDS);

    let plain = world
        .recall("plain", |rng| (any(rng), json!({}), json!({})))
        .await;
    assert!(plain >= 0.99, "{plain}");

    // Half of all pass, and the questions are of the other half: what lies near does not pass.
    let half = |rng: &mut Rng| {
        let metadata = json!({ "half": true });
        (
            rng.usize(30..KINDS),
            json!({ "metadata": metadata }),
            metadata,
        )
    };
    let against = world.recall("half pass, the far ones", half).await;
    assert!(against >= 0.95, "{against}");

    let with = |rng: &mut Rng| {
        let kind = any(rng);
        let territory = format!("T{}", kind / 3);
        (
            kind,
            json!({ "territories": [territory] }),
            json!({ "territory": territory }),
        )
    };
    let with = world
        .recall("a twentieth passes, the near ones", with)
        .await;
    assert!(with >= 0.95, "{with}");

    let across = |rng: &mut Rng| {
        let metadata = json!({ "rare": rng.u8(..97) });
        (any(rng), json!({ "metadata": metadata }), metadata)
    };
    let across = world
        .recall("a hundredth passes, from everywhere", across)
        .await;
    assert!(across >= 0.999, "few are looked at one by one: {across}");
}

#[tokio::test]
async fn large_vectors_are_found_by_their_signs_or_by_an_older_graph_over_halves() {
    let (count, numbers) = (proof_size(1_500, 20_000), proof_size(800, 1_536));
    let dimensions = u16::try_from(numbers).unwrap();
    let Some(world) = World::make("large_vectors", count, dimensions).await else {
        return;
    };
    let graph = ensure_graph(&world.database, 1_000).await.unwrap();
    assert_eq!(graph, Graph::Built);
    assert_eq!(world.operators().await, "bit_hamming_ops");
    let any = |rng: &mut Rng| (rng.usize(..KINDS), json!({}), json!({}));
    let plain = world.recall("by signs", any).await;
    assert!(plain >= 0.99, "{plain}");
    let half = |rng: &mut Rng| {
        let metadata = json!({ "half": true });
        let far = rng.usize(30..KINDS);
        (far, json!({ "metadata": metadata }), metadata)
    };
    let against = world.recall("by signs, half pass, the far ones", half);
    let against = against.await;
    assert!(against >= 0.95, "{against}");

    let older = format!(
        "DROP INDEX knowledge_vectors_graph_1; CREATE INDEX knowledge_vectors_graph_1 ON knowledge_vectors
            USING hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops) WITH (ef_construction = 128) WHERE model_id = 1"
    );
    world.bystander.batch_execute(&older).await.unwrap();
    let graph = ensure_graph(&world.database, 1_000).await.unwrap();
    assert_eq!(graph, Graph::Stands);
    let plain = world.recall("by halves, of before", any).await;
    assert!(plain >= 0.99, "{plain}");
}
