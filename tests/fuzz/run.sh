#!/usr/bin/env bash
# Fuzzes every target for so many seconds (default 60), one after the other. What it finds lies in tests/fuzz/artifacts.
# The flags are those of cargo-fuzz without a sanitizer, which needs no other compiler than the pinned one: the code is safe Rust.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')
# A target triple keeps the flags away from build scripts.
cargo build --release --quiet --target "$host" --target-dir ../../target/fuzz
mkdir -p artifacts
for target in targets/*.rs; do
    name=$(basename "$target" .rs)
    corpus=../../target/fuzz/corpus/$name
    mkdir -p "$corpus"
    echo "== $name"
    "../../target/fuzz/$host/release/$name" -max_total_time="$seconds" -artifact_prefix="artifacts/$name-" -print_final_stats=1 \
        -max_len=4096 -timeout=5 -verbosity=0 "$corpus" 2>&1 | tail -n 8
done
