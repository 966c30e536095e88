//! x
mod rules;
mod walk;
