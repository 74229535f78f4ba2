//! The documents: every relative link leads to a file, and every anchor to a heading.

// Miri reads no files.
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The lines that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// Returns the anchors of the headings, as GitHub makes them.
fn anchors(text: &str) -> HashSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|&char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
            kept.map(|char| if char == ' ' { '-' } else { char }).collect()
        })
        .collect()
}

/// Returns the targets of all links, without those in code.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(text) {
        // Code between back quotes may look like a link.
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("_");
        let mut rest = plain.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else { break };
            targets.push(target.to_owned());
            rest = after;
        }
    }
    targets
}

#[test]
fn every_relative_link_leads_somewhere() {
    let root = Path::new(ROOT);
    let mut found = Vec::new();
    documents(root, &mut found);
    let (mut links, mut broken) = (0, Vec::new());
    for document in &found {
        let text = fs::read_to_string(document).unwrap();
        for target in targets(&text) {
            // Those with `::` are for rustdoc, which checks them itself.
            if target.contains("://") || target.contains("::") || target.is_empty() {
                continue;
            }
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let linked = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let leads = linked.exists()
                && (anchor.is_empty() || anchors(&fs::read_to_string(&linked).unwrap()).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(links > 10, "{links} links");
}

/// README and SECURITY have the same table of the laws, and the tests that it names exist.
#[test]
fn table_of_the_laws_is_the_same_everywhere() {
    let root = Path::new(ROOT);
    let table = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let lines = text.lines().skip_while(|line| !line.starts_with("| law | proved |"));
        lines.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let (readme, security) = (table("README.md"), table("SECURITY.md"));
    assert_eq!(readme, security);
    assert_eq!(readme.len(), 12, "ten laws and a heading");
    for name in readme.iter().flat_map(|line| line.split('`')).filter(|name| name.starts_with("tests/")) {
        assert!(root.join(name).exists(), "{name}");
    }
}

/// The Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every framing, number and stuffing is among those that are explored on machine code, and the table in `proofs/README.md` has
/// a row for each function.
#[test]
fn machine_code_check_covers_every_framing() {
    let root = Path::new(ROOT);
    let configs = fs::read_to_string(root.join("proofs/symbolic/src/configs.rs")).unwrap();
    // Those that call one of the others, and the two that `Stuffed::slip` and `Stuffed::cobs` make.
    let others = ["AnyFraming", "AnyValues", "AnyNumber", "AnyStuffing", "Slip", "Cobs"];
    let mut found = Vec::new();
    for folder in ["src/framing", "src/number", "src/answers", "src/rtmp"] {
        sources(&root.join(folder), &mut found);
    }
    let mut names = HashSet::new();
    for path in found {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| line.starts_with("impl")) {
            for word in [
                "> Framing for ",
                "> Number for ",
                "> Stuffing for ",
                "impl Framing for ",
                "impl Number for ",
                "impl Stuffing for ",
            ] {
                let Some((_, name)) = line.split_once(word) else { continue };
                let end = name.find(|char: char| !char.is_alphanumeric()).unwrap_or(name.len());
                names.insert(name[..end].to_owned());
            }
        }
    }
    names.remove("");
    let words: HashSet<&str> = configs.split(|char: char| !char.is_alphanumeric()).collect();
    let missing: Vec<&String> =
        names.iter().filter(|name| !words.contains(name.as_str()) && !others.contains(&name.as_str())).collect();
    assert!(
        names.len() > 35 && missing.is_empty(),
        "of {} names, add {missing:?} to proofs/symbolic/src/configs.rs",
        names.len()
    );

    let readme = fs::read_to_string(root.join("proofs/README.md")).unwrap();
    let rows: HashSet<&str> = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let functions: HashSet<&str> =
        configs.lines().filter_map(|line| line.trim_start().strip_prefix("check_")?.split(',').next()).collect();
    let rowless: Vec<_> = functions.difference(&rows).collect();
    assert!(
        functions.len() > 50 && rowless.is_empty(),
        "of {} functions, {rowless:?} have no row in proofs/README.md",
        functions.len()
    );
}
