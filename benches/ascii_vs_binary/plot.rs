//! Plots as SVG text. They have a light background of their own, so that they can be read on any page.

use std::fmt::Write as _;

/// A curve or a row of marks. Its shape and place identify it, not only its colour.
pub(crate) struct Series {
    pub(crate) name: String,
    /// This many bytes from this value to the next step. `None`: does not fit.
    pub(crate) steps: Vec<(u64, Option<u64>)>,
    /// The place of the name: at this value, and this many pixels below the curve.
    pub(crate) label: (u64, f64),
}

/// Bytes against a number, which is drawn on a logarithmic scale.
pub(crate) struct Steps<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
    pub(crate) last: u64,
    pub(crate) ticks: &'a [(u64, &'a str)],
    pub(crate) most: u64,
    pub(crate) series: &'a [Series],
}

/// A row of marks for each set.
pub(crate) struct Dots<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) most: u32,
    pub(crate) names: &'a [&'a str],
    /// The name of a set, the mean of each form, and the text after it.
    pub(crate) rows: &'a [(String, Vec<Option<f64>>, String)],
}

/// Dark enough to be read as text on the background.
const COLOURS: [&str; 7] = ["#c04a00", "#0060a8", "#00805c", "#1a1a1a", "#b0308c", "#56688c", "#8a5a00"];
const DASHES: [&str; 7] = ["", "9 3", "2 3", "", "6 3 2 3", "12 4", "4 2"];
const WIDTH: f64 = 860.0;
const LEFT: f64 = 60.0;

fn open(height: f64, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#fcfcfa\"/>\n\
         <text x=\"{LEFT}\" y=\"26\" font-size=\"15\" font-weight=\"bold\" fill=\"#222\">{title}</text>\n"
    )
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, colour: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>");
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"1\"/>"
    );
}

impl Steps<'_> {
    pub(crate) fn svg(&self) -> String {
        const HEIGHT: f64 = 470.0;
        const TOP: f64 = 44.0;
        const BOTTOM: f64 = HEIGHT - 50.0;
        let right = WIDTH - 36.0;
        // 0 has a place on the scale too.
        let scale = |value: u64| (value as f64 + 1.0).log2();
        let x = |value| LEFT + (right - LEFT) * scale(value) / scale(self.last);
        let y = |bytes: u64| BOTTOM - (BOTTOM - TOP) * bytes as f64 / self.most as f64;
        let mut svg = open(HEIGHT, self.title);
        for bytes in 0..=self.most {
            line(&mut svg, (LEFT, y(bytes)), (right, y(bytes)), if bytes == 0 { "#555" } else { "#e4e4e0" });
            if self.most <= 10 || bytes % 2 == 0 {
                text(&mut svg, (LEFT - 8.0, y(bytes) + 4.0), "end", "#333", &bytes.to_string());
            }
        }
        for &(value, name) in self.ticks {
            line(&mut svg, (x(value), TOP), (x(value), BOTTOM), "#e4e4e0");
            text(&mut svg, (x(value), BOTTOM + 18.0), "middle", "#333", name);
        }
        text(&mut svg, ((LEFT + right) / 2.0, BOTTOM + 38.0), "middle", "#333", self.x);
        let middle = (TOP + BOTTOM) / 2.0;
        let _ = writeln!(
            svg,
            "<text transform=\"translate(20 {middle:.1}) rotate(-90)\" text-anchor=\"middle\" fill=\"#333\">{}</text>",
            self.y
        );
        let count = self.series.len() as f64;
        for (index, series) in self.series.iter().enumerate() {
            let (colour, dash) = (COLOURS[index % COLOURS.len()], DASHES[index % DASHES.len()]);
            // Curves at the same height are drawn side by side.
            let aside = ((index as f64) - (count - 1.0) / 2.0) * 1.7;
            let mut path = String::new();
            for (at, &(from, bytes)) in series.steps.iter().enumerate() {
                let Some(bytes) = bytes else { break };
                let to = series.steps.get(at + 1).map_or(self.last, |&(to, _)| to.min(self.last));
                let verb = if at == 0 { 'M' } else { 'L' };
                let height = y(bytes) + aside;
                let _ = write!(path, "{verb}{:.1} {height:.1}L{:.1} {height:.1}", x(from), x(to));
                let beyond = series.steps.get(at + 1).is_some_and(|&(to, bytes)| bytes.is_none() && to <= self.last);
                if beyond {
                    // The form does not fit from here on.
                    let _ = write!(path, "m0 -5v10");
                }
                if to == self.last {
                    break;
                }
            }
            let _ = writeln!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>"
            );
            let (value, below) = series.label;
            let at = series.steps.iter().rev().find(|(from, _)| *from <= value);
            let height = y(at.and_then(|(_, bytes)| *bytes).unwrap_or_default()) + below;
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{height:.1}\" text-anchor=\"middle\" fill=\"{colour}\" font-weight=\"bold\" \
                 stroke=\"#fcfcfa\" stroke-width=\"4\" paint-order=\"stroke\">{}</text>",
                x(value),
                series.name
            );
        }
        svg + "</svg>\n"
    }
}

impl Dots<'_> {
    pub(crate) fn svg(&self) -> String {
        const LEFT: f64 = 150.0;
        const TOP: f64 = 76.0;
        const ROW: f64 = 25.0;
        let bottom = TOP + ROW * self.rows.len() as f64;
        let right = WIDTH - 210.0;
        let x = |bytes: f64| LEFT + (right - LEFT) * bytes / f64::from(self.most);
        let mut svg = open(bottom + 50.0, self.title);
        let room = (WIDTH - 2.0 * 60.0) / self.names.len() as f64;
        for (index, name) in self.names.iter().enumerate() {
            let at = 66.0 + room * index as f64;
            mark(&mut svg, index, (at, 52.0));
            text(&mut svg, (at + 12.0, 56.0), "start", "#333", name);
        }
        for bytes in 0..=self.most {
            let at = x(f64::from(bytes));
            line(&mut svg, (at, TOP), (at, bottom), if bytes == 0 { "#555" } else { "#e4e4e0" });
            if bytes % 2 == 0 {
                text(&mut svg, (at, bottom + 18.0), "middle", "#333", &bytes.to_string());
            }
        }
        text(&mut svg, ((LEFT + right) / 2.0, bottom + 38.0), "middle", "#333", self.x);
        for (row, (name, means, note)) in self.rows.iter().enumerate() {
            let middle = TOP + ROW * (row as f64 + 0.5);
            line(&mut svg, (LEFT, middle), (right, middle), "#cfcfca");
            text(&mut svg, (LEFT - 10.0, middle + 4.0), "end", "#222", name);
            text(&mut svg, (right + 14.0, middle + 4.0), "start", "#666", note);
            for (index, mean) in means.iter().enumerate() {
                if let Some(mean) = mean {
                    mark(&mut svg, index, (x(*mean), middle));
                }
            }
        }
        svg + "</svg>\n"
    }
}

/// Draws a different shape for each series. No shape fully covers another at the same place.
fn mark(svg: &mut String, index: usize, (x, y): (f64, f64)) {
    let colour = COLOURS[index % COLOURS.len()];
    let shape = match index {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\" fill=\"{colour}\"/>"),
        1 => format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            x - 5.0,
            y - 5.0
        ),
        2 => format!(
            "<path d=\"M{:.1} {y:.1}l7 -7l7 7l-7 7z\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            x - 7.0
        ),
        3 => format!("<path d=\"M{x:.1} {:.1}v18\" stroke=\"{colour}\" stroke-width=\"2.4\"/>", y - 9.0),
        _ => format!(
            "<path d=\"M{:.1} {:.1}l10 10m0 -10l-10 10\" stroke=\"{colour}\" stroke-width=\"2.2\"/>",
            x - 5.0,
            y - 5.0
        ),
    };
    let _ = writeln!(svg, "{shape}");
}
