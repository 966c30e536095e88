//! Which model search reads: a conversation that has no vectors of it is not found by its meaning.

use shared::db::embedding_models;
use shared::domain::Space;
use shared::error::Error;

use crate::app::{App, Model};

/// The space that search reads; none before the first model is known to the database.
pub(crate) struct Active(Option<Space>);

/// Asked once per batch, and as late as can be: what a model fails that search reads by then is tried again. If search reads a model that this function does not fill,
/// what is stored now is not found, and a person is told what to do.
pub(crate) async fn fetch_active(app: &App) -> Result<Active, Error> {
    let active = embedding_models::fetch_active(&app.database).await?;
    let active = active.map(|(_, space)| space);
    let filled: Vec<&Space> = app.models.iter().map(|one| one.embedder.space()).collect();
    if let Some(error) = active.as_ref().and_then(|space| unfilled(space, &filled)) {
        tracing::error!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "search does not see new conversations"
        );
    }
    Ok(Active(active))
}

impl Active {
    pub(crate) fn is(&self, model: &Model) -> bool {
        self.0.as_ref() == Some(model.embedder.space())
    }
}

fn unfilled(active: &Space, filled: &[&Space]) -> Option<Error> {
    let what = || {
        let (name, dimensions) = (&active.name, active.dimensions);
        Error::misconfigured(format!(
            "search reads the model {name} with {dimensions} dimensions, which is not configured: configure it as the first model \
             and the new one as EMBEDDING_SECOND, invoke the task reembed until it is finished, then switch_model, and only then \
             make the new one the first"
        ))
    };
    (!filled.contains(&active)).then(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::Provider;

    #[test]
    fn a_model_that_search_reads_and_nobody_fills_is_named_with_the_way_out() {
        let space = |name: &str, dimensions| Space {
            provider: Provider::OpenAi,
            name: name.to_owned(),
            dimensions,
        };
        let (old, new, short) = (space("old", 4), space("new", 4), space("old", 2));
        assert!(unfilled(&old, &[&new, &old]).is_none());
        for filled in [&[&new][..], &[&short, &new], &[]] {
            let error = unfilled(&old, filled).unwrap();
            assert_eq!(error.kind().as_str(), "misconfigured");
            let said = error.to_string();
            for word in ["model old", "EMBEDDING_SECOND", "reembed", "switch_model"] {
                assert!(said.contains(word), "{word}: {said}");
            }
        }
    }
}
