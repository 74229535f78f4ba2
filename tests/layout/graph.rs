//! Which file of the sources imports from which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::code::{Token, closing, shipped, test_items, tokens};

/// Source text by path, such as `src/lib.rs`.
pub(crate) type Sources = BTreeMap<String, String>;

/// For each file, those that it imports from, and in which line it first does.
pub(crate) type Arrows = BTreeMap<String, BTreeMap<String, usize>>;

/// The name of a crate and the names of modules below it.
type ModulePath = Vec<String>;

#[derive(Debug, Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    /// Its imports by their local name, with their path in the source.
    imports: BTreeMap<String, Vec<String>>,
    /// The imports that it reexports.
    reexports: BTreeMap<String, Vec<String>>,
    /// The paths whose content it reexports completely.
    globs: Vec<Vec<String>>,
}

/// A path in the source.
#[derive(Debug)]
struct Reference {
    from: ModulePath,
    path: Vec<String>,
    line: usize,
    /// The name that a parent file reexports. It is an arrow only if the file uses that name too.
    handed_on: Option<String>,
}

/// One leaf of a `use`.
struct Import {
    path: Vec<String>,
    name: String,
    line: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Graph {
    modules: BTreeMap<ModulePath, Module>,
    references: Vec<Reference>,
    /// Names outside imports, by file.
    used: BTreeMap<String, BTreeSet<String>>,
    /// The files that are not only in test builds.
    pub(crate) files: BTreeSet<String>,
    /// The files that are only in test builds.
    pub(crate) test_files: BTreeSet<String>,
}

const LIBRARY: &str = "anysplit";
const TOOL: &str = "anysplit-cli";

impl Graph {
    /// Follows the module declarations from the root of the library and from that of the tool.
    pub(crate) fn of(sources: &Sources) -> Self {
        let mut graph = Self::default();
        for path in sources.keys() {
            let name = match path.as_str() {
                "src/lib.rs" => LIBRARY.to_owned(),
                "cli/src/main.rs" => TOOL.to_owned(),
                _ => continue,
            };
            graph.file(sources, path, vec![name], true);
        }
        graph
    }

    fn file(&mut self, sources: &Sources, path: &str, module: ModulePath, is_root: bool) {
        let all = tokens(&sources[path]);
        let code = shipped(&all);
        self.files.insert(path.to_owned());
        let folder = match path.rsplit_once('/') {
            Some((folder, _)) if is_root || path.ends_with("/mod.rs") => folder.to_owned(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        let place = |name: &str| {
            let places = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            places.into_iter().find(|place| sources.contains_key(place))
        };
        for item in test_items(&all) {
            if let Some(name) = all[item].windows(3).find(|three| three[0].is("mod") && three[2].is(";")) {
                self.test_files.extend(place(&name[1].text));
            }
        }
        let mut declared = Vec::new();
        self.module(path, &module, &code, &mut declared);
        for name in &declared {
            let Some(place) = place(name) else { continue };
            if is_test_file(&place) {
                self.test_files.insert(place);
            } else {
                let child = [&module[..], std::slice::from_ref(name)].concat();
                self.file(sources, &place, child, false);
            }
        }
        // Only a file with a folder of its own reexports the content of that folder.
        if declared.is_empty() {
            for reference in self.references.iter_mut().filter(|reference| reference.from.starts_with(&module)) {
                reference.handed_on = None;
            }
        }
    }

    /// Records the declarations and references of one module, in a file or in braces.
    fn module(&mut self, file: &str, path: &ModulePath, code: &[Token], declared: &mut Vec<String>) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let mut nested = Vec::new();
        let mut visible = false;
        let mut at = 0;
        let mut words = Vec::new();
        while at < code.len() {
            let token = &code[at];
            let next = code.get(at + 1);
            let is_path = |at: usize| at > 0 && (code[at - 1].is("::") || code[at - 1].is("."));
            match token.text.as_str() {
                "pub" => {
                    visible = true;
                    at += 1;
                    if next.is_some_and(|token| token.is("(")) && is_scope(code.get(at + 1)) {
                        at = closing(code, at) + 1;
                    }
                    continue;
                }
                "mod" if next.is_some_and(Token::is_word) => {
                    let name = code[at + 1].text.clone();
                    module.children.insert(name.clone());
                    match code.get(at + 2) {
                        Some(open) if open.is("{") => {
                            let end = closing(code, at + 2);
                            nested.push((name, at + 3..end.min(code.len())));
                            at = end + 1;
                        }
                        _ => {
                            declared.push(name);
                            at += 3;
                        }
                    }
                }
                "use" if !is_path(at) => {
                    let mut imports = Vec::new();
                    at = tree(code, at + 1, &mut Vec::new(), &mut imports);
                    for Import { path: target, name, line } in imports {
                        let handed_on = visible.then(|| name.clone());
                        match name.as_str() {
                            "*" if visible => module.globs.push(target.clone()),
                            "*" => {}
                            _ if visible => drop(module.reexports.insert(name, target.clone())),
                            _ => drop(module.imports.insert(name, target.clone())),
                        }
                        self.references.push(Reference { from: path.clone(), path: target, line, handed_on });
                    }
                }
                _ if token.is_word() && !is_path(at) => {
                    let line = token.line;
                    let mut segments = vec![token.text.clone()];
                    at += 1;
                    while let [colons, word, ..] = &code[at..] {
                        if !colons.is("::") || !word.is_word() {
                            break;
                        }
                        segments.push(word.text.clone());
                        at += 2;
                    }
                    if segments.len() > 1 {
                        words.push((segments, line));
                    } else {
                        self.used.entry(file.to_owned()).or_default().extend(segments);
                    }
                }
                _ => at += 1,
            }
            visible = false;
        }
        for (segments, line) in words {
            // A type of this file, with its items.
            self.used.entry(file.to_owned()).or_default().insert(segments[0].clone());
            self.references.push(Reference { from: path.clone(), path: segments, line, handed_on: None });
        }
        self.modules.insert(path.clone(), module);
        for (name, range) in nested {
            // Files are never declared in braces here.
            self.module(file, &[&path[..], &[name]].concat(), &code[range], &mut Vec::new());
        }
    }

    /// Returns the file that defines the item at `path` in the module `from`, if it is one of the sources. Chains of
    /// imports are followed to a limited depth.
    fn definer(&self, from: &[String], path: &[String], depth: usize) -> Option<&str> {
        if depth > 16 {
            return None;
        }
        let mut at = from.to_vec();
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.truncate(1),
                "self" => {}
                "super" => drop(at.pop()),
                LIBRARY if rest.len() == path.len() && self.modules.contains_key(&[LIBRARY.to_owned()][..]) => {
                    at = vec![LIBRARY.to_owned()];
                }
                _ => break,
            }
            rest = after;
        }
        let is_rooted = rest.len() < path.len();
        if !is_rooted {
            let (first, after) = rest.split_first()?;
            let module = self.modules.get(&at)?;
            if !module.children.contains(first) {
                let target = module.imports.get(first).or_else(|| module.reexports.get(first))?;
                return self.definer(&at, &[&target[..], after].concat(), depth + 1);
            }
        }
        while let Some((first, after)) = rest.split_first() {
            let module = self.modules.get(&at)?;
            let is_last = after.is_empty() || after == ["*"];
            let reexported = module.reexports.get(first).filter(|target| target[..] != [first.clone()]);
            if module.children.contains(first) && !(is_last && reexported.is_some()) {
                at.push(first.clone());
                rest = after;
                continue;
            }
            if let Some(target) = reexported {
                let target = [&target[..], after].concat();
                return self.definer(&at, &target, depth + 1).or(Some(&module.file));
            }
            let behind_glob = module.globs.iter().find_map(|glob| {
                let target = self.definer(&at, glob, depth + 1)?;
                let defines = self.used.get(target)?.contains(first);
                defines.then_some(target)
            });
            return behind_glob.or(Some(&module.file));
        }
        self.modules.get(&at).map(|module| module.file.as_str())
    }

    pub(crate) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for Reference { from, path, line, handed_on } in &self.references {
            let file = &self.modules[from].file;
            let is_used = |name: &String| self.used.get(file).is_some_and(|used| used.contains(name));
            if handed_on.as_ref().is_some_and(|name| !is_used(name)) {
                continue;
            }
            let Some(target) = self.definer(from, path, 0).filter(|target| target != file) else { continue };
            let first = arrows.entry(file.clone()).or_default().entry(target.to_owned()).or_insert(*line);
            *first = (*first).min(*line);
        }
        arrows
    }
}

/// Returns whether a parenthesis after `pub` restricts the visibility, and is not a field of a tuple.
fn is_scope(inside: Option<&Token>) -> bool {
    inside.is_some_and(|token| ["crate", "super", "self", "in"].contains(&token.text.as_str()))
}

pub(crate) fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path == "src/framing/testing.rs"
}

/// Reads the part of a `use` that begins at `at`, and returns the index after it.
fn tree(code: &[Token], mut at: usize, path: &mut Vec<String>, imports: &mut Vec<Import>) -> usize {
    let depth = path.len();
    let mut name = None;
    let mut line = 0;
    while let Some(token) = code.get(at) {
        match token.text.as_str() {
            "{" => {
                let end = closing(code, at);
                at += 1;
                while at < end {
                    at = tree(code, at, path, imports);
                    at += usize::from(code.get(at).is_some_and(|token| token.is(",")));
                }
                path.truncate(depth);
                // The semicolon after the outermost brace is no import.
                return at + 1;
            }
            "::" => {}
            "as" => {
                name = code.get(at + 1).map(|token| token.text.clone());
                at += 1;
            }
            "*" => {
                path.push("*".to_owned());
                line = token.line;
            }
            _ if token.is_word() => {
                path.push(token.text.clone());
                line = token.line;
            }
            _ => break,
        }
        at += 1;
    }
    if path.last().is_some_and(|last| last == "self") && depth > 0 {
        path.pop();
    }
    if let Some(last) = path.last() {
        let name = name.unwrap_or_else(|| last.clone());
        let mut path = path.clone();
        if name == "*" {
            path.pop();
        }
        imports.push(Import { path, name, line });
    }
    path.truncate(depth);
    at
}

/// The folders whose files are separate rooms. Any other file forms one room with the private files of its own
/// folder.
const WINGS: [&str; 6] = ["adapt", "decode", "framing", "protocols", "spec", "testing"];

/// Returns the room of a file.
fn room(file: &str) -> String {
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    let depth = match parts[..] {
        ["cli", ..] => 3,
        [_, first, ..] if WINGS.contains(&first) => 3,
        _ => 2,
    };
    parts[..depth.min(parts.len())].join("/")
}

/// Returns the arrows between files of different rooms, as arrows between rooms.
pub(crate) fn between_rooms(arrows: &Arrows) -> Arrows {
    let mut rooms = Arrows::new();
    for (from, to) in arrows {
        for (file, line) in to {
            let (from, to) = (room(from), room(file));
            if from != to {
                rooms.entry(from).or_default().entry(to).or_insert(*line);
            }
        }
    }
    rooms
}

/// Returns the circles of imports, the shortest first. No arrow is in two of them: a circle that shares an arrow with
/// another appears when the other is removed.
pub(crate) fn circles(arrows: &Arrows) -> Vec<String> {
    let each = arrows.iter().flat_map(|(from, targets)| targets.keys().map(move |target| (from, target)));
    let mut all: Vec<_> = each.filter_map(|(from, target)| shortest(arrows, target, from)).collect();
    all.sort_by_key(Vec::len);
    let mut taken = BTreeSet::new();
    let mut shown = Vec::new();
    for circle in all {
        let lowest = circle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(at, _)| at);
        let file = |step: usize| circle[(lowest + step) % circle.len()];
        let steps: Vec<_> = (0..circle.len()).map(|step| (file(step), file(step + 1))).collect();
        if steps.iter().any(|step| taken.contains(step)) {
            continue;
        }
        let text: String = steps.iter().map(|(from, to)| format!("{from}:{} → ", arrows[*from][*to])).collect();
        shown.push(text + file(0));
        taken.extend(steps);
    }
    shown
}

/// Returns the files of a shortest way, its ends included.
fn shortest<'a>(arrows: &'a Arrows, from: &'a str, to: &'a str) -> Option<Vec<&'a str>> {
    let mut before = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(file) = queue.pop_front() {
        if file == to {
            let mut way = vec![file];
            while way[way.len() - 1] != from {
                way.push(before[way[way.len() - 1]]);
            }
            way.reverse();
            return Some(way);
        }
        for next in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if !before.contains_key(next.as_str()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}
