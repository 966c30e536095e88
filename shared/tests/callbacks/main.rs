//! Callbacks against a real Postgres and servers that behave badly.
