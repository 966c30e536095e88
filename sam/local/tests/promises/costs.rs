//! The sums of infra/README.md are right, and its table of connections is what the templates say.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, events, functions, number, of_type, text};
use crate::{app, db, promise};

/// `1 × 2 × 0.5 + 3 = 4.00`: what stands before the sign makes what stands behind it, to the cent.
fn is_right(sum: &str) -> Option<bool> {
    let (terms, result) = sum.split_once(" = ")?;
    let factor = |text: &str| text.trim().replace(',', "").parse::<f64>().ok();
    let product = |term: &str| term.split('×').map(factor).product::<Option<f64>>();
    let made: Option<f64> = terms.split('+').map(product).sum();
    Some((made? - factor(result)?).abs() < 0.006)
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split('|')
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
}

/// Every sum of the tables, and the last row, which adds the columns up.
pub(crate) fn sums_are_right(_: &Stacks) -> Complaints {
    wrong_sums(&text("infra/README.md"))
}

pub(crate) fn wrong_sums(page: &str) -> Complaints {
    let tables = page.lines().filter(|line| line.starts_with('|'));
    let sums: Vec<&str> = tables
        .flat_map(cells)
        .filter(|cell| cell.contains(" = "))
        .collect();
    let wrong = sums.iter().filter(|sum| is_right(sum) != Some(true));
    let mut complaints: Complaints = wrong.map(|sum| format!("{sum} is wrong")).collect();
    let result = |cell: &str| {
        cell.rsplit(" = ")
            .next()
            .unwrap()
            .replace('*', "")
            .parse::<f64>()
    };
    let mut columns = [0.0; 3];
    for row in page
        .lines()
        .skip_while(|line| !line.starts_with("| a month"))
        .skip(2)
    {
        let row: Vec<_> = cells(row)
            .skip(1)
            .filter_map(|cell| result(cell).ok())
            .collect();
        for (column, cell) in columns.iter_mut().zip(&row) {
            // What was added up so far is what the last row says.
            *column = if (*column - cell).abs() < 0.006 {
                0.0
            } else {
                *column + cell
            };
        }
        if row.is_empty() {
            break;
        }
    }
    if columns.iter().any(|column| column.abs() > 0.0) || sums.len() < 36 {
        complaints.push("a column does not add up".to_owned());
    }
    complaints
}

/// The table of sizes, as far as a template decides it.
pub(crate) fn sizes_are_told(stacks: &Stacks) -> Complaints {
    let page = text("infra/README.md");
    let told = |word: &str| {
        page.lines()
            .find(|line| line.contains(word))
            .unwrap()
            .to_owned()
    };
    let (row, quota) = (told("connections of functions"), told("Lambda quota"));
    let stack = &stacks.database;
    let mut complaints = Vec::new();
    for (size, values) in stack["Mappings"]["Sizes"].as_object().unwrap() {
        let [least, most] = ["LeastCapacity", "MostCapacity"].map(|name| &values[name]);
        let [connections, room] =
            ["Connections", "MaxConnections"].map(|name| values[name].as_str().unwrap());
        let cell = format!("{size}: {least} to {most}, {connections}, {room}");
        let caps = &stacks.application["Mappings"]["Concurrency"][connections];
        let caps = caps
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| !name.ends_with("Batches"));
        let sum: u64 = caps
            .map(|(_, cap): (_, &Value)| number(stack, cap, &[]).unwrap())
            .sum();
        if !row.contains(&cell) || !quota.contains(&format!("{sum} + 100")) {
            complaints.push(format!(
                "infra/README.md does not say {cell}, and {sum} reserved"
            ));
        }
    }
    complaints
}

/// An alarm costs as much as the metrics that it looks at.
fn metrics_of(alarm: &Value) -> usize {
    let metrics = alarm["Properties"]["Metrics"].as_array();
    metrics.map_or(1, |metrics| {
        metrics
            .iter()
            .filter(|it| !it["MetricStat"].is_null())
            .count()
    })
}

/// What is paid for by the piece, as the templates have it; what lines carry by themselves is about sixty series.
pub(crate) fn pieces_are_counted(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let of = |stack: &Value, kind: &'static str| of_type(stack, kind).count();
    let alarms = stacks.all().map(|stack| {
        of_type(stack, "AWS::CloudWatch::Alarm")
            .map(|(_, alarm)| metrics_of(alarm))
            .sum::<usize>()
    });
    let secrets = stacks
        .all()
        .map(|stack| of(stack, "AWS::SecretsManager::Secret"));
    let alarms: usize = alarms.iter().sum();
    let secrets: usize = secrets.iter().sum();
    let filters = of(stack, "AWS::Logs::MetricFilter");
    let routes = functions(stack).map(|(_, function)| events(function, "HttpApi").count());
    let routes: usize = routes.sum();
    let by_route = f64::from(u32::try_from(routes).unwrap()) * 6.0 * 0.30;
    let page = text("infra/README.md");
    [
        (format!("{alarms} × 0.10 +"), "alarms"),
        (format!(" {} × 0.30 +", filters + 60), "metrics"),
        (format!("{filters} that are counted in logs"), "filters"),
        (format!("{secrets} × 0.40 +"), "secrets"),
        (format!("{routes} × 6 × 0.30 = {by_route:.2} "), "routes"),
    ]
    .into_iter()
    .filter(|(words, _)| !page.contains(words))
    .map(|(words, what)| format!("infra/README.md counts other {what}: {words} is not there"))
    .collect()
}

#[test]
fn what_is_paid_for_by_the_piece_is_counted() {
    promise(
        pieces_are_counted,
        &[
            app("/Resources/SearchErrorsAlarm", Value::Null, "other alarms"),
            app("/Resources/SearchFunction", Value::Null, "other routes"),
            app("/Resources/ApiKeys", Value::Null, "other secrets"),
            app(
                "/Resources/SearchWithoutVectors",
                Value::Null,
                "other metrics",
            ),
        ],
    );
}

#[test]
fn the_costs_are_added_up_rightly() {
    promise(sums_are_right, &[]);
    let page = text("infra/README.md");
    for (right, wrong) in [
        ("| 9 × 0.10", "| 9 × 0.11"),
        ("= 87.60", "= 87.61"),
        ("**1", "**2"),
    ] {
        assert!(page.contains(right), "{right}");
        assert_ne!(
            wrong_sums(&page.replace(right, wrong)),
            Complaints::new(),
            "{wrong}"
        );
    }
    promise(
        sizes_are_told,
        &[
            db("/Mappings/Sizes/M/MostCapacity", json!(8), "M: 2 to 8"),
            app(
                "/Mappings/Concurrency/400/Search",
                json!(111),
                "392 reserved",
            ),
        ],
    );
}
