//! What the linker knows of a module's data: where each constant begins and ends, and what mentions it.
//!
//! A module alone does not tell: an address in its code may be of the middle of a constant, of its end, or of a place outside it
//! from which the code counts. A linker that was told `--emit-relocs` writes for each mention which constant is meant
//! (<https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>). Tools that work on the module later change its code and
//! leave its data where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ops::Range;

use wasmparser::{
    BinaryReader, DefinedDataSymbol, KnownCustom, Linking, Name, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

use crate::facts::{Segment, segment};

/// Segments whose names begin so never change.
const CONSTANT: &str = ".rodata";

/// The constants of a linked module, by their places in the order of addresses.
#[derive(Default)]
pub(crate) struct Linked<'a> {
    /// The segments that never change.
    pub(crate) segments: Vec<Segment<'a>>,
    /// The addresses of each constant.
    objects: Vec<Range<u32>>,
    /// How long the longest is.
    longest: u32,
    /// What is meant by an address that the code or other data mention.
    meant: BTreeMap<u32, BTreeSet<usize>>,
    /// Which mentions stand in data: at which address, of which constant.
    pointers: BTreeMap<u32, usize>,
    /// The places of the table that data mention, by the addresses of the mentions.
    slots: BTreeMap<u32, u32>,
    /// Those that code mentions.
    called: BTreeSet<u32>,
}

impl<'a> Linked<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut read = Read {
            bytes,
            sections: 0,
            data: None,
            code: None,
            segments: Vec::new(),
            constant: BTreeSet::new(),
            symbols: Vec::new(),
            relocations: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            read.take(payload?)?;
        }
        read.linked()
    }

    /// The constants that whatever mentions these addresses can get at, themselves and through others.
    pub(crate) fn reached(&self, addresses: impl Iterator<Item = u32>) -> BTreeSet<usize> {
        let outside = self.pointers.iter().filter(|(at, _)| self.around(**at).next().is_none());
        let mut look: Vec<usize> = outside.map(|(_, object)| *object).collect();
        for address in addresses {
            look.extend(self.around(address));
            look.extend(self.meant.get(&address).into_iter().flatten());
        }
        let mut reached = BTreeSet::new();
        while let Some(object) = look.pop() {
            if reached.insert(object) {
                look.extend(self.pointers.range(self.objects[object].clone()).map(|(_, object)| *object));
            }
        }
        reached
    }

    /// The places of the table that only constants mention that are not `reached`.
    pub(crate) fn late(&self, reached: &BTreeSet<usize>) -> BTreeSet<u32> {
        let is_late = |address: &u32| {
            let mut around = self.around(*address).peekable();
            around.peek().is_some() && around.all(|object| !reached.contains(&object))
        };
        let (late, kept): (Vec<_>, Vec<_>) = self.slots.iter().partition(|(address, _)| is_late(address));
        let kept: BTreeSet<u32> = kept.into_iter().map(|(_, slot)| *slot).collect();
        let free = |slot: &u32| !kept.contains(slot) && !self.called.contains(slot);
        late.into_iter().map(|(_, slot)| *slot).filter(free).collect()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = (usize, Range<u32>)> {
        self.objects.iter().cloned().enumerate()
    }

    /// The constants that have a byte at this address.
    fn around(&self, address: u32) -> impl Iterator<Item = usize> {
        let end = self.objects.partition_point(|object| object.start <= address);
        let near = (0..end).rev().take_while(move |at| address - self.objects[*at].start < self.longest);
        near.filter(move |at| self.objects[*at].contains(&address))
    }
}

/// A module's parts, as they come.
struct Read<'a> {
    bytes: &'a [u8],
    sections: u32,
    /// Which section has the data, and which the code, and where they begin in the file.
    data: Option<(u32, usize)>,
    code: Option<(u32, usize)>,
    /// The segments, and where their bytes begin in the file.
    segments: Vec<(Segment<'a>, usize)>,
    /// Which segments never change.
    constant: BTreeSet<usize>,
    symbols: Vec<Option<DefinedDataSymbol>>,
    relocations: Vec<(u32, RelocationEntry)>,
}

impl<'a> Read<'a> {
    fn take(&mut self, payload: Payload<'a>) -> Result<(), Box<dyn Error>> {
        match payload {
            Payload::DataSection(section) => {
                self.data = Some((self.sections, section.range().start));
                for data in section {
                    let data = data?;
                    self.segments.push((segment(&data)?, data.range.end - data.data.len()));
                }
            }
            Payload::CodeSectionStart { range, .. } => self.code = Some((self.sections, range.start)),
            Payload::CustomSection(section) => self.custom(section.as_known())?,
            // A section's functions come after its beginning.
            Payload::Version { .. } | Payload::CodeSectionEntry(_) | Payload::End(_) => return Ok(()),
            _ => {}
        }
        self.sections += 1;
        Ok(())
    }

    fn custom(&mut self, section: KnownCustom<'a>) -> Result<(), Box<dyn Error>> {
        match section {
            KnownCustom::Linking(linking) => {
                for part in linking.subsections() {
                    let Linking::SymbolTable(symbols) = part? else { continue };
                    for symbol in symbols {
                        let SymbolInfo::Data { symbol, .. } = symbol? else {
                            self.symbols.push(None);
                            continue;
                        };
                        self.symbols.push(symbol);
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                for entry in relocations.entries() {
                    self.relocations.push((relocations.section_index(), entry?));
                }
            }
            KnownCustom::Name(names) => {
                for part in names {
                    let Name::Data(names) = part? else { continue };
                    for name in names {
                        let name = name?;
                        if name.name.starts_with(CONSTANT) {
                            self.constant.insert(name.index as usize);
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn linked(self) -> Result<Linked<'a>, Box<dyn Error>> {
        if self.relocations.is_empty() {
            return Err("the linker was not told --emit-relocs".into());
        }
        let (objects, places) = self.objects();
        let longest = objects.iter().map(ExactSizeIterator::len).max().unwrap_or_default() as u32;
        let mut linked = Linked { objects, longest, ..Linked::default() };
        for (section, entry) in &self.relocations {
            let in_data = self.address_of(*section, entry);
            match entry.ty {
                RelocationType::TableIndexI32 => {
                    let at = in_data.ok_or("a place of the table is mentioned outside code and data")?;
                    linked.slots.insert(at.0, self.word(at.1)?);
                }
                RelocationType::TableIndexSleb => {
                    linked.called.insert(self.number(*section, entry)?);
                }
                _ => {}
            }
            let Some(place) = places.get(&(entry.index as usize)).copied().filter(|_| is_address(entry.ty))
            else {
                continue;
            };
            let value = u32::try_from(i64::from(linked.objects[place].start) + entry.addend)?;
            linked.meant.entry(value).or_default().insert(place);
            if let Some((address, at)) = in_data {
                if self.word(at)? != value {
                    return Err("data are not where the linker says".into());
                }
                linked.pointers.insert(address, place);
            }
        }
        let segments = self.segments.into_iter().enumerate();
        linked.segments =
            segments.filter(|(at, _)| self.constant.contains(at)).map(|(_, (segment, _))| segment).collect();
        Ok(linked)
    }

    /// The constants' addresses in their order, and the place of each symbol that is one.
    fn objects(&self) -> (Vec<Range<u32>>, BTreeMap<usize, usize>) {
        let address =
            |symbol: &DefinedDataSymbol| self.segments[symbol.index as usize].0.address + symbol.offset;
        let known = self.symbols.iter().enumerate().filter_map(|(at, symbol)| Some((at, symbol.as_ref()?)));
        let mut constants: Vec<(Range<u32>, usize)> = known
            .filter(|(_, symbol)| self.constant.contains(&(symbol.index as usize)))
            .map(|(at, symbol)| (address(symbol)..address(symbol) + symbol.size, at))
            .collect();
        constants.sort_unstable_by_key(|(range, at)| (range.start, range.end, *at));
        let places = constants.iter().enumerate().map(|(place, (_, symbol))| (*symbol, place)).collect();
        (constants.into_iter().map(|(range, _)| range).collect(), places)
    }

    /// At which address something is mentioned that stands in data, and where that is in the file.
    fn address_of(&self, section: u32, entry: &RelocationEntry) -> Option<(u32, usize)> {
        let (_, begins) = self.data.filter(|(data, _)| *data == section)?;
        let at = begins + entry.offset as usize;
        let holds =
            |(segment, begins): &&(Segment<'_>, usize)| (*begins..begins + segment.bytes.len()).contains(&at);
        let (segment, begins) = self.segments.iter().find(holds)?;
        Some((segment.address + (at - begins) as u32, at))
    }

    fn word(&self, at: usize) -> Result<u32, Box<dyn Error>> {
        let word =
            self.bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or("data end in the middle of a word")?;
        Ok(u32::from_le_bytes(*word))
    }

    /// The number that an instruction has.
    fn number(&self, section: u32, entry: &RelocationEntry) -> Result<u32, Box<dyn Error>> {
        let (_, begins) =
            self.code.filter(|(code, _)| *code == section).ok_or("an instruction stands outside the code")?;
        let at = begins + entry.offset as usize;
        Ok(BinaryReader::new(self.bytes.get(at..).unwrap_or_default(), at).read_var_i32()?.cast_unsigned())
    }
}

/// Whether a mention is of an address; the page's module is not position-independent.
fn is_address(kind: RelocationType) -> bool {
    matches!(
        kind,
        RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb | RelocationType::MemoryAddrI32
    )
}
