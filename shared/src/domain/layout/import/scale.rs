//! Fits the coordinates of a file into a layout's.

use crate::domain::layout::MAX_COORDINATE;

/// The share of the plan that stays empty at each side of a plan that is scaled.
const MARGIN: f64 = 0.02;

/// The box around all that is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    min: (f64, f64),
    max: (f64, f64),
    /// Whether all coordinates are whole numbers.
    whole: bool,
}

impl Bounds {
    /// The box around these points. `None` without points.
    pub(super) fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, (x, y)| {
            let whole = x.fract() == 0.0 && y.fract() == 0.0;
            let point = Self { min: (x, y), max: (x, y), whole };
            Some(bounds.map_or(point, |bounds| bounds.and(point)))
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            min: (self.min.0.min(other.min.0), self.min.1.min(other.min.1)),
            max: (self.max.0.max(other.max.0), self.max.1.max(other.max.1)),
            whole: self.whole && other.whole,
        }
    }
}

/// How coordinates of a file become coordinates of a layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    factor: f64,
    offset: (f64, f64),
    /// Width and height of the plan.
    pub(super) size: (i64, i64),
}

impl Scale {
    /// Whole coordinates that already fit stay as they are. Others are moved and scaled, so that
    /// the longer side of the plan takes the whole range.
    pub(super) fn to_fit(bounds: Bounds, size: Option<(f64, f64)>) -> Self {
        let limit = f64::from(MAX_COORDINATE);
        let (min, max) = (bounds.min, bounds.max);
        let fits = bounds.whole && min.0 >= 0.0 && min.1 >= 0.0 && max.0 <= limit && max.1 <= limit;
        if fits {
            // The same margin at the far side as at the near one.
            let far = |min: f64, max: f64, size: Option<f64>| {
                size.filter(|size| *size >= max).unwrap_or(max + min).clamp(1.0, limit) as i64
            };
            let width = far(min.0, max.0, size.map(|size| size.0));
            let height = far(min.1, max.1, size.map(|size| size.1));
            return Self { factor: 1.0, offset: (0.0, 0.0), size: (width, height) };
        }
        let extent = (max.0 - min.0, max.1 - min.1);
        let longer = extent.0.max(extent.1);
        // A smaller extent counts as one point: the factor for no extent would be infinite.
        let factor = if longer < 1e-9 { 1.0 } else { limit * (1.0 - 2.0 * MARGIN) / longer };
        let margin = limit * MARGIN;
        let side = |extent: f64| (extent * factor + 2.0 * margin).round().clamp(1.0, limit) as i64;
        Self {
            factor,
            offset: (margin - min.0 * factor, margin - min.1 * factor),
            size: (side(extent.0), side(extent.1)),
        }
    }

    /// A point of the file as a place on the plan.
    pub(super) fn place(&self, (x, y): (f64, f64)) -> (i64, i64) {
        let limit = f64::from(MAX_COORDINATE);
        let on_axis = |value: f64, offset: f64| {
            (value * self.factor + offset).round().clamp(0.0, limit) as i64
        };
        (on_axis(x, self.offset.0), on_axis(y, self.offset.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(points: &[(f64, f64)]) -> Scale {
        Scale::to_fit(Bounds::around(points.iter().copied()).unwrap(), None)
    }

    #[test]
    fn whole_coordinates_in_range_stay() {
        let scale = fit(&[(10.0, 20.0), (100_000.0, 40.0)]);
        assert_eq!(scale.place((10.0, 20.0)), (10, 20));
        assert_eq!(scale.size, (100_000, 60));
    }

    #[test]
    fn others_keep_their_proportions() {
        for points in [
            [(0.5, 0.0), (10.5, 5.0)],
            [(-300.0, -10.0), (700.0, 490.0)],
            [(0.0, 0.0), (4_000_000.0, 2_000_000.0)],
            [(0.0, 0.0), (0.001, 0.0005)],
        ] {
            let scale = fit(&points);
            assert_eq!(scale.place(points[0]), (2_000, 2_000), "{points:?}");
            assert_eq!(scale.place(points[1]), (98_000, 50_000), "{points:?}");
            assert_eq!(scale.size, (100_000, 52_000), "{points:?}");
        }
    }

    #[test]
    fn one_seat_is_a_plan_too() {
        assert_eq!(fit(&[(-3.5, 7.0)]).place((-3.5, 7.0)), (2_000, 2_000));
        assert_eq!(fit(&[(0.0, 0.0)]).size, (1, 1));
    }
}
