//! One JSON object per line: when, how bad, what the unit of work is, and what happened. Fields of spans stand beside those of the
//! event, which `tracing-subscriber`'s own JSON nests, and which `CloudWatch` then can neither count nor filter by one name.

use std::fmt::Debug;
use std::io::Write as _;

use jiff::Timestamp;
use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::metric::{self, FAILURES, FUNCTION, Metric};

/// Makes lines of events.
pub(super) struct Lines {
    /// Who speaks, for the metrics.
    pub(super) function: String,
    /// Where lines go, each ended by a line feed.
    pub(super) out: fn(&[u8]),
}

/// Fields in their order; a later one of the same name takes the place of the earlier.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = Vec::with_capacity(512);
        let mut json = serde_json::Serializer::new(&mut line);
        let mut object = json.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()?;
        line.push(b'\n');
        Ok(line)
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), json!(format!("{value:?}")));
    }
}

impl Lines {
    /// The line of an event, within its spans from the outermost to the innermost.
    fn fields<'a>(&self, event: &Event<'_>, spans: impl Iterator<Item = &'a Fields>) -> Fields {
        let (now, about) = (Timestamp::now(), event.metadata());
        let mut fields = Fields::default();
        fields.set("timestamp", json!(format!("{now:.6}")));
        fields.set("level", json!(about.level().as_str()));
        for (name, value) in spans.flat_map(|span| &span.0) {
            fields.set(name, value.clone());
        }
        event.record(&mut fields);
        fields.set("target", json!(about.target()));
        self.count(&mut fields, *about.level(), now);
        fields
    }

    /// Makes metrics of the fields that have the name of one, and counts failures.
    fn count(&self, fields: &mut Fields, level: Level, now: Timestamp) {
        let kind = fields.get("error.kind").cloned();
        if let Some(kind) = kind.filter(|_| level == Level::ERROR) {
            fields.set(FAILURES, json!(1));
            fields.set("error_kind", kind);
        }
        let names = fields.0.iter().map(|(name, _)| name);
        let metrics: Vec<&Metric> = names.filter_map(|name| metric::of_field(name)).collect();
        if !metrics.is_empty() {
            let directive = metric::directive(&metrics, now.as_millisecond());
            fields.set(FUNCTION, json!(self.function));
            fields.set("_aws", directive);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let spans: Vec<_> = context
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root)
            .collect();
        let extensions: Vec<_> = spans.iter().map(|span| span.extensions()).collect();
        let spans = extensions.iter().filter_map(|one| one.get::<Fields>());
        if let Ok(line) = self.fields(event, spans).line() {
            (self.out)(&line);
        }
    }
}

/// A line that cannot be written is lost; there is nobody to tell.
pub(super) fn to_stdout(line: &[u8]) {
    let _ = std::io::stdout().lock().write_all(line);
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    thread_local! {
        static WRITTEN: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    }

    fn lines_of(work: impl FnOnce()) -> Vec<Value> {
        let lines = Lines {
            function: "stack-webhook".to_owned(),
            out: |line| {
                let line = serde_json::from_slice(line).unwrap();
                WRITTEN.with_borrow_mut(|written| written.push(line));
            },
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), work);
        WRITTEN.take()
    }

    #[test]
    fn a_line_has_the_fields_of_its_spans_and_the_innermost_wins() {
        let lines = lines_of(|| {
            let outer = tracing::info_span!(
                "outer",
                correlation.id = "of the invocation",
                cold_start = true
            );
            let inner = tracing::info_span!(parent: &outer, "inner", correlation.id = "of the message", receipt.id = tracing::field::Empty);
            inner.record("receipt.id", "r-1");
            inner.in_scope(|| tracing::info!(count = 3, bytes = u64::MAX, share = 0.5, cause = %"a \"quoted\" word", none = None::<u8>, "happened"));
            outer.in_scope(|| tracing::warn!("other"));
        });
        let (first, second) = (&lines[0], &lines[1]);
        for (field, expected) in [
            ("level", json!("INFO")),
            ("message", json!("happened")),
            ("correlation.id", json!("of the message")),
            ("receipt.id", json!("r-1")),
            ("cold_start", json!(true)),
            ("count", json!(3)),
            ("bytes", json!(u64::MAX)),
            ("share", json!(0.5)),
            ("cause", json!("a \"quoted\" word")),
        ] {
            assert_eq!(first[field], expected, "{field}");
        }
        assert!(first.get("none").is_none() && first.get("_aws").is_none());
        assert_eq!(
            (&second["correlation.id"], second.get("receipt.id")),
            (&json!("of the invocation"), None)
        );
    }

    #[test]
    fn a_field_with_the_name_of_a_metric_is_one() {
        let lines = lines_of(|| tracing::info!(answer_ms = 1.5, status_class = "2xx", "answered"));
        let directive = &lines[0]["_aws"]["CloudWatchMetrics"];
        assert_eq!(
            *directive,
            json!([{
                "Namespace": "CxoneMemory",
                "Dimensions": [["function_name", "status_class"]],
                "Metrics": [{"Name": "answer_ms", "Unit": "Milliseconds"}],
            }])
        );
        assert_eq!(lines[0]["function_name"], "stack-webhook");
        assert!(lines[0]["_aws"]["Timestamp"].as_i64() > Some(1_600_000_000_000));
    }

    #[test]
    fn errors_with_a_kind_are_counted_and_refusals_are_not() {
        let lines = lines_of(|| {
            tracing::error!(error.kind = "bug", "failed");
            tracing::info!(error.kind = "invalid", "refused");
            tracing::error!("failed without a kind");
        });
        let counted: Vec<_> = lines.iter().map(|line| line["failures"].as_u64()).collect();
        assert_eq!(counted, [Some(1), None, None]);
        assert_eq!(lines[0]["error_kind"], "bug");
    }
}
