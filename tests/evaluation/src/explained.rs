//! How the score of a card came about, in one line, for whoever tunes. Pure.

use shared::domain::ArticleId;
use shared::retrieval::Found;
use shared::search::answer::Explanation;

/// An article is as far above the crowd as above the one in this place.
const CROWD: usize = 5;

/// The score of an article, how far it stands above others, and what each leg says of it.
pub fn explain(found: &Found, article: &ArticleId) -> String {
    let explained = &found.explained;
    let Some((_, own)) = explained.iter().find(|(one, _)| one == article) else {
        return format!("{article} was not found");
    };
    let score = own.final_score.get();
    let others = explained.iter().filter(|(one, _)| one != article);
    let best_other = others.map(|(_, one)| score_of(one)).fold(0.0, f64::max);
    let crowd = explained.get(CROWD - 1).or(explained.last());
    let crowd = crowd.map_or(0.0, |(_, one)| score_of(one));
    let words: Vec<_> = own
        .lexical
        .terms
        .iter()
        .map(|it| it.term.as_str())
        .collect();
    let place = |rank: Option<usize>| rank.map_or("none".to_owned(), |rank| rank.to_string());
    format!(
        "{article}: score {score:.2}, {:+.2} to the best other, {:+.2} to the crowd; cosine {:.2} (place {}), words {:.2} (place {}), found by {:?}, {} in common: {}",
        score - best_other,
        score - crowd,
        own.vector.raw.unwrap_or_default(),
        place(own.vector.rank),
        own.lexical.normalised.get(),
        place(own.lexical.rank),
        own.found_by,
        words.len(),
        words.join(" "),
    )
}

fn score_of(explanation: &Explanation) -> f64 {
    explanation.final_score.get()
}
