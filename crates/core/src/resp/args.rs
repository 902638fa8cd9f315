use alloc::vec::Vec;

use super::reply;

/// Where the arguments of one command lie; a buffer to reuse from command to command.
#[derive(Clone, Debug, Default)]
pub struct ArgSpans {
    pub(super) spans: Vec<(u32, u32)>,
    /// An inline command, unquoted and encoded as multibulk; empty for a multibulk command.
    pub(super) scratch: Vec<u8>,
    /// Bytes of the whole frame in the input.
    pub(super) frame: usize,
    /// How far a partial multibulk command has been read, for `rescan`.
    pub(super) read: usize,
    pub(super) missing: i64,
}

impl ArgSpans {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { spans: Vec::new(), scratch: Vec::new(), frame: 0, read: 0, missing: 0 }
    }

    /// The command that `scan` found at the start of `input`. Call it only after [`super::Scan::Whole`], with
    /// the same input.
    pub fn view<'a>(&'a self, input: &'a [u8]) -> Args<'a> {
        let bytes = if self.scratch.is_empty() {
            input.get(..self.frame).unwrap_or(input)
        } else {
            self.scratch.as_slice()
        };
        Args { bytes, spans: &self.spans }
    }

    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.scratch.clear();
        self.frame = 0;
        self.read = 0;
        self.missing = 0;
    }

    /// Fills the buffer with a command made here rather than scanned; [`ArgSpans::view`] then ignores its input.
    pub fn assemble(&mut self, args: &[&[u8]]) {
        self.clear();
        reply::array(&mut self.scratch, args.len());
        for arg in args {
            self.append(arg);
        }
    }

    pub(super) fn append(&mut self, arg: &[u8]) {
        reply::bulk(&mut self.scratch, arg);
        let end = self.scratch.len() - 2;
        self.spans.push((offset(end - arg.len()), offset(end)));
    }
}

pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// One command's arguments, the name first.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a> {
    bytes: &'a [u8],
    spans: &'a [(u32, u32)],
}

impl<'a> Args<'a> {
    /// Number of arguments, the command's name among them. 0 for an empty frame (`*0\r\n`, an empty line),
    /// which is not answered.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// No argument at all, not even a name.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Argument `i`; empty if there is none, so check [`Args::len`] first (the table's arity does).
    #[inline]
    pub fn get(&self, i: usize) -> &'a [u8] {
        self.spans
            .get(i)
            .and_then(|&(start, end)| self.bytes.get(start as usize..end as usize))
            .unwrap_or_default()
    }

    /// Arguments `from` and after.
    pub fn from(
        &self,
        from: usize,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + use<'a> {
        let this = *self;
        (from.min(this.len())..this.len()).map(move |i| this.get(i))
    }

    /// The whole command as a multibulk frame, which is also how it is logged.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }
}
