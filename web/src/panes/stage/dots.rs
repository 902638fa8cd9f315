//! Dots for messages under way: all of one kind are one `<path>`, since an element for each of 300 costs a browser more
//! than the rest of a frame.

use leptos::prelude::document;
use web_sys::Element;

use super::motion::SVG;
use super::route::Point;

/// A circle around the point that is this far below where the pen is, in pixels: one arc all but closed, since half as much
/// text is read in half the time.
const RADIUS: f64 = 3.0;
const CIRCLE: &str = "a3 3 0 1 1-.01 0z";

/// All dots.
#[derive(Default)]
pub(super) struct Dots {
    kinds: Vec<Kind>,
}

/// Those that look alike.
struct Kind {
    name: &'static str,
    /// Where they are drawn, once there has been one.
    element: Option<Element>,
    /// The next picture, and how many it has.
    path: String,
    count: usize,
    /// Something is drawn now.
    drawn: bool,
}

impl Dots {
    /// One more in the next picture.
    pub(super) fn put(&mut self, kind: &'static str, (x, y): Point) {
        let at = self.kinds.iter().position(|k| k.name == kind).unwrap_or_else(|| {
            self.kinds.push(Kind { name: kind, element: None, path: String::new(), count: 0, drawn: false });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[at];
        kind.count += 1;
        let path = &mut kind.path;
        path.push('M');
        tenths(path, x);
        path.push(' ');
        tenths(path, y - RADIUS);
        path.push_str(CIRCLE);
    }

    /// Shows what has been put since the last picture; how many that is.
    pub(super) fn draw(&mut self, group: &Element) -> usize {
        let mut all = 0;
        for kind in &mut self.kinds {
            all += kind.count;
            kind.draw(group);
        }
        all
    }
}

impl Kind {
    fn draw(&mut self, group: &Element) {
        if self.count == 0 && !self.drawn {
            return;
        }
        if self.element.is_none() {
            let Ok(element) = document().create_element_ns(Some(SVG), "path") else { return };
            let _ = element.set_attribute("class", self.name);
            let _ = group.append_child(&element);
            self.element = Some(element);
        }
        if let Some(element) = &self.element {
            let _ = element.set_attribute("d", &self.path);
        }
        self.drawn = self.count > 0;
        self.path.clear();
        self.count = 0;
    }
}

/// A number with one digit after the point. Written without the standard library's formatting, which was a twentieth of a
/// frame's script by a profile: it is done six hundred times a frame.
fn tenths(text: &mut String, number: f64) {
    let all = (number.abs() * 10.0 + 0.5) as u32;
    if number < 0.0 && all > 0 {
        text.push('-');
    }
    let mut digits = [b'0'; 12];
    let (mut left, mut at) = (all / 10, digits.len());
    while left > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    digits[at..].iter().for_each(|digit| text.push(char::from(*digit)));
    text.push('.');
    text.push(char::from(b'0' + (all % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn places_are_told_to_a_tenth() {
        let told = |number| {
            let mut text = String::new();
            tenths(&mut text, number);
            text
        };
        let numbers = [0.0, -0.01, 0.25, 9.96, -12.34, 1_440.0, -3e20];
        assert_eq!(numbers.map(told), ["0.0", "0.0", "0.3", "10.0", "-12.3", "1440.0", "-429496729.5"]);
    }
}
