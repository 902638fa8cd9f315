//! Sealed frames: being written.
