//! A document laid over another one.

use serde_json::{Map, Value, json};

use super::Capability;

/// Objects are laid over objects, field by field; anything else takes the place of what was there.
pub(super) fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

/// What the top of a tenant's document says for all endpoints, then the rest of the document.
pub(super) fn spread(document: Value) -> Result<[Value; 2], String> {
    let Value::Object(mut own) = document else {
        return Err("must be a JSON object".to_owned());
    };
    let mut for_all = Map::new();
    for name in ["base_url", "token"] {
        let value = own.remove(name).map(|value| (name.to_owned(), value));
        for_all.extend(value);
    }
    let everywhere = |capability: Capability| {
        let name = capability.as_str().to_owned();
        (name, Value::Object(for_all.clone()))
    };
    let endpoints: Map<String, Value> = Capability::ALL.into_iter().map(everywhere).collect();
    Ok([json!({"endpoints": endpoints}), Value::Object(own)])
}
