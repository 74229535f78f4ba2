//! Texts that cannot be read, and any text at all.

use anysplit::number::AnyNumber;
use proptest::prelude::*;

use super::*;

#[test]
fn errors_name_the_column_and_what_belongs_there() {
    let expected = |text: &str, column: usize, what: &str| {
        let error = text.parse::<AnyFraming>().unwrap_err();
        let SpecErrorKind::Expected(found) = error.kind else { panic!("{text}: {error}") };
        assert!(found.contains(what), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
    };
    expected("", 1, "a framing: fixed");
    expected("first@256:a=line", 7, "the offset of the byte");
    expected("lines", 1, "a framing: fixed");
    expected("fixed", 6, "`:`");
    expected("fixed:", 7, "a size");
    expected("fixed:-1", 7, "a size");
    expected("fixed:99999999999999999999", 7, "a size");
    expected("fixed:5,max=1", 8, "the end");
    expected("fixed:5x", 8, "the end");
    expected("u16", 4, "be, le or ne");
    expected("u16bee", 4, "be, le or ne");
    expected("u12be", 1, "u16, u24");
    expected("u32be,mx=10", 7, "max, adjust");
    expected("u32be,", 7, "max, adjust");
    expected("u32be,max", 10, "`=`");
    expected("u32be,max=", 11, "a size");
    expected("ascii", 6, "a width");
    expected("ascii,max=1", 12, "a width");
    expected("ascii:x", 7, "digits");
    expected("line,unterminated=maybe", 19, "take or fail");
    expected("delim:\\q", 7, "an escape");
    expected("delim:a\\x4", 8, "an escape");
    expected("delim:a(", 8, "the end");
    expected("type:", 6, "a type byte");
    expected("type:PQ=1", 7, "`=`");
    expected("type:§=1", 6, "a type byte");
    expected("type:P=8,Q=(u16be,max=100", 26, "`)`");
    expected("type:P=field:size=2", 8, "parentheses");
    expected("type:P=u16be,max=10", 15, "`=`");
    expected("field:", 7, "offset, size");
    expected("field:offset=2", 15, "`size=`");
    expected("field:size=2,second=4", 22, "`:`");
    expected("field:size=2,offset=70000", 21, "65535");
    expected("netstrings", 1, "a framing: fixed");
    expected("first:", 7, "a type byte");
    expected("first:0-", 9, "a type byte");
    expected("first:0", 8, "`=`");
    expected("first:0=field:size=2", 9, "parentheses");
    expected("type:P=first:0=line", 8, "parentheses");
    expected("header", 7, "`:`");
    expected("header:l,separator=ab", 20, "one byte");
    expected("header:l,missing=fail", 18, "empty");
    expected("header:\\xff", 8, "a field's name");
    expected("block:", 7, "a word");
    expected("block:VALUE", 12, "rest, last, or");
    expected("block:VALUE:restless", 12, "rest, last, or");
    expected("block:VALUE:last:always", 18, "nocase, sp or none=");
    expected("block:VALUE:256", 13, "1 to 255");
    expected("bcd", 4, "`:`");
    expected("escaped:256", 9, "0x7f");
    expected("escaped:7,step=5", 17, "`:`");
    expected("chunked,mx=1", 9, "max, maxheader");
    expected("http1,mx=1", 7, "answers, max, maxheader");
    expected("http1,answers=GET", 15, "HEAD or CONNECT");
    expected("slip,mx=1", 6, "an option of slip: max, sum, form");
    expected("(u8", 4, "`)`");
    expected("(u8),max=1", 6, "an option of parentheses");
    expected("(u8)x", 5, "the end");
    expected("u8 then", 3, "the end");
    expected("u8 then ", 9, "a framing: fixed");
    expected("u8  then u8", 3, "the end");
    expected("u8 then x", 9, "a framing: fixed");
    expected("type:P=(u8),start=$", 14, "`=`");
    // Columns are characters.
    expected("delim:§§,x", 10, "write, start, between, forbid, keep");
}

#[test]
fn framing_that_cannot_be_built_has_the_constructors_error() {
    let refused = |text: &str, column: usize, kind: SpecErrorKind| {
        assert_eq!(text.parse::<AnyFraming>(), Err(SpecError { column, kind }));
    };
    let config = |text: &str, column, error| refused(text, column, SpecErrorKind::Config(error));
    config("fixed:0", 7, ConfigError::ZeroLength);
    config("ascii:21", 7, ConfigError::Width { found: 21, min: 1, max: 20 });
    config("ascii,end=1", 11, ConfigError::LiteralStartsWithDigit { found: b'1' });
    config("ascii,end=", 11, ConfigError::EmptyLiteral);
    config("u16be,mask=0x5", 12, ConfigError::BitMask { found: 5 });
    config("delim:", 7, ConfigError::EmptyLiteral);
    config("delim:a|", 9, ConfigError::EmptyLiteral);
    config("delim:a|b|ab", 11, ConfigError::PrefixOfAnother { shorter: 0, longer: 2 });
    config("type:P=1,P=2", 10, ConfigError::DuplicateType { found: b'P' });
    config("field:size=9", 12, ConfigError::Width { found: 9, min: 1, max: 8 });
    config("field:size=2,pad=0", 18, ConfigError::Unit { found: 0, max: 256 });
    config("field:size=2,trailer=1234567890123456", 22, ConfigError::LiteralTooLong { len: 16, max: 15 });
    refused("u16be,max=1,max=1", 13, SpecErrorKind::Repeated);
    refused("block:a:last:nocase:nocase", 21, SpecErrorKind::Repeated);
    config("header:|l", 9, ConfigError::Conflict("a second name of the length needs a first one"));
    config("block:a:last:none=1:none=2:none=3", 33, ConfigError::TooMany { found: 3, max: 2 });
    config("first:0-9=line,5=line", 16, ConfigError::DuplicateType { found: b'5' });
    config("bcd:9", 5, ConfigError::Width { found: 9, min: 1, max: 8 });
    config("escaped:5", 9, ConfigError::BitMask { found: 5 });
    config("field:size=2,extra=0:5", 20, ConfigError::BitMask { found: 5 });
    config("field:size=2,extra=0:1:0", 20, ConfigError::Unit { found: 0, max: 255 });
    config("line,start=", 12, ConfigError::EmptyLiteral);
    config("u8,start=", 10, ConfigError::EmptyLiteral);
    config("(u8),start=", 12, ConfigError::EmptyLiteral);
    for text in
        ["header:l,lf,fieldend=;", "header:l,until=;,missing=empty", "header:l,separator=\\n", "header:l,forbid=l"]
            .into_iter()
            .chain(["first:9-0=line", "escaped:7,step=8:u8", "escaped:7,mask=1", "u8,step=1:u8", "block:a:0"])
    {
        let error = text.parse::<AnyFraming>().unwrap_err();
        assert!(matches!(error.kind, SpecErrorKind::Config(ConfigError::Conflict(_))), "{text}: {error}");
    }
    for text in ["field:size=2,header=4,after=2", "varint,mask=1", "u8,longer", "u8,end=:", "netstring,end=:"] {
        let error = text.parse::<AnyFraming>().unwrap_err();
        assert!(matches!(error.kind, SpecErrorKind::Config(ConfigError::Conflict(_))), "{text}: {error}");
    }
}

#[test]
fn error_is_rendered_below_the_text() {
    let text = "delim:\t§,kep";
    let error = text.parse::<AnyFraming>().unwrap_err();
    let expected = "delim:·§,kep\n         ^ expected an option of delimiters: write, start, between, forbid, keep, unterminated, max";
    assert_eq!(error.rendered(text).to_string(), expected);
    assert_eq!(
        error.to_string(),
        "column 10: expected an option of delimiters: write, start, between, forbid, keep, unterminated, max"
    );
}

#[test]
fn nesting_has_a_greatest_depth() {
    let nested = |depth: usize| format!("{}type:A=1{}", "type:A=(".repeat(depth), ")".repeat(depth));
    let deep = parsed(&nested(anysplit::spec::MAX_DEPTH));
    assert_eq!(parsed(&deep.to_string()), deep);
    for depth in [anysplit::spec::MAX_DEPTH + 1, 1_000_000] {
        let error = nested(depth).parse::<AnyFraming>().unwrap_err();
        let max = anysplit::spec::MAX_DEPTH;
        assert_eq!(error, SpecError { column: 8 * max + 8, kind: SpecErrorKind::TooDeep { max } });
    }
    // So do the framings after one another.
    let chain = |depth: usize| format!("{}u8", "u8 then ".repeat(depth));
    let deep = parsed(&chain(anysplit::spec::MAX_DEPTH));
    assert_eq!(parsed(&deep.to_string()), deep);
    for depth in [anysplit::spec::MAX_DEPTH + 1, 1_000_000] {
        let error = chain(depth).parse::<AnyFraming>().unwrap_err();
        let max = anysplit::spec::MAX_DEPTH;
        assert_eq!(error, SpecError { column: 8 * max + 3, kind: SpecErrorKind::TooDeep { max } });
    }
    assert!("(".repeat(1_000_000).parse::<AnyFraming>().is_err());
    // Without parentheses nothing nests.
    assert!("type:A=".repeat(1_000_000).parse::<AnyFraming>().is_err());
}

/// Texts that are nearly right.
fn nearly() -> impl Strategy<Value = String> {
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), 0..3_u8, "[a-z0-9,|()=:\\\\x -]"), 1..4);
    (specs::any_framing(), edits).prop_map(|(framing, edits)| {
        let mut text: Vec<char> = framing.to_string().chars().collect();
        for (index, edit, with) in edits {
            let at = index.index(text.len() + 1);
            match edit {
                0 => text.insert(at, with.chars().next().unwrap()),
                _ if at == text.len() => {}
                1 => text[at] = with.chars().next().unwrap(),
                _ => text.truncate(at),
            }
        }
        String::from_iter(text)
    })
}

/// Reading ends with a framing that is written and read as itself, or with an error inside the text.
fn reads_or_says_why(text: &str) -> Result<(), TestCaseError> {
    match text.parse::<AnyFraming>() {
        Ok(framing) => prop_assert_eq!(framing.to_string().parse::<AnyFraming>(), Ok(framing)),
        Err(error) => {
            prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}", error);
            prop_assert!(error.rendered(text).to_string().lines().count() == 2);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn written_text_form_reads_back(framing in specs::any_framing()) {
        let text = framing.to_string();
        prop_assert_eq!(text.parse(), Ok(framing), "{}", text);
    }

    #[test]
    fn every_number_is_written_as_in_a_prefix(number in specs::any_number()) {
        let AnyFraming::Prefix(prefix) = parsed(&number.to_string()) else { panic!() };
        prop_assert_eq!(*prefix.number(), number);
        let _: AnyNumber = number;
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        reads_or_says_why(&text)?;
    }

    #[test]
    fn text_that_is_nearly_right_is_read_or_refused(text in nearly()) {
        reads_or_says_why(&text)?;
    }
}
