//! The plot: p50 with one in flight and requests/s with sixteen, ours beside the floor, scenario by scenario.

use std::path::Path;

use anyhow::anyhow;
use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Color as _, DrawingArea, IntoDrawingArea as _, IntoLogRange as _, IntoSegmentedCoord as _,
        RGBColor, Rectangle, SVGBackend, SegmentValue,
    },
    style::{BLACK, WHITE},
};

use crate::{run::Outcome, scenarios::Variant};

const SIZE: (u32, u32) = (1_100, 900);
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
        Half { title: "p50 with 1 in flight, ms (less is better)", in_flight: 1, figure: |of| of.p50_ms.p50 },
        Half { title: "requests/s with 16 in flight (more is better)", in_flight: 16, figure: |of| of.per_second.p50 },
    ];
    for (area, half) in halves.iter().zip(&wanted) {
        bars(area, half, outcomes)?;
    }
    root.present().map_err(wrong)
}

fn bars(area: &Area<'_>, half: &Half, outcomes: &[Outcome]) -> anyhow::Result<()> {
    let here: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.in_flight == half.in_flight).collect();
    let mut names: Vec<&str> = here.iter().map(|outcome| outcome.scenario).collect();
    names.dedup();
    let figures = here.iter().map(|outcome| (half.figure)(outcome)).filter(|figure| *figure > 0.0);
    let (least, most) = figures.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), f| (least.min(f), most.max(f)));
    if names.is_empty() || least > most {
        return Ok(());
    }
    let bottom = least / 2.0;
    let wrong = |error| anyhow!("the plot: {error}");
    let mut chart = ChartBuilder::on(area)
        .caption(half.title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d((0..names.len() - 1).into_segmented(), (bottom..most * 1.5).log_scale())
        .map_err(wrong)?;
    let label = |place: &SegmentValue<usize>| match place {
        SegmentValue::CenterOf(index) => names.get(*index).map_or(String::new(), |name| (*name).to_owned()),
        SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
    };
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().x_labels(names.len()).x_label_formatter(&label).label_style(("sans-serif", 11));
    mesh.draw().map_err(wrong)?;
    for (place, (variant, colour)) in BARS.into_iter().enumerate() {
        let drawn = here.iter().filter(|outcome| outcome.variant == variant.name());
        let rectangles = drawn.filter_map(|outcome| {
            let index = names.iter().position(|name| *name == outcome.scenario)?;
            let ends = [(SegmentValue::Exact(index), bottom), (SegmentValue::Exact(index + 1), (half.figure)(outcome))];
            let mut bar = Rectangle::new(ends, colour.filled());
            // Each scenario's strip is shared by its bars, side by side.
            let strip = i32::try_from((SIZE.0 as usize - 88) / names.len()).unwrap_or(i32::MAX);
            let width = strip / 6;
            let left = width + width * i32::try_from(place).unwrap_or_default();
            bar.set_margin(0, 0, u32::try_from(left).unwrap_or(0), u32::try_from(strip - left - width).unwrap_or(0));
            Some(bar)
        });
        let series = chart.draw_series(rectangles).map_err(wrong)?;
        series
            .label(variant.name())
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour.filled()));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw().map_err(wrong)
}
