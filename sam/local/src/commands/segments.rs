//! `cargo local segments`: where the vectors of conversations lie, and what questions find them by.

use std::process::ExitCode;

use shared::db::vector_segments::{Listed, fetch_all};

use super::place::Place;
use super::sample::ADVICE;
use crate::console::{Ink, paint};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// Lists the segments of the running stack.
pub(super) async fn run(workspace: &Workspace, json: bool) -> Result<ExitCode, Failure> {
    let database = Place::choose(workspace, false)?.database().await?;
    let segments = fetch_all(&database).await;
    let segments = segments.or_fail("the segments cannot be read", ADVICE)?;
    if json {
        let text = serde_json::to_string_pretty(&segments);
        say!("{}", text.or_fail("cannot write the list", "report this")?);
    } else {
        show(&segments);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(segments: &[Listed]) {
    for (position, one) in segments.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|at| segments.get(at));
        if before.is_none_or(|before| before.model != one.model) {
            say!("\n{}", paint(Ink::Bold, &one.model));
        }
        say!("  {}", line(one));
    }
    if segments.is_empty() {
        say!("there is none yet; the first conversation makes one");
    }
}

/// A segment in one line.
fn line(one: &Listed) -> String {
    let head = format!(
        "{:>5} {:<8} tier {} {:>9} rows {:>7}  ",
        one.id,
        one.state,
        one.tier,
        one.rows,
        age(one.age_s)
    );
    let way = match (&one.graph, &one.build) {
        (_, Some(build)) => format!("graph: {}, {} rows", build.phase, build.rows),
        (_, None) if let Some(signs) = one.signs => format!("signs of {} kB", signs >> 10),
        (Some(graph), None) if graph.is_whole => format!("graph of {} kB", graph.bytes >> 10),
        (Some(_), None) => "a graph that was broken off".to_owned(),
        (None, None) => "neither graph nor signs".to_owned(),
    };
    let recall = one.recall.map(|share| format!(", recall {share:.3}"));
    head + &way + &recall.unwrap_or_default()
}

/// In the largest unit that fits.
pub(super) fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use shared::db::vector_segments::{Build, Graph};

    use super::*;

    #[test]
    fn a_line_says_what_becomes_of_a_segment() {
        let sealed = Listed {
            id: 7,
            model: "local minilm 384".to_owned(),
            state: "sealed".to_owned(),
            tier: 0,
            rows: 10_012,
            age_s: 7_300,
            graph: Some(Graph {
                is_whole: true,
                bytes: 11 << 20,
            }),
            signs: None,
            build: None,
            recall: None,
        };
        let sampled = Listed {
            recall: Some(0.9975),
            ..sealed.clone()
        };
        assert!(line(&sampled).ends_with("graph of 11264 kB, recall 0.998"));
        let by_signs = Listed {
            graph: None,
            signs: Some(12 << 20),
            ..sampled
        };
        assert!(line(&by_signs).ends_with("signs of 12288 kB, recall 0.998"));
        let text = line(&sealed);
        assert_eq!(
            text,
            "    7 sealed   tier 0     10012 rows     2 h  graph of 11264 kB"
        );
        let broken = Graph {
            is_whole: false,
            bytes: 0,
        };
        let build = Build {
            phase: "building index: loading tuples".to_owned(),
            rows: 512,
        };
        for (graph, build, end) in [
            (None, None, "neither graph nor signs"),
            (Some(broken.clone()), None, "a graph that was broken off"),
            (
                Some(broken),
                Some(build),
                "graph: building index: loading tuples, 512 rows",
            ),
        ] {
            let one = Listed {
                graph,
                build,
                ..sealed.clone()
            };
            assert!(line(&one).ends_with(end), "{}", line(&one));
        }
        let ages = [0, 119, 120, 7_199, 7_200, 172_800].map(age);
        assert_eq!(ages, ["0 s", "119 s", "2 min", "119 min", "2 h", "2 d"]);
    }
}
