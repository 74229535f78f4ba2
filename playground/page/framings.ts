// Common framings, with a sentence for those who do not know them.

export interface Preset {
  spec: string;
  name: string;
  rule: string;
}

export const PRESETS: Preset[] = [
  { spec: "netstring", name: "Netstring", rule: "Here the length stands before each message, in digits, and a comma follows it." },
  { spec: "u32be", name: "4-byte length", rule: "Here four bytes before each message hold its length." },
  { spec: "varint", name: "Short length", rule: "Here a number before each message holds its length, in as few bytes as possible." },
  { spec: "line", name: "Lines", rule: "Here a line feed ends each message, so no message can contain one." },
  { spec: "cobs", name: "COBS", rule: "Here a zero byte ends each message, and zeros inside it are sent as other bytes." },
  { spec: "slip", name: "SLIP", rule: "Here the byte c0 ends each message; inside one, two other bytes stand for it." },
  {
    spec: "(u16be),sum=CRC-16/XMODEM",
    name: "Length and checksum",
    rule: "Here two bytes before each message hold its length, and a checksum after it shows damage.",
  },
  {
    spec: "escape:~:},lead,sum=CRC-16/IBM-SDLC,form=le",
    name: "HDLC",
    rule: "Here the byte 7e begins and ends each message, and a checksum before the end shows damage.",
  },
];

/** Other text forms that the field suggests. */
export const SUGGESTED = ["u8", "u16be", "u16le", "u64be", "ascii:5", "hex:4", "bcd:2", "line,crlf", "anyline", "delim:\\0", "fixed:5", "pkt-line", "json", "chunked", "close"];
