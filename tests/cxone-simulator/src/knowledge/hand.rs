//! The test's hand on the knowledge base, in Rust.

use std::sync::Arc;

use super::{
    article::Article,
    edit::{KnowledgeEdit, Revision},
    store::{Drift, NoSuchArticle},
};
use crate::{corpus::corpus, world::World};

/// What authors do to the knowledge base of a running simulator, and what happens to it behind a reader's back.
///
/// A change gets the simulator's time, moved by a millisecond where it must be later than the change before.
#[derive(Clone, Copy)]
pub struct Knowledge<'a>(pub(crate) &'a World);

impl Knowledge<'_> {
    /// See [`KnowledgeEdit::Put`].
    pub fn put(&self, article: Article) {
        self.put_all(vec![article]);
    }

    /// Puts many.
    pub fn put_all(&self, articles: Vec<Article>) {
        self.0.knowledge.put_all(articles);
    }

    /// Puts the articles of [`corpus`].
    pub fn seed(&self, seed: u64, count: usize) {
        self.put_all(corpus(seed, count));
    }

    /// See [`KnowledgeEdit::Edit`].
    pub fn edit(&self, uuid: &str, revision: Revision) -> Result<(), NoSuchArticle> {
        let uuid = uuid.to_owned();
        self.apply(&[KnowledgeEdit::Edit { uuid, revision }])
    }

    /// See [`KnowledgeEdit::Unpublish`].
    pub fn unpublish(&self, uuid: &str) -> Result<(), NoSuchArticle> {
        let uuid = uuid.to_owned();
        self.apply(&[KnowledgeEdit::Unpublish { uuid }])
    }

    /// See [`KnowledgeEdit::Delete`].
    pub fn delete(&self, uuid: &str) -> Result<(), NoSuchArticle> {
        let uuid = uuid.to_owned();
        self.apply(&[KnowledgeEdit::Delete { uuid }])
    }

    /// [`KnowledgeEdit::Move`] to another territory.
    pub fn move_to_territory(&self, uuid: &str, territory: &str) -> Result<(), NoSuchArticle> {
        self.apply(&[KnowledgeEdit::Move {
            uuid: uuid.to_owned(),
            territory: Some(territory.to_owned()),
            category_uuid: None,
        }])
    }

    /// [`KnowledgeEdit::Move`] to another category.
    pub fn move_to_category(&self, uuid: &str, category_uuid: &str) -> Result<(), NoSuchArticle> {
        self.apply(&[KnowledgeEdit::Move {
            uuid: uuid.to_owned(),
            territory: None,
            category_uuid: Some(category_uuid.to_owned()),
        }])
    }

    /// See [`KnowledgeEdit::Rewind`].
    pub fn rewind(&self, uuid: &str) -> Result<(), NoSuchArticle> {
        let uuid = uuid.to_owned();
        self.apply(&[KnowledgeEdit::Rewind { uuid }])
    }

    /// See [`KnowledgeEdit::Tamper`].
    pub fn tamper(&self, uuid: &str) -> Result<(), NoSuchArticle> {
        let uuid = uuid.to_owned();
        self.apply(&[KnowledgeEdit::Tamper { uuid }])
    }

    /// Applies edits in order, up to the first that names an unknown article; those before it stay done.
    pub fn apply(&self, edits: &[KnowledgeEdit]) -> Result<(), NoSuchArticle> {
        self.0.knowledge.apply(edits, self.0.now())
    }

    /// Replaces the edits that wait for a page; pages are counted from 1 again.
    ///
    /// A page counts when it was taken from the knowledge base, whether or not it reached the client: one lost after the work
    /// does, one refused, struck before the work or answered 304 does not. An edit of an article that is not there makes that
    /// page a 500 that says so.
    pub fn set_drift(&self, drift: Vec<Drift>) {
        self.0.knowledge.set_drift(drift);
    }

    /// One article as it is now.
    pub fn find(&self, uuid: &str) -> Option<Arc<Article>> {
        self.0.knowledge.find(uuid)
    }

    /// Every article, whatever its status, in the order of the pages.
    pub fn list(&self) -> Vec<Arc<Article>> {
        self.0.knowledge.all()
    }

    /// An empty knowledge base without drift.
    pub fn clear(&self) {
        self.0.knowledge.clear();
    }
}
