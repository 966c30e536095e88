//! The metrics, each once: a field of a log line that has the name of a metric is one. `CloudWatch` reads them out of the lines (embedded
//! metric format), so that counting costs no call. `docs/telemetry.md` lists them; a test holds it equal.

use serde_json::{Value, json};

/// Where `CloudWatch` keeps them. The names and the dimensions are a contract: alarms and dashboards of others depend on them.
pub const NAMESPACE: &str = "CxoneMemory";
/// The dimension that every metric has: which function of which stack.
pub const FUNCTION: &str = "function_name";
/// What a line with `error.kind` counts as, if it is an error.
pub(super) const FAILURES: &str = "failures";

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The field that carries it.
    pub name: &'static str,
    /// What it counts in, as `CloudWatch` calls it.
    pub unit: &'static str,
    /// The field of the same line that it is told apart by, beside the function.
    pub dimension: Option<&'static str>,
    /// What it says.
    pub meaning: &'static str,
}

/// All of them.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "answer_ms",
        unit: "Milliseconds",
        dimension: Some("status_class"),
        meaning: "how long an HTTP answer took; their number is the number of answers",
    },
    Metric {
        name: "cards",
        unit: "Count",
        dimension: None,
        meaning: "cards that were decided for an agent, per batch of an interaction's utterances",
    },
    Metric {
        name: "cold_starts",
        unit: "Count",
        dimension: None,
        meaning: "environments that saw their first event; how long they took to start is `initDurationMs` of Lambda's own report",
    },
    Metric {
        name: "embed_ms",
        unit: "Milliseconds",
        dimension: Some("model"),
        meaning: "how long a model took for the texts that were asked for at once",
    },
    Metric {
        name: "embedded_texts",
        unit: "Count",
        dimension: Some("model"),
        meaning: "texts that a model was asked for; those that are known by their hash are not among them",
    },
    Metric {
        name: "embedded_tokens",
        unit: "Count",
        dimension: Some("model"),
        meaning: "their tokens, which a provider charges for",
    },
    Metric {
        name: "event_age_ms",
        unit: "Milliseconds",
        dimension: None,
        meaning: "from the webhook's receipt of an event until it was settled, on queue and all",
    },
    Metric {
        name: FAILURES,
        unit: "Count",
        dimension: Some("error_kind"),
        meaning: "log lines of level error that carry an error.kind",
    },
    Metric {
        name: "order_ms",
        unit: "Milliseconds",
        dimension: Some("state"),
        meaning: "from a caller's order of snippets until it ended; their number is the number of orders",
    },
    Metric {
        name: "parked",
        unit: "Count",
        dimension: None,
        meaning: "messages that were put into the dead-letter queue because they can never be stored",
    },
    Metric {
        name: "settled_events",
        unit: "Count",
        dimension: Some("outcome"),
        meaning: "events that were settled: new, done before, of an erased conversation",
    },
    Metric {
        name: "transcripts_injected",
        unit: "Count",
        dimension: None,
        meaning: "transcripts that CXone took in a drain",
    },
];

/// The metric that a field is, if it is one.
pub(super) fn of_field(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// What makes `CloudWatch` read `metrics` out of a line: its member `_aws`.
pub(super) fn directive(metrics: &[&Metric], at_ms: i64) -> Value {
    let directives = metrics.iter().map(|metric| {
        let dimensions: Vec<_> = std::iter::once(FUNCTION).chain(metric.dimension).collect();
        json!({
            "Namespace": NAMESPACE,
            "Dimensions": [dimensions],
            "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
        })
    });
    json!({"Timestamp": at_ms, "CloudWatchMetrics": directives.collect::<Vec<_>>()})
}
