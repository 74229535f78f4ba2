//! A length of 16 bits before each message.

#![no_std]
#![no_main]

use anysplit::Prefix;

anysplit_sizes::program!(anysplit_sizes::echo_small(Prefix::u16_be(), b"\x00\x09123456789"));
