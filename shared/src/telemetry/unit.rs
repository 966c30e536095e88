//! A unit of work: what every line within it has in common.

use std::sync::atomic::{AtomicBool, Ordering};

use lambda_runtime::LambdaEvent;
use tracing::Instrument as _;

use super::trace::{self, TraceHeader};

/// Whether this environment has seen an event.
static IS_WARM: AtomicBool = AtomicBool::new(false);

/// Works on one event. Every line within carries `request.id`, by which Lambda's own lines name the invocation, `trace.id`, `cold_start`,
/// and `correlation.id`: that of the invocation, until a request or a message brings its own.
pub async fn invocation<E, T>(
    event: LambdaEvent<E>,
    work: impl AsyncFnOnce(LambdaEvent<E>) -> T,
) -> T {
    let is_cold = !IS_WARM.swap(true, Ordering::Relaxed);
    let context = &event.context;
    let header = context.xray_trace_id.as_deref();
    let trace = header.and_then(TraceHeader::parse);
    // Of level error, so that lines have it at every LOG_LEVEL.
    let span = tracing::error_span!(
        "invocation",
        correlation.id = context.request_id,
        request.id = context.request_id,
        trace.id = trace.as_ref().and_then(TraceHeader::root),
        cold_start = is_cold,
    );
    let work = async {
        if is_cold {
            tracing::info!(cold_starts = 1, "started");
        }
        // Boxed, because these futures are large, and would be moved about.
        Box::pin(work(event)).await
    };
    trace::within(trace, work).instrument(span).await
}
