//! Ways across the map: where a stream is drawn and a dot travels.

use std::fmt::Write as _;

use crate::format::Fixed;

/// A point in pixels from the map's upper left corner.
pub(super) type Point = (f64, f64);

/// A card's place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) wide: f64,
    pub(super) high: f64,
}

impl Place {
    fn top(&self) -> Point {
        (self.x + self.wide / 2.0, self.y)
    }

    fn bottom(&self) -> Point {
        (self.x + self.wide / 2.0, self.y + self.high)
    }
}

/// A way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Route {
    /// Straight pieces.
    Corners(Vec<Point>),
    /// One curve that leaves and arrives upright.
    Curve(Point, Point),
}

/// Pixels between a card and the nearest stream beside it, between two streams, and from the map's top to the first.
const BESIDE: f64 = 12.0;
const APART: f64 = 6.0;
const ABOVE: f64 = 14.0;
/// Where a stream meets a card, in pixels below its top.
const DOOR: f64 = 22.0;
const ROUND: f64 = 7.0;

impl Route {
    /// From the primary's edge up its gutter, along the map's top, down the replica's gutter to its edge; within one
    /// column straight along the gutter. No card is crossed, however the zones wrap.
    pub(super) fn stream(from: Place, to: Place, lane: usize) -> Self {
        let offset = lane as f64 * APART;
        let (left, right) = (from.x - BESIDE - offset, to.x - BESIDE - offset);
        let (door, end) = (from.y + DOOR + offset, to.y + DOOR);
        if (from.x - to.x).abs() < 1.0 {
            return Self::Corners(vec![(from.x, door), (left, door), (left, end), (to.x, end)]);
        }
        let top = ABOVE - offset;
        Self::Corners(vec![
            (from.x, door),
            (left, door),
            (left, top),
            (right, top),
            (right, end),
            (to.x, end),
        ])
    }

    /// Between two cards, from the one's near edge to the other's.
    pub(super) fn between(from: Place, to: Place) -> Self {
        if from.y >= to.y {
            Self::Curve(from.top(), to.bottom())
        } else {
            Self::Curve(from.bottom(), to.top())
        }
    }

    /// The other way round.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Corners(mut points) => {
                points.reverse();
                Self::Corners(points)
            }
            Self::Curve(from, to) => Self::Curve(to, from),
        }
    }

    /// The point after this part of the way, 0 to 1.
    pub(super) fn at(&self, part: f64) -> Point {
        match self {
            Self::Corners(points) => along(points, part),
            Self::Curve(from, to) => curve(*from, *to, part),
        }
    }

    /// As an SVG path.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Corners(points) => rounded(points),
            Self::Curve((ax, ay), (bx, by)) => {
                let middle = f64::midpoint(*ay, *by);
                let [ax, ay, bx, by, middle] = [*ax, *ay, *bx, *by, middle].map(|at| Fixed(at, 1));
                format!("M{ax} {ay}C{ax} {middle} {bx} {middle} {bx} {by}")
            }
        }
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn mix(a: Point, b: Point, part: f64) -> Point {
    (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
}

fn along(points: &[Point], part: f64) -> Point {
    let whole: f64 = points.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
    let mut left = whole * part.clamp(0.0, 1.0);
    for pair in points.windows(2) {
        let length = distance(pair[0], pair[1]);
        if left <= length {
            return mix(pair[0], pair[1], if length > 0.0 { left / length } else { 0.0 });
        }
        left -= length;
    }
    points.last().copied().unwrap_or_default()
}

fn curve(from: Point, to: Point, part: f64) -> Point {
    let middle = f64::midpoint(from.1, to.1);
    let (t, s) = (part, 1.0 - part);
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let points = [from, (from.0, middle), (to.0, middle), to];
    weights.iter().zip(points).fold((0.0, 0.0), |sum, (w, p)| (sum.0 + w * p.0, sum.1 + w * p.1))
}

fn rounded(points: &[Point]) -> String {
    let at = |point: &Point| (Fixed(point.0, 1), Fixed(point.1, 1));
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let neighbours = index.checked_sub(1).and_then(|i| points.get(i)).zip(points.get(index + 1));
        let (x, y) = at(point);
        // Writing to a String cannot fail.
        _ = match neighbours {
            None if index == 0 => write!(path, "M{x} {y}"),
            None => write!(path, "L{x} {y}"),
            Some((before, after)) => {
                let near = |other: Point| {
                    let length = distance(*point, other);
                    mix(*point, other, if length > 0.0 { ROUND.min(length / 2.0) / length } else { 0.0 })
                };
                let ((ax, ay), (bx, by)) = (at(&near(*before)), at(&near(*after)));
                write!(path, "L{ax} {ay}Q{x} {y} {bx} {by}")
            }
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const A: Place = Place { x: 40.0, y: 60.0, wide: 200.0, high: 100.0 };
    const B: Place = Place { x: 340.0, y: 60.0, wide: 200.0, high: 100.0 };

    #[wasm_bindgen_test]
    fn a_dot_begins_at_one_card_and_ends_at_the_other() {
        let stream = Route::stream(A, B, 0);
        assert_eq!((stream.at(0.0), stream.at(1.0)), ((40.0, 82.0), (340.0, 82.0)));
        assert_eq!(stream.reversed().at(0.0), (340.0, 82.0));
        let below = Place { y: 300.0, ..B };
        let way = Route::between(below, A);
        assert_eq!((way.at(0.0), way.at(1.0)), ((440.0, 300.0), (140.0, 160.0)));
    }

    #[wasm_bindgen_test]
    fn streams_of_one_column_do_not_leave_their_gutter() {
        let Route::Corners(points) = Route::stream(A, Place { y: 200.0, ..A }, 1) else {
            panic!("no corners")
        };
        assert!(points.iter().all(|p| p.0 <= A.x && p.1 >= A.y));
    }
}
