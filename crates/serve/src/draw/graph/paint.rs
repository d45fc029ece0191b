//! The drawing itself: lines first, boxes above them, and the lines once more as a table of words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::svg::{Canvas, coordinate, escape, fit, href, name, width};
use super::layer::{Item, Line};
use super::order::{Chain, Slot};
use super::place::{GAP, HEIGHT, MARGIN, Placed, WIDTH};
use super::{Graph, Node};
use crate::format;

/// The height of the names of lanes.
const HEADING: f64 = 30.0;
/// The size of the labels of lines.
const LABEL: f64 = 11.0;

pub(super) fn paint(
    graph: &Graph<'_>,
    placed: &Placed<'_>,
    centre: Option<usize>,
    lanes: &[&str],
) -> String {
    let id = format::class(graph.id);
    let down = if lanes.is_empty() { 0.0 } else { HEADING };
    let mut canvas = Canvas::new();
    canvas
        .raw(format_args!(
            r#"<figure class="chart graph"><div class="drawing g{}" data-pan role="region" tabindex="0" aria-label="{}">"#,
            placed.layers.layers.len().min(7),
            name(graph.title, 200)
        ))
        .raw(format_args!(
            r#"<svg width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="group" aria-labelledby="{id}-title {id}-desc">"#,
            coordinate(placed.width),
            coordinate(placed.height + down)
        ))
        .raw(format_args!(
            r#"<title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
            name(graph.title, 200),
            name(graph.sentence, 1000)
        ));
    for (column, lane) in lanes.iter().enumerate() {
        let x = MARGIN + column as f64 * (WIDTH + GAP);
        canvas
            .rect(
                "lane",
                (coordinate(x - 10.0), 4.0),
                (coordinate(WIDTH + 20.0), placed.height + down - 8.0),
                10.0,
            )
            .text(
                "t2",
                (coordinate(x + WIDTH / 2.0), 24.0),
                11.5,
                "middle",
                &fit(lane, WIDTH, 11.5),
            );
    }
    if down > 0.0 {
        canvas.raw(format_args!(
            r#"<g transform="translate(0 {})">"#,
            coordinate(down)
        ));
    }
    let mut labels = Labels::default();
    lines(&mut canvas, placed, &mut labels);
    for (slot, item) in placed.layers.slots.iter().enumerate() {
        let Slot::Box(item) = item else { continue };
        let corner = (placed.left(slot), placed.middle(slot) - HEIGHT / 2.0);
        match *item {
            Item::Asset(index) => {
                if let Some(node) = graph.nodes.get(index) {
                    let on_path = graph
                        .edges
                        .iter()
                        .any(|edge| edge.on_path && (edge.from == index || edge.to == index));
                    asset(&mut canvas, node, corner, centre == Some(index), on_path);
                }
            }
            Item::More(count) => more(&mut canvas, count, graph.more, corner),
        }
    }
    canvas.raw(labels.markup.finish());
    if down > 0.0 {
        canvas.raw("</g>");
    }
    canvas
        .raw("</svg></div>")
        .raw(table(graph, placed))
        .raw("</figure>");
    canvas.finish()
}

fn asset(canvas: &mut Canvas, node: &Node<'_>, (x, y): (f64, f64), is_centre: bool, on_path: bool) {
    let class = match (is_centre, on_path) {
        (true, true) => "node self path",
        (true, false) => "node self",
        (false, true) => "node path",
        (false, false) => "node",
    };
    let mut words = format!(
        "{}, {}",
        format::shorten(node.name, 200),
        format::shorten(node.sub, 200)
    );
    if let Some((severity, count)) = node.findings {
        let _ = write!(
            words,
            ", {}, the worst {severity}",
            format::plural(count, "open finding", "open findings")
        );
    }
    let words = escape(&words);
    canvas
        .raw(format_args!(
            r#"<a class="{class}" href="{}" aria-label="{words}"><title>{words}</title>"#,
            href(node.href)
        ))
        .rect("box", (coordinate(x), y), (coordinate(WIDTH), HEIGHT), 8.0)
        .raw(format_args!(
            r##"<svg class="ic" x="{}" y="{}" width="16" height="16"><use href="{}#{}"/></svg>"##,
            coordinate(x + 11.0),
            coordinate(y + 10.0),
            crate::assets::icons(),
            escape(node.icon)
        ));
    let badge = node.findings.map(|(severity, count)| {
        let sign = match severity.name() {
            "critical" => "\u{25c6}",
            "high" => "\u{25b2}",
            "medium" => "\u{25a0}",
            "low" => "\u{25cf}",
            _ => "\u{25cb}",
        };
        (
            severity.name(),
            format!("{sign} {}", format::compact(count)),
        )
    });
    let badge_width = badge
        .as_ref()
        .map_or(0.0, |(_, text)| width(text, 11.0) + 10.0);
    let room = WIDTH - 34.0 - 10.0 - badge_width;
    // Texts are clipped by a viewport of their own: whatever the font, nothing leaves the box.
    canvas
        .raw(format_args!(
            r#"<svg x="{}" y="{}" width="{}" height="{}">"#,
            coordinate(x + 34.0),
            coordinate(y),
            coordinate(WIDTH - 42.0),
            coordinate(HEIGHT)
        ))
        .text(
            "name",
            ("0", 21.0),
            12.5,
            "start",
            &fit(node.name, room, 12.9),
        )
        .raw(" ")
        .text(
            "t2",
            ("0", 38.0),
            LABEL,
            "start",
            &fit(node.sub, WIDTH - 44.0, LABEL),
        )
        .raw("</svg> ");
    if let Some((class, text)) = badge {
        canvas.text(
            &format!("badge fill {class}"),
            (coordinate(x + WIDTH - 10.0), y + 21.0),
            11.0,
            "end",
            &text,
        );
    }
    canvas.raw("</a>");
}

fn more(canvas: &mut Canvas, count: usize, list: Option<&str>, (x, y): (f64, f64)) {
    match list {
        Some(list) => canvas.raw(format_args!(
            r#"<a class="node more" href="{}">"#,
            href(list)
        )),
        None => canvas.raw(r#"<g class="node more">"#),
    };
    canvas
        .rect(
            "box",
            (coordinate(x), y + 7.0),
            (coordinate(WIDTH), HEIGHT - 14.0),
            8.0,
        )
        .text(
            "t2",
            (coordinate(x + WIDTH / 2.0), y + HEIGHT / 2.0 + 4.0),
            12.0,
            "middle",
            &format!("+{} more", format::count(count)),
        )
        .raw(if list.is_some() { "</a>" } else { "</g>" });
}

/// Where lines meet a box: spread over its side in the order of where they come from.
fn ports(placed: &Placed<'_>) -> BTreeMap<(usize, bool), Vec<usize>> {
    let mut ports: BTreeMap<(usize, bool), Vec<usize>> = BTreeMap::new();
    for (index, chain) in placed.layers.chains.iter().enumerate() {
        if let Some((low, high)) = Placed::ends(chain) {
            ports.entry((low, true)).or_default().push(index);
            ports.entry((high, false)).or_default().push(index);
        }
    }
    for ((_, right), chains) in &mut ports {
        chains.sort_by(|one, other| {
            let far = |index: &usize| {
                let slots = placed
                    .layers
                    .chains
                    .get(*index)
                    .map_or(&[][..], |chain| &chain.slots);
                let next = if *right {
                    slots.get(1)
                } else {
                    slots.iter().rev().nth(1)
                };
                next.map_or(0.0, |slot| placed.middle(*slot))
            };
            far(one).total_cmp(&far(other))
        });
    }
    ports
}

fn lines(canvas: &mut Canvas, placed: &Placed<'_>, labels: &mut Labels) {
    let ports = ports(placed);
    let port = |slot: usize, right: bool, chain: usize| -> (f64, usize) {
        let chains = ports.get(&(slot, right)).map_or(&[][..], Vec::as_slice);
        let at = chains.iter().position(|other| *other == chain).unwrap_or(0) as f64;
        let step = (30.0 / chains.len().max(1) as f64).min(13.0);
        let middle = chains.len().saturating_sub(1) as f64 / 2.0;
        (placed.middle(slot) + (at - middle) * step, chains.len())
    };
    // The path is painted last, above the others.
    let mut order: Vec<(usize, &Chain)> = placed.layers.chains.iter().enumerate().collect();
    order.sort_by_key(|(_, chain)| chain.line.on_path);
    for (index, chain) in order {
        let Some((low, high)) = Placed::ends(chain) else {
            continue;
        };
        let (start_y, starts) = port(low, true, index);
        let (end_y, ends) = port(high, false, index);
        let class = if chain.line.on_path { " path" } else { "" };
        let (start_x, end_x) = (placed.left(low) + WIDTH, placed.left(high));
        let (mut x, mut y) = (start_x + if chain.backwards { 7.0 } else { 0.0 }, start_y);
        let mut way = format!("M{} {}", coordinate(x), coordinate(y));
        let bends = chain
            .slots
            .get(1..chain.slots.len() - 1)
            .unwrap_or_default();
        for bend in bends {
            curve(&mut way, (x, y), (placed.left(*bend), placed.middle(*bend)));
            (x, y) = (placed.left(*bend) + WIDTH, placed.middle(*bend));
            let _ = write!(way, "H{}", coordinate(x));
        }
        let end = (end_x - if chain.backwards { 0.0 } else { 7.0 }, end_y);
        curve(&mut way, (x, y), end);
        canvas.raw(format_args!(
            r#"<path class="edge{class}" d="{way}"><title>{}</title></path>"#,
            name(&chain.line.label, 100)
        ));
        if chain.backwards {
            tip(canvas, class, (start_x, start_y), 8.0);
        } else {
            tip(canvas, class, (end_x, end_y), -8.0);
        }
        if starts <= ends {
            let x = start_x + if chain.backwards { 12.0 } else { 7.0 };
            labels.put(&chain.line, (x, start_y - 5.0), "start", GAP - 18.0);
        } else {
            let x = end_x - if chain.backwards { 7.0 } else { 12.0 };
            labels.put(&chain.line, (x, end_y - 5.0), "end", GAP - 18.0);
        }
    }
    for line in &placed.layers.beside {
        beside(canvas, placed, line, labels);
    }
}

/// A line within a layer: straight down or up between neighbours, else around what stands between.
fn beside(canvas: &mut Canvas, placed: &Placed<'_>, line: &Line, labels: &mut Labels) {
    let class = if line.on_path { " path" } else { "" };
    let (start, end) = (placed.middle(line.from), placed.middle(line.to));
    let column = placed.column.get(line.from).copied().unwrap_or(0);
    let between = placed.layers.layers.get(column).is_some_and(|layer| {
        layer
            .iter()
            .map(|slot| placed.middle(*slot))
            .any(|y| y > start.min(end) && y < start.max(end))
    });
    if between {
        let x = placed.left(line.from) + WIDTH;
        let bulge = coordinate(x + 34.0);
        canvas.raw(format_args!(
            r#"<path class="edge{class}" d="M{} {} C{bulge} {} {bulge} {} {} {}"/>"#,
            coordinate(x),
            coordinate(start - 12.0),
            coordinate(start - 12.0),
            coordinate(end + 12.0),
            coordinate(x + 7.0),
            coordinate(end + 12.0)
        ));
        tip(canvas, class, (x, end + 12.0), 8.0);
        labels.put(
            line,
            (x + 29.0, f64::midpoint(start, end) + 4.0),
            "start",
            GAP - 34.0,
        );
        return;
    }
    let x = placed.left(line.from) + WIDTH * 0.28;
    let down = if end > start { 1.0 } else { -1.0 };
    let (from, to) = (start + down * HEIGHT / 2.0, end - down * HEIGHT / 2.0);
    canvas.raw(format_args!(
        r#"<path class="edge{class}" d="M{} {}V{}"/><path class="tip{class}" d="M{} {}l-4 {}h8z"/>"#,
        coordinate(x),
        coordinate(from),
        coordinate(to - down * 7.0),
        coordinate(x),
        coordinate(to),
        coordinate(-8.0 * down)
    ));
    labels.put(
        line,
        (x + 9.0, f64::midpoint(from, to) + 3.5),
        "start",
        WIDTH * 0.66,
    );
}

fn curve(way: &mut String, from: (f64, f64), to: (f64, f64)) {
    let middle = coordinate(f64::midpoint(from.0, to.0));
    let _ = write!(
        way,
        " C{middle} {} {middle} {} {} {}",
        coordinate(from.1),
        coordinate(to.1),
        coordinate(to.0),
        coordinate(to.1)
    );
}

fn tip(canvas: &mut Canvas, class: &str, (x, y): (f64, f64), back: f64) {
    canvas.raw(format_args!(
        r#"<path class="tip{class}" d="M{} {}L{} {}V{}z"/>"#,
        coordinate(x),
        coordinate(y),
        coordinate(x + back),
        coordinate(y - 4.0),
        coordinate(y + 4.0)
    ));
}

/// Labels of lines; one that would cover another is left out, since the table below has it.
#[derive(Default)]
struct Labels {
    taken: Vec<[f64; 4]>,
    markup: Canvas,
}

impl Labels {
    fn put(&mut self, line: &Line, (x, y): (f64, f64), anchor: &str, room: f64) {
        let text = fit(&line.label, room, LABEL);
        let wide = width(&text, LABEL);
        let left = if anchor == "end" { x - wide } else { x };
        let area = [left, y - 9.0, left + wide, y + 2.0];
        let covers = |other: &[f64; 4]| {
            area[0] < other[2] && other[0] < area[2] && area[1] < other[3] && other[1] < area[3]
        };
        if text.is_empty() || self.taken.iter().any(covers) {
            return;
        }
        self.taken.push(area);
        let class = if line.on_path {
            "on-edge path"
        } else {
            "on-edge"
        };
        self.markup
            .text(class, (coordinate(x), y), LABEL, anchor, &text);
    }
}

/// The lines that are shown, in words.
fn table(graph: &Graph<'_>, placed: &Placed<'_>) -> String {
    let called = |slot: usize| match placed.layers.slots.get(slot) {
        Some(Slot::Box(Item::Asset(index))) => graph
            .nodes
            .get(*index)
            .map_or_else(String::new, |node| name(node.name, 120)),
        Some(Slot::Box(Item::More(count))) => format!("{} more", format::count(*count)),
        _ => String::new(),
    };
    let all = placed
        .layers
        .chains
        .iter()
        .map(|chain| &chain.line)
        .chain(&placed.layers.beside);
    let mut rows = String::new();
    for line in all {
        let _ = write!(
            rows,
            "<tr><td><bdi>{}</bdi></td><td>{}</td><td><bdi>{}</bdi></td></tr>",
            called(line.from),
            name(&line.label, 100),
            called(line.to)
        );
    }
    format!(
        r#"<details class="chart-data"><summary>As a table</summary><table><thead><tr><th scope="col">From</th><th scope="col">Line</th><th scope="col">To</th></tr></thead><tbody>{rows}</tbody></table></details>"#
    )
}
