//! Whether the links of an article still lead somewhere.
