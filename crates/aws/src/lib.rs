//! The declaration and the API as text: a CloudFormation template becomes group specifications with
//! diagnostics that have line and column, an AWS Query request becomes a typed request, and a view of the
//! groups becomes the XML that AWS clients read.
//!
//! Nothing here has state or a socket, so a template or a request means the same in the browser and in the
//! server. `shared/reference/elasticache.md` is the source of every AWS text, code and rule in here; where it
//! says that AWS's own behaviour is unknown, the choice is Primacy's and the code says so.
#![forbid(unsafe_code)]

pub mod api;
pub mod console;
pub mod diagnostic;
pub mod events;
pub mod names;
mod reasons;
pub mod story;
mod suggest;
pub mod template;
pub mod time;

pub use diagnostic::{Diagnostic, Severity, render};
