//! `anysplit sizes`.

use crate::run::{fails, gives, run};

#[test]
fn sizes_shows_bytes_of_numbers_and_marks_the_best() {
    let out = "\
6 numbers from 0 to 70000, 66.67 % of them 0 or 1

  representation       5 is                     bytes  a number  ratio  shortest
  decimal, terminated  5:                          17      2.83   2.13    0.00 %
  decimal, 5 digits    00005                       30      5.00   3.75    0.00 %
  decimal, 10 digits   0000000005                  60     10.00   7.50    0.00 %
  decimal, 20 digits   00000000000000000005       120     20.00  15.00    0.00 %
  hex, terminated      5:                          17      2.83   2.13    0.00 %
  hex, 4 digits        0005                       does not fit: 1 of 6    0.00 %
  hex, 8 digits        00000005                    48      8.00   6.00    0.00 %
  hex, 16 digits       0000000000000005            96     16.00  12.00    0.00 %
  16 bits              00 05                      does not fit: 1 of 6    0.00 %
  32 bits              00 00 00 05                 24      4.00   3.00    0.00 %
  64 bits              00 00 00 00 00 00 00 05     48      8.00   6.00    0.00 %
* LEB128               05                           8      1.33   1.00  100.00 %
  QUIC                 05                           9      1.50   1.13   83.33 %

  text against           shorter   as long    longer  does not fit
  16 bits                 0.00 %   66.67 %   16.67 %       16.67 %
  32 bits                83.33 %    0.00 %   16.67 %        0.00 %
  64 bits               100.00 %    0.00 %    0.00 %        0.00 %
  LEB128                  0.00 %    0.00 %  100.00 %        0.00 %
  QUIC                    0.00 %    0.00 %  100.00 %        0.00 %
";
    for text in ["0 1 1 0 70000 16\n", "0,1,1,0,70000,0x10", "\r\n\r\n0x0\t1, 1 ,00\n,70000\n  0X10,,\n"] {
        for size in ["1", "2", "3", "1000"] {
            gives(&["sizes", "--read-size", size], text, out);
        }
    }
    gives(&["sizes", "-", "--color", "never"], "0 1 1 0 70000 16", out);
}

#[test]
fn sizes_takes_numbers_for_lengths_of_messages() {
    let out = "
As lengths: 3 messages, 100000 bytes of payload

  framing    around 5      bytes  a message  ratio  shortest
  ascii:5    00005…           15       5.00   5.00    0.00 %
  u16be      00 05…           does not fit: 1 of 3    0.00 %
  u32be      00 00 00 05…     12       4.00   4.00    0.00 %
  varint     05…               5       1.67   1.67   66.67 %
  netstring  5:…,             13       4.33   4.33    0.00 %
* line       …\\n               3       1.00   1.00  100.00 %
";
    let run = run(&["sizes", "--lengths"], "0\n1\n99999\n");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out.split_once("\n\nAs lengths").map(|(_, after)| format!("\nAs lengths{after}")).unwrap(), out);
}

#[test]
fn sizes_of_no_numbers_are_zero() {
    for text in ["", "\n", " ,\t, \r\n"] {
        gives(&["sizes"], text, "no numbers\n");
        gives(&["sizes", "--lengths"], text, "no numbers\n");
    }
    #[cfg(unix)]
    gives(&["sizes", "/dev/null"], "", "no numbers\n");
}

#[test]
fn sizes_reports_the_place_of_a_word_that_is_no_number() {
    let no = |word: &str| format!("`{word}` is no number: digits belong here, or 0x and hexadecimal digits");
    for (text, place, what) in [
        ("1 2\n3, four 5\n", "line 2, column 4", no("four")),
        ("-1", "line 1, column 1", no("-1")),
        ("1\n\n  12a", "line 3, column 3", no("12a")),
        ("1.5", "line 1, column 1", no("1.5")),
        ("7 0x\n", "line 1, column 3", no("0x")),
        ("0x0x1", "line 1, column 1", no("0x0x1")),
        ("\u{fc}", "line 1, column 1", no("\\xc3\\xbc")),
        ("18446744073709551616", "line 1, column 1", "`18446744073709551616` is over 18446744073709551615".to_owned()),
        ("0x10000000000000000 ", "line 1, column 1", "`0x10000000000000000` is over 18446744073709551615".to_owned()),
        ("99999999999999999999999z", "line 1, column 1", no("99999999999999999999999z")),
    ] {
        for size in ["1", "1000"] {
            let run = fails(&["sizes", "--read-size", size], text, 1, &format!("error: {place}: {what}\n"));
            assert_eq!(run.out, "");
        }
    }
    // No more of it is kept than is shown.
    let long = [&b"1 "[..], &[b'x'; 100_000]].concat();
    fails(&["sizes"], long, 1, &format!("line 1, column 3: {}", no(&format!("{}…", "x".repeat(32)))));
    fails(&["sizes", "no/such/file"], "", 2, "cannot open no/such/file");
}

#[test]
fn sizes_reads_the_greatest_numbers_and_any_zeros_before_them() {
    let zeros = "0".repeat(100_000);
    let greatest = u64::MAX;
    let run = run(&["sizes"], format!("{zeros}{greatest} 0x{zeros}{greatest:X}"));
    assert!(
        run.out.starts_with("2 numbers from 18446744073709551615 to 18446744073709551615, 0.00 % of them"),
        "{}",
        run.err
    );
    let unfit = run.out.lines().filter(|line| line.contains("does not fit: 2 of 2"));
    let unfit: Vec<_> = unfit.map(|line| line.get(2..18).unwrap().trim_end()).collect();
    assert_eq!(
        unfit,
        ["decimal, 5 digit", "decimal, 10 digi", "hex, 4 digits", "hex, 8 digits", "16 bits", "32 bits", "QUIC"]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn sizes_of_many_numbers_take_little_memory() {
    let part = b"0 1 70000 123456789\n".repeat(20_000);
    let (one, _) = crate::run::peak_memory(&["sizes"], &part, 1);
    // If they were kept, they would be more than 6 MiB.
    let (many, _) = crate::run::peak_memory(&["sizes"], &part, 10);
    assert!(many < one + 2048, "{one} KiB, {many} KiB");
}
