//! All mutants of a file in one text; the one whose number is set at run time is active.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::{LineColumn, Span};
use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One mutant, as `cargo mutants --list --json` reports it.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub number: usize,
    pub name: String,
    pub file: String,
    genre: String,
    replacement: String,
    /// Line and column, from 1.
    pub start: (usize, usize),
}

impl Mutant {
    /// Its file and the change, which stay when lines are added above.
    pub fn without_place(&self) -> String {
        let what = self.name.splitn(4, ':').nth(3).unwrap_or_default();
        format!("{}:{what}", self.file)
    }

    pub fn new(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let place = |key: &str| value["span"]["start"][key].as_u64().and_then(|place| usize::try_from(place).ok());
        Some(Self {
            number: 0,
            name: text("name")?,
            file: text("file")?,
            genre: text("genre")?,
            replacement: text("replacement")?,
            start: (place("line")?, place("column")?),
        })
    }
}

/// A place in a file that may be changed.
enum Site {
    /// An expression: the operator, or the field, is at this range of it.
    Operator(Range<usize>),
    /// A guard, which is a complete expression.
    Guard,
    /// An arm: a guard is added after its pattern.
    Arm { guard: Option<Range<usize>> },
    /// The start of a function's body.
    Body,
}

struct Sites<'a> {
    lines: &'a [usize],
    text: &'a str,
    /// By kind of change and place: the range to replace, and how.
    found: BTreeMap<(&'static str, usize), (Range<usize>, Site)>,
}

impl Sites<'_> {
    fn at(&self, place: LineColumn) -> usize {
        offset(self.text, self.lines, place.line, place.column)
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.at(span.start())..self.at(span.end())
    }

    fn body(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let mut opaque = Opaque(false);
        opaque.visit_return_type(&signature.output);
        if opaque.0 {
            // One function cannot return two types.
            return;
        }
        // The text between the braces is replaced, and it may be empty.
        let Range { start, end } = self.range(block.span());
        let first = block.stmts.first().map_or(end - 1, |statement| self.at(statement.span().start()));
        self.found.insert(("FnValue", first), (start + 1..start + 1, Site::Body));
    }
}

impl<'ast> Visit<'ast> for Sites<'_> {
    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        let operator = self.range(expr.op.span());
        let whole = self.at(expr.left.span().start())..self.at(expr.right.span().end());
        self.found.insert(("BinaryOperator", operator.start), (whole, Site::Operator(operator)));
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        let operator = self.range(expr.op.span());
        let whole = operator.start..self.at(expr.expr.span().end());
        self.found.insert(("UnaryOperator", operator.start), (whole, Site::Operator(operator)));
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        let whole = self.range(expr.span());
        for pair in expr.fields.pairs() {
            let field = self.range(pair.value().span());
            let end = pair.punct().map_or(field.end, |comma| self.at(comma.span().end()));
            self.found.insert(("StructField", field.start), (whole.clone(), Site::Operator(field.start..end)));
        }
        visit::visit_expr_struct(self, expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        // Without an arm for the rest, the match would not compile after one arm is removed.
        let rest = expr.arms.iter().any(|arm| arm.guard.is_none() && matches!(arm.pat, syn::Pat::Wild(_)));
        for arm in &expr.arms {
            let pattern = self.range(arm.pat.span());
            let guard = arm.guard.as_ref().map(|(_, guard)| self.range(guard.span()));
            if let Some(guard) = guard.clone() {
                self.found.insert(("MatchArmGuard", guard.start), (guard, Site::Guard));
            }
            if rest {
                let after = pattern.end..pattern.end;
                self.found.insert(("MatchArm", pattern.start), (after, Site::Arm { guard }));
            }
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.body(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.body(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.body(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

/// Whether there is an `impl` in a type.
struct Opaque(bool);

impl<'ast> Visit<'ast> for Opaque {
    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.0 = true;
    }
}

fn offset(text: &str, lines: &[usize], line: usize, column: usize) -> usize {
    let start = lines[line - 1];
    text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}

/// A change of one place of the file.
struct Edit {
    range: Range<usize>,
    /// The text of each mutant of the place.
    variants: Vec<(usize, String)>,
    site: &'static str,
}

/// The text with all of the mutants in it, and the place of each; and the numbers of those without a place.
pub fn weave(text: &str, mutants: &[Mutant]) -> (String, Vec<(usize, Range<usize>)>, Vec<usize>) {
    let lines: Vec<_> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let file = syn::parse_file(text).expect("it compiles");
    let mut sites = Sites { lines: &lines, text, found: BTreeMap::new() };
    sites.visit_file(&file);
    let mut edits: Vec<Edit> = Vec::new();
    let mut lost = Vec::new();
    for mutant in mutants {
        let (line, column) = mutant.start;
        let start = offset(text, &lines, line, column - 1);
        let found = sites.found.iter().find(|((genre, at), _)| *genre == mutant.genre && *at == start);
        let Some(((genre, _), (range, site))) = found else {
            lost.push(mutant.number);
            continue;
        };
        let variant = match site {
            Site::Operator(part) => {
                format!("{} {} {}", &text[range.start..part.start], mutant.replacement, &text[part.end..range.end])
            }
            Site::Guard | Site::Body => mutant.replacement.clone(),
            Site::Arm { guard } => match guard {
                Some(_) => "&&".to_owned(),
                None => String::new(),
            },
        };
        match edits.iter_mut().find(|edit| edit.range == *range && edit.site == *genre) {
            Some(edit) => edit.variants.push((mutant.number, variant)),
            None => edits.push(Edit { range: range.clone(), variants: vec![(mutant.number, variant)], site: genre }),
        }
    }
    // The outer before the inner.
    edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
    let mut out = String::new();
    let mut places = Vec::new();
    write(text, 0..text.len(), &edits, &mut out, &mut places);
    (out, places, lost)
}

fn is(number: usize) -> String {
    format!("crate::mutation::is({number})")
}

/// Writes a range of the text, with the edits in it.
fn write(text: &str, range: Range<usize>, edits: &[Edit], out: &mut String, places: &mut Vec<(usize, Range<usize>)>) {
    let mut at = range.start;
    let mut rest = edits;
    while let Some((edit, after)) = rest.split_first() {
        let inner = after.iter().take_while(|other| other.range.start < edit.range.end).count();
        let (inner, after) = after.split_at(inner);
        rest = after;
        out.push_str(&text[at..edit.range.start]);
        at = edit.range.end;
        match edit.site {
            "FnValue" => {
                for (number, variant) in &edit.variants {
                    let start = out.len();
                    *out += &format!(" if {} {{ return {variant}; }} ", is(*number));
                    places.push((*number, start..out.len()));
                }
            }
            "MatchArm" => {
                for (number, and) in &edit.variants {
                    let start = out.len();
                    match and.is_empty() {
                        true => *out += &format!(" if !{} ", is(*number)),
                        // The guard's own `if` is removed.
                        false => {
                            let guard = text[at..].find("if").expect("a guard");
                            *out += &format!(" if !{} && ", is(*number));
                            at += guard + 2;
                        }
                    }
                    places.push((*number, start..out.len()));
                }
            }
            _ => {
                out.push('(');
                for (number, variant) in &edit.variants {
                    let start = out.len();
                    *out += &format!("if {} {{ {variant} }} else ", is(*number));
                    places.push((*number, start..out.len()));
                }
                *out += "{ ";
                write(text, edit.range.clone(), inner, out, places);
                *out += " })";
            }
        }
    }
    out.push_str(&text[at..range.end]);
}
