//! The calls to CXone.
