//! BENCHMARKS.md: a head, and a section for each bench. A run replaces the sections of the benches that it ran.

use std::fs;

use crate::bench::Outcome;
use crate::machine::Machine;
use crate::report::Report;
use crate::stage;

const INTRODUCTION: &str = "\
# Benchmarks

Written by `cargo local bench`. Each bench runs our code and a real package that does the same job in interleaved rounds of
one run, on the same machine, against the same doubles, and checks what both of them did. Brackets hold the lowest and the
highest value behind a figure. *Limit* is the same thing without the work: what the machine itself takes. Ratios carry over
to other machines; absolute figures don't.
";

/// Puts the report into its section.
pub(crate) fn write(machine: &Machine, name: &str, run: &str, report: &Report) -> Outcome<()> {
    let path = stage::root().join("BENCHMARKS.md");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let section = format!("## {name}\n\n{report}\n{run}\n");
    let head = format!("{INTRODUCTION}\n{}", machine.table());
    let sections = replace(sections(&old), name, section);
    fs::write(path, format!("{head}\n{}", sections.join("\n")))?;
    Ok(())
}

fn sections(text: &str) -> Vec<String> {
    let sections = text.split("\n## ").skip(1);
    sections
        .map(|section| format!("## {}\n", section.trim_end()))
        .collect()
}

fn replace(mut sections: Vec<String>, name: &str, section: String) -> Vec<String> {
    let heading = format!("## {name}\n");
    let old = sections.iter_mut().find(|old| old.starts_with(&heading));
    match old {
        Some(old) => *old = section,
        None => sections.push(section),
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_replaces_its_own_section_and_keeps_the_others() {
        let text = "# Benchmarks\n\nhead\n\n## one\n\nold\n\n## two\n\nkept\n";
        let new = |name: &str| format!("## {name}\n\nnew\n");
        let sections = replace(sections(text), "one", new("one"));
        assert_eq!(sections.join("\n"), "## one\n\nnew\n\n## two\n\nkept\n");
        assert_eq!(replace(sections, "three", new("three")).len(), 3);
    }
}
