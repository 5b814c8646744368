//! The plot: p50 with one in flight and requests/s with sixteen, ours beside the floor, scenario by
//! scenario.

use std::path::Path;

use anyhow::anyhow;
use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Color as _, DrawingArea, IntoDrawingArea as _, IntoFont as _,
        IntoLogRange as _, IntoSegmentedCoord as _, RGBColor, Rectangle, SVGBackend, SegmentValue,
        SeriesLabelPosition,
    },
    style::{BLACK, FontTransform, WHITE},
};

use crate::{run::Outcome, scenarios::Variant};

const SIZE: (u32, u32) = (1_200, 1_200);
const MARGIN: u32 = 12;
/// How wide the numbers at the left are.
const LABELS: u32 = 72;
/// How the bars of a scenario are told apart.
const BARS: [(Variant, RGBColor); 4] = [
    (Variant::Floor, RGBColor(150, 150, 150)),
    (Variant::One, RGBColor(31, 119, 180)),
    (Variant::Many, RGBColor(255, 127, 14)),
    (Variant::OneCached, RGBColor(44, 160, 44)),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One half of the plot.
struct Half {
    title: &'static str,
    in_flight: usize,
    figure: fn(&Outcome) -> f64,
}

/// Draws it.
///
/// # Errors
/// When the file cannot be written.
pub fn draw(outcomes: &[Outcome], path: &Path) -> anyhow::Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    let wrong = |error| anyhow!("the plot: {error}");
    root.fill(&WHITE).map_err(wrong)?;
    let halves = root.split_evenly((2, 1));
    let wanted = [
        Half {
            title: "p50 with 1 in flight, ms (less is better)",
            in_flight: 1,
            figure: |of| of.p50_ms.p50,
        },
        Half {
            title: "requests/s with 16 in flight (more is better)",
            in_flight: 16,
            figure: |of| of.per_second.p50,
        },
    ];
    for (area, half) in halves.iter().zip(&wanted) {
        bars(area, half, outcomes)?;
    }
    root.present().map_err(wrong)
}

fn bars(area: &Area<'_>, half: &Half, outcomes: &[Outcome]) -> anyhow::Result<()> {
    let here: Vec<&Outcome> =
        outcomes.iter().filter(|outcome| outcome.in_flight == half.in_flight).collect();
    let mut names: Vec<&str> = here.iter().map(|outcome| outcome.scenario).collect();
    names.dedup();
    let figures = here.iter().map(|outcome| (half.figure)(outcome)).filter(|figure| *figure > 0.0);
    let (least, most) =
        figures.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), f| (least.min(f), most.max(f)));
    if names.is_empty() || least > most {
        return Ok(());
    }
    let bottom = least / 2.0;
    let wrong = |error| anyhow!("the plot: {error}");
    let mut chart = ChartBuilder::on(area)
        .caption(half.title, ("sans-serif", 20))
        .margin(MARGIN)
        .x_label_area_size(180)
        .y_label_area_size(LABELS)
        // Above the highest bar there is room for the legend.
        .build_cartesian_2d(
            (0..names.len() - 1).into_segmented(),
            (bottom..most * 10.0).log_scale(),
        )
        .map_err(wrong)?;
    let label = |place: &SegmentValue<usize>| match place {
        SegmentValue::CenterOf(index) => {
            names.get(*index).map_or(String::new(), |name| (*name).to_owned())
        }
        SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
    };
    let upright = ("sans-serif", 13).into_font().transform(FontTransform::Rotate90);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().x_labels(names.len()).x_label_formatter(&label).x_label_style(upright);
    mesh.draw().map_err(wrong)?;
    let strip = (SIZE.0 - 2 * MARGIN - LABELS) / u32::try_from(names.len()).unwrap_or(u32::MAX);
    for (place, (variant, colour)) in (0_u32..).zip(BARS) {
        let drawn = here.iter().filter(|outcome| outcome.variant == variant.name());
        let bars = drawn.filter_map(|outcome| {
            let index = names.iter().position(|name| *name == outcome.scenario)?;
            let ends = [
                (SegmentValue::Exact(index), bottom),
                (SegmentValue::Exact(index + 1), (half.figure)(outcome)),
            ];
            Some(bar(ends, strip, place, colour))
        });
        let series = chart.draw_series(bars).map_err(wrong)?;
        let square = move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour.filled());
        series.label(variant.name()).legend(square);
    }
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight).background_style(WHITE).border_style(BLACK);
    legend.draw().map_err(wrong)
}

type Corner = (SegmentValue<usize>, f64);

/// Each scenario's strip is shared by its bars, side by side.
fn bar(ends: [Corner; 2], strip: u32, place: u32, colour: RGBColor) -> Rectangle<Corner> {
    let width = strip / 6;
    let left = width * (1 + place);
    let mut bar = Rectangle::new(ends, colour.filled());
    bar.set_margin(0, 0, left, strip.saturating_sub(left + width));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::Spread, usage::Cpu};

    #[test]
    fn every_bar_is_drawn_and_named() {
        let outcome = |scenario, variant: Variant, value| Outcome {
            scenario,
            in_flight: 16,
            variant: variant.name(),
            p50_ms: Spread::of(vec![value]),
            p90_ms: Spread::of(vec![value]),
            p99_ms: Spread::of(vec![value]),
            per_second: Spread::of(vec![value]),
            cpu_ms: Cpu::default(),
            peak_mib: None,
            rounds: Vec::new(),
        };
        let path = std::env::temp_dir().join(format!("bench-plot-{}.svg", std::process::id()));
        let both =
            [outcome("confirm", Variant::Floor, 900.0), outcome("confirm", Variant::One, 800.0)];
        draw(&both, &path).unwrap();
        let drawn = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let bar = |colour: &str| {
            drawn.lines().filter(|line| line.contains("<rect") && line.contains(colour)).count()
        };
        // The bar, and its square in the legend.
        assert_eq!((bar("#969696"), bar("#1F77B4"), bar("#FF7F0E")), (2, 2, 1), "{drawn}");
        assert!(drawn.contains("confirm"));
    }
}
