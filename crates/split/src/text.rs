//! A function as text: its instructions, the bodies that they form, and the tails of these.
//!
//! A body is what stands between a block's, a loop's or an arm's beginning and its end. Control enters it at its beginning and
//! walks through it; once it is lost, in a branch or inside, it never comes back. What does not run of a body is therefore a
//! tail of it, and a tail can only begin where control might have been lost.

use std::error::Error;

use wasmparser::{
    BlockType, FuncToValidate, FuncType, FunctionBody, Operator, Parser, Payload, ValType, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// A function's instructions and what is made of them.
pub(crate) struct Text<'a> {
    /// The function's number.
    pub(crate) function: u32,
    pub(crate) operators: Vec<Operator<'a>>,
    /// Where the instructions begin in the module, and where the last one ends.
    pub(crate) offsets: Vec<usize>,
    /// The types of parameters and locals.
    pub(crate) locals: Vec<ValType>,
    pub(crate) parameters: usize,
    /// The body that each instruction stands in; an `else` or `end` stands in the one that it ends.
    pub(crate) within: Vec<usize>,
    pub(crate) bodies: Vec<Body>,
    /// In the order of their beginnings, so that a tail comes before the tails in it.
    pub(crate) tails: Vec<Tail>,
}

/// What a label or an arm holds.
pub(crate) struct Body {
    /// The body around it; the function's own has none.
    pub(crate) around: Option<usize>,
    /// The instruction before which it ends.
    pub(crate) end: usize,
    /// Whether control reaches its end.
    pub(crate) falls: bool,
    pub(crate) is_loop: bool,
    /// The instruction to which a branch to its label goes.
    pub(crate) label: usize,
    /// What such a branch carries.
    pub(crate) carries: Vec<ValType>,
    /// What stands on the stack at its end.
    pub(crate) yields: Vec<ValType>,
}

/// The end of a body from a place on at which its stack is empty.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    pub(crate) begin: usize,
    pub(crate) body: usize,
}

impl Text<'_> {
    /// The bodies around a body, beginning with itself: those that its labels 0, 1, … mean.
    pub(crate) fn around(&self, body: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(body), |body| self.bodies[*body].around)
    }

    pub(crate) fn end(&self, tail: Tail) -> usize {
        self.bodies[tail.body].end
    }

    /// The size of a tail in bytes.
    pub(crate) fn size(&self, tail: Tail) -> usize {
        self.offsets[self.end(tail)] - self.offsets[tail.begin]
    }
}

/// Reads every function of a module. What WebAssembly 2 does not have, such as exceptions, leaves bodies in ways that nobody here
/// knows of, and is refused.
pub(crate) fn read<'a>(
    module: &'a [u8],
    mut look: impl FnMut(&Text<'a>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut validator = Validator::new_with_features(WasmFeatures::WASM2);
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::TypeSection(section) = &payload {
            types = section.clone().into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            look(&one(&types, function, &body)?)?;
        }
    }
    Ok(())
}

fn one<'a>(
    types: &[FuncType],
    function: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'a>,
) -> Result<Text<'a>, Box<dyn Error>> {
    let signature = &types[function.ty as usize];
    let number = function.index;
    let mut validator = function.into_validator(Default::default());
    validator.read_locals(&mut body.get_binary_reader())?;
    let mut writer = Writer::new(types, number, signature);
    writer.text.locals =
        (0..validator.len_locals()).filter_map(|local| validator.get_local_type(local)).collect();
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        let frame = validator.get_control_frame(0).ok_or("no frame")?;
        let (height, reached) =
            (validator.operand_stack_height() as usize - frame.height, !frame.unreachable);
        validator.op(offset, &operator)?;
        writer.take(operator, offset, height == 0, reached);
    }
    writer.text.offsets.push(operators.original_position());
    Ok(writer.text)
}

struct Writer<'t, 'a> {
    types: &'t [FuncType],
    text: Text<'a>,
    open: Vec<Open>,
    /// Whether control may have been lost by the last instruction.
    parted: bool,
}

/// What has no end yet: a body, which with an `else` is the second one of its label.
struct Open {
    first: usize,
    body: usize,
}

impl<'t, 'a> Writer<'t, 'a> {
    fn new(types: &'t [FuncType], function: u32, signature: &FuncType) -> Self {
        let text = Text {
            function,
            operators: Vec::new(),
            offsets: Vec::new(),
            locals: Vec::new(),
            parameters: signature.params().len(),
            within: Vec::new(),
            bodies: Vec::new(),
            tails: Vec::new(),
        };
        let mut writer = Self { types, text, open: Vec::new(), parted: false };
        writer.open(signature.results().to_vec(), None);
        writer
    }

    /// `bare`: the body's stack is empty here; `reached`: control can come here.
    fn take(&mut self, operator: Operator<'a>, offset: usize, bare: bool, reached: bool) {
        let at = self.text.operators.len();
        let Some(&Open { first, body }) = self.open.last() else { return };
        self.text.within.push(body);
        if self.parted && bare && reached && !matches!(operator, Operator::Else | Operator::End) {
            self.text.tails.push(Tail { begin: at, body });
        }
        self.parted =
            matches!(operator, Operator::BrIf { .. } | Operator::If { .. } | Operator::Else | Operator::End);
        match &operator {
            Operator::Block { blockty } | Operator::If { blockty } => self.open(self.results(*blockty), None),
            Operator::Loop { blockty } => self.open(self.results(*blockty), Some(self.parameters(*blockty))),
            Operator::Else => {
                self.close(body, at, reached);
                self.open.pop();
                self.open(self.text.bodies[body].yields.clone(), None);
                self.open.last_mut().expect("just opened").first = first;
            }
            Operator::End => {
                self.close(body, at, reached);
                self.open.pop();
                for body in [first, body] {
                    if !self.text.bodies[body].is_loop {
                        self.text.bodies[body].label = at + 1;
                    }
                }
            }
            _ => {}
        }
        self.text.operators.push(operator);
        self.text.offsets.push(offset);
    }

    /// `again`: what the label of a loop takes.
    fn open(&mut self, yields: Vec<ValType>, again: Option<Vec<ValType>>) {
        let body = self.text.bodies.len();
        self.text.bodies.push(Body {
            around: self.open.last().map(|open| open.body),
            end: 0,
            falls: false,
            is_loop: again.is_some(),
            label: self.text.operators.len() + 1,
            carries: again.unwrap_or_else(|| yields.clone()),
            yields,
        });
        self.open.push(Open { first: body, body });
    }

    fn close(&mut self, body: usize, at: usize, reached: bool) {
        self.text.bodies[body].end = at;
        self.text.bodies[body].falls = reached;
    }

    fn results(&self, block: BlockType) -> Vec<ValType> {
        match block {
            BlockType::Empty => Vec::new(),
            BlockType::Type(one) => vec![one],
            BlockType::FuncType(index) => self.types[index as usize].results().to_vec(),
        }
    }

    fn parameters(&self, block: BlockType) -> Vec<ValType> {
        match block {
            BlockType::FuncType(index) => self.types[index as usize].params().to_vec(),
            _ => Vec::new(),
        }
    }
}
