//! Lines.

#![no_std]
#![no_main]

use anysplit::Delimited;

anysplit_sizes::program!(anysplit_sizes::echo_small(Delimited::line(), b"123456789\r\n"));
