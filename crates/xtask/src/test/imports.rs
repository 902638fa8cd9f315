//! What a WebAssembly module asks of its host: an import from `env` means that some crate expects a C library or an
//! operating system that no browser has.

/// The names of the modules that `wasm` imports from, or why it can't be read.
pub(crate) fn modules(wasm: &[u8]) -> Result<Vec<String>, &'static str> {
    let mut reader = Reader(wasm.strip_prefix(b"\0asm\x01\0\0\0").ok_or("not a WebAssembly module")?);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let mut section = Reader(reader.take(length)?);
        if id == IMPORT_SECTION {
            return section.imports();
        }
    }
    Ok(Vec::new())
}

const IMPORT_SECTION: u8 = 2;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn imports(&mut self) -> Result<Vec<String>, &'static str> {
        let mut modules = Vec::new();
        for _ in 0..self.number()? {
            let module = self.name()?;
            self.name()?;
            self.skip_description()?;
            if !modules.contains(&module) {
                modules.push(module);
            }
        }
        Ok(modules)
    }

    fn skip_description(&mut self) -> Result<(), &'static str> {
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                self.reference_type()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => {
                self.reference_type()?;
                self.byte()?;
            }
            4 => {
                self.byte()?;
                self.number()?;
            }
            _ => return Err("an import of an unknown kind"),
        }
        Ok(())
    }

    /// A typed reference has a heap type after its first byte.
    fn reference_type(&mut self) -> Result<(), &'static str> {
        if matches!(self.byte()?, 0x63 | 0x64) {
            self.number()?;
        }
        Ok(())
    }

    fn limits(&mut self) -> Result<(), &'static str> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, &'static str> {
        let length = self.number()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn number(&mut self) -> Result<usize, &'static str> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number is too long")
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (head, tail) = self.0.split_at_checked(length).ok_or("the module ends too early")?;
        self.0 = tail;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_functions_and_memories() {
        let imports = b"\x02\x03env\x01f\x00\x05\x03wbg\x06memory\x02\x01\x01\x02";
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([IMPORT_SECTION, imports.len() as u8]);
        module.extend(imports);
        assert_eq!(modules(&module), Ok(vec!["env".to_owned(), "wbg".to_owned()]));
    }

    #[test]
    fn refuses_what_is_cut_short() {
        assert_eq!(modules(b"\0asm\x01\0\0\0\x02\x20\x01"), Err("the module ends too early"));
        assert_eq!(modules(b"<html>"), Err("not a WebAssembly module"));
    }
}
