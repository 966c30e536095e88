//! Writes `docs/openapi.json`; `cargo local openapi` calls it.

fn main() -> std::io::Result<()> {
    std::fs::write(openapi::PATH, openapi::document()?)
}
