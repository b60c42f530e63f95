//! WebAssembly modules as bytes (WebAssembly core specification, section 5), as far as they are looked into here.

/// The kind of an import that is a function.
pub(crate) const FUNCTION: u8 = 0;

/// Magic and version.
pub(crate) const PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";

/// What a module wants from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import<'a> {
    pub(crate) module: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) kind: u8,
    /// Kind and type as they are written.
    pub(crate) what: &'a [u8],
}

/// The sections of a module with their numbers, in its order; `None` where it is no module.
pub(crate) fn sections(module: &[u8]) -> Option<Vec<(u8, Bytes<'_>)>> {
    let mut rest = Bytes(module.strip_prefix(PREAMBLE)?);
    let mut sections = Vec::new();
    while let Some(id) = rest.byte() {
        sections.push((id, rest.vector()?));
    }
    Some(sections)
}

/// Bytes of a module that are still to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// An unsigned number in LEB128.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// As many bytes as a number before them says.
    pub(crate) fn vector(&mut self) -> Option<Bytes<'a>> {
        let length = usize::try_from(self.number()?).ok()?;
        let (vector, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Bytes(vector))
    }

    /// An entry of the import section.
    pub(crate) fn import(&mut self) -> Option<Import<'a>> {
        let (module, name) = (self.vector()?.0, self.vector()?.0);
        let start = self.0;
        let kind = self.byte()?;
        match kind {
            FUNCTION => drop(self.number()?),
            1 => {
                self.byte()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => drop((self.byte()?, self.byte()?)),
            _ => return None,
        }
        let what = &start[..start.len() - self.0.len()];
        Some(Import { module, name, kind, what })
    }

    fn limits(&mut self) -> Option<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Some(())
    }
}
