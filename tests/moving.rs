//! A program over the two codecs of `tokio_util` moves over with fewer than ten changed lines.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "moving/adapters.rs"]
mod adapters;
#[path = "moving/after.rs"]
mod after;
#[path = "moving/before.rs"]
mod before;

use std::io;

use tokio::net::TcpListener;

/// Returns how many lines differ: the longer side of each changed place.
fn changed_lines(before: &str, after: &str) -> usize {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // The most lines that the two have in common from each pair of places on, in order.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut changed) = (0, 0, 0);
    let (mut removed, mut added) = (0_usize, 0_usize);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            changed += removed.max(added);
            (i, j, removed, added) = (i + 1, j + 1, 0, 0);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            (i, removed) = (i + 1, removed + 1);
        } else {
            (j, added) = (j + 1, added + 1);
        }
    }
    changed + removed.max(added)
}

#[test]
fn fewer_than_ten_of_66_lines_change() {
    assert_eq!(changed_lines("a\nb\nc", "a\nx\ny\nc\nd"), 3);
    let (before, after) = (include_str!("moving/before.rs"), include_str!("moving/after.rs"));
    assert_eq!(before.lines().count(), 66);
    let changed = changed_lines(before, after);
    assert!((1..10).contains(&changed), "{changed} lines differ");
}

/// Each side, moved over or not, talks with each other one.
#[tokio::test]
async fn program_means_the_same_before_and_after() -> io::Result<()> {
    let packets = ["one", "", "a longer packet"];
    for moved in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if moved { after::serve(listener, 2).await } else { before::serve(listener, 2).await }
        });
        let answers = before::run(address, "old", &packets).await?;
        assert_eq!(answers, [&b"eno"[..], b"", b"tekcap regnol a"]);
        assert_eq!(after::run(address, "new", &packets).await?, answers);
        assert_eq!(server.await.unwrap()?, 6);
    }
    Ok(())
}

/// A greeting over the limit ends the session.
#[tokio::test]
async fn both_refuse_a_line_over_the_limit() -> io::Result<()> {
    for moved in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let client = tokio::spawn(async move { before::run(address, &"x".repeat(100), &[]).await });
        let served = if moved { after::serve(listener, 1).await } else { before::serve(listener, 1).await };
        assert!(served.is_err());
        // The client's own encoder has no limit, and the server has gone.
        assert!(client.await.unwrap().is_err());
    }
    Ok(())
}
