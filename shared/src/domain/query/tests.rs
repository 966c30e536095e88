//! Bodies of requests, as they come.
