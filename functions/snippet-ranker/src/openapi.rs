//! What the routes take and give, for `docs/openapi.json`.
