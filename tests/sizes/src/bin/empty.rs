//! The program that the others are compared with.

#![no_std]
#![no_main]

anysplit_sizes::program!(0);
