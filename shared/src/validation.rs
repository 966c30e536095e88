//! Broken rules as a client reads them: a JSON pointer to the place, and what is expected there. Never the value itself.

use serde::Serialize;
use validator::{ValidationErrors, ValidationErrorsKind};

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Violation {
    /// Where: an RFC 6901 pointer into the request's body, empty for the whole of it; of what has no body, `/query/NAME` or `/path/NAME`.
    pub pointer: String,
    /// What is expected there.
    pub detail: String,
}

impl Violation {
    /// A broken rule at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// Everything that `validator` found, as pointers, sorted so that the same request gives the same answer.
pub fn violations(errors: &ValidationErrors) -> Vec<Violation> {
    let mut found = Vec::new();
    collect(errors, "", &mut found);
    found.sort();
    found
}

fn collect(errors: &ValidationErrors, prefix: &str, found: &mut Vec<Violation>) {
    for (field, kind) in errors.errors() {
        let pointer = format!("{prefix}/{}", camel_case(field));
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), found);
                }
            }
            ValidationErrorsKind::Field(rules) => {
                found.extend(rules.iter().map(|rule| {
                    Violation::new(
                        pointer.clone(),
                        rule.message.as_deref().unwrap_or(&rule.code),
                    )
                }));
            }
        }
    }
}

/// `conversation_id` in Rust is `conversationId` in the payloads of CXone.
fn camel_case(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut upper = false;
    for letter in field.chars() {
        if letter == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            name.extend(letter.to_uppercase());
        } else {
            name.push(letter);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use validator::Validate;

    #[derive(Validate)]
    struct Outer {
        #[validate(nested)]
        list_items: Vec<Inner>,
    }

    #[derive(Validate)]
    struct Inner {
        #[validate(length(min = 2, message = "two letters at least"))]
        the_name: String,
    }

    #[test]
    fn nested_fields_become_pointers() {
        let value = Outer {
            list_items: vec![
                Inner {
                    the_name: "ok".into(),
                },
                Inner {
                    the_name: "x".into(),
                },
            ],
        };
        let found = violations(&value.validate().unwrap_err());
        assert_eq!(
            found,
            [Violation::new(
                "/listItems/1/theName",
                "two letters at least"
            )]
        );
    }
}
