//! Refusals, in the shape that the AWS SDKs read.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer's body, or the refusal.
pub(crate) type Reply = Result<Vec<u8>, ApiError>;

/// A refusal of one of the two services.
#[derive(Debug)]
pub(crate) struct ApiError {
    shape: String,
    /// What SQS called the error in its former protocol; SDKs prefer this name.
    query_code: Option<String>,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn sqs(shape: &str, message: impl Into<String>) -> Self {
        let query_code = match shape {
            "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
            "BatchEntryIdsNotDistinct"
            | "BatchRequestTooLong"
            | "EmptyBatchRequest"
            | "InvalidBatchEntryId"
            | "MessageNotInflight"
            | "TooManyEntriesInBatchRequest" => format!("AWS.SimpleQueueService.{shape}"),
            "QueueNameExists" => "QueueAlreadyExists".to_owned(),
            other => other.to_owned(),
        };
        Self {
            shape: format!("com.amazonaws.sqs#{shape}"),
            query_code: Some(query_code),
            message: message.into(),
        }
    }

    /// A parameter with a value that SQS doesn't take.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::sqs("InvalidParameterValue", message)
    }

    /// A parameter that SQS needs.
    pub(crate) fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}.");
        Self::sqs("MissingParameter", message)
    }

    pub(crate) fn secrets(shape: &str, message: impl Into<String>) -> Self {
        Self {
            shape: shape.to_owned(),
            query_code: None,
            message: message.into(),
        }
    }

    /// The code as a batch reports it for one entry.
    pub(crate) fn code(&self) -> &str {
        self.query_code.as_deref().unwrap_or(&self.shape)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "__type": self.shape, "message": self.message }).to_string();
        let mut response = (StatusCode::BAD_REQUEST, body).into_response();
        let query_error = self.query_code.map(|code| format!("{code};Sender"));
        if let Some(Ok(value)) = query_error.map(HeaderValue::try_from) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
        response
    }
}
