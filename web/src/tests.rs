//! The page as a visitor uses it, in a real browser.
