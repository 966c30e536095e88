//! Why an address is not called.

/// The rule that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("its scheme is neither http nor https")]
    Scheme,
    /// A port that is not allowed.
    #[error("its port is not allowed")]
    Port,
    /// It holds a user name or a password.
    #[error("it holds credentials")]
    Credentials,
    /// It leads to a network that is not public.
    #[error("it leads to an address that is not public")]
    Inside,
    /// It is redirected once too often.
    #[error("it is redirected too often")]
    Redirects,
}
