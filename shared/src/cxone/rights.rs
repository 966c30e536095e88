//! Whether a token has the scopes that it was asked for: OAuth lets a server give fewer, and say so in its answer.

/// What is known of a token's scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// Those that were asked for.
    AsAsked,
    /// Without these.
    Narrowed(Vec<String>),
    /// The answer does not say, or nobody asked.
    Untold,
}

impl Rights {
    /// `said` is the answer's `scope`; both have spaces between.
    pub(super) fn of(said: Option<&str>, asked: &str) -> Self {
        let mut asked = asked.split_whitespace().peekable();
        let Some(said) = said.filter(|_| asked.peek().is_some()) else {
            return Self::Untold;
        };
        let is_missing = |scope: &&str| !said.split_whitespace().any(|one| one == *scope);
        let missing: Vec<_> = asked.filter(is_missing).map(str::to_owned).collect();
        if missing.is_empty() {
            Self::AsAsked
        } else {
            Self::Narrowed(missing)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_scopes_than_were_asked_for_are_named() {
        let narrowed = |scopes: &[&str]| {
            Rights::Narrowed(scopes.iter().map(|scope| (*scope).to_owned()).collect())
        };
        for (said, asked, rights) in [
            (Some("a:read b:write"), "b:write a:read", Rights::AsAsked),
            (Some("openid a:read  b:write"), "a:read", Rights::AsAsked),
            (Some("a:read"), "a:read b:write", narrowed(&["b:write"])),
            (Some("a:readable"), "a:read", narrowed(&["a:read"])),
            (Some(""), "a:read b:write", narrowed(&["a:read", "b:write"])),
            (Some("openid"), "", Rights::Untold),
            (None, "a:read", Rights::Untold),
        ] {
            assert_eq!(Rights::of(said, asked), rights, "{said:?} of {asked}");
        }
    }
}
